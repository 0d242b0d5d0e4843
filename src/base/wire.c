/* SPDX-License-Identifier: MIT */
#include "base/wire.h"

#include <assert.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

json_t *
wire_text(const char *text)
{
	size_t len = strlen(text);
	json_t *value = json_stringn(text, len);
	bool is_utf8 = value != NULL;
	struct buf escaped = { 0 };

	if (is_utf8 && memchr(text, '%', len) == NULL)
		return value;
	json_decref(value);
	for (size_t i = 0; i < len; i++) {
		unsigned char octet = (unsigned char)text[i];

		if (octet == '%' || (octet > 0x7f && !is_utf8))
			buf_add_format(&escaped, "%%%02X", octet);
		else
			buf_add(&escaped, text + i, 1);
	}
	value = json_stringn(buf_text(&escaped), escaped.len);
	buf_fini(&escaped);
	return value;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decode two digits; -1 if they are none.  Reads the second after the first. */
static int
octet_value(const char *digits)
{
	int high = digit_value(digits[0]);
	int low = high < 0 ? -1 : digit_value(digits[1]);

	return low < 0 ? -1 : high << 4 | low;
}

/* Undo the escapes of `text`; false if one is cut or stands for a NUL. */
static bool
unescape(const char *text, struct buf *octets)
{
	for (; *text != '\0'; text++) {
		char octet = *text;

		if (octet == '%') {
			int value = octet_value(text + 1);

			if (value <= 0)
				return false;
			octet = (char)value;
			text += 2;
		}
		buf_add(octets, &octet, 1);
	}
	return true;
}

const char *
wire_octets(json_t *value)
{
	const char *text = json_string_value(value);
	struct buf octets = { 0 };
	bool done;

	if (text == NULL || strchr(text, '%') == NULL)
		return text;
	done = unescape(text, &octets) &&
	       json_string_setn_nocheck(value, buf_text(&octets), octets.len) ==
		   0;
	buf_fini(&octets);
	return done ? json_string_value(value) : NULL;
}

json_t *
wire_hex(const uint8_t *data, size_t len)
{
	struct buf hex = { 0 };
	json_t *value;

	buf_add_hex(&hex, data, len);
	value = json_stringn_nocheck(buf_text(&hex), hex.len);
	buf_fini(&hex);
	return value;
}

bool
wire_read_hex(const json_t *value, uint8_t *ret, size_t len)
{
	const char *text = json_string_value(value);

	if (text == NULL || json_string_length(value) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int octet = octet_value(text + 2 * i);

		if (octet < 0)
			return false;
		ret[i] = (uint8_t)octet;
	}
	return true;
}

json_t *
wire_base64(const uint8_t *data, size_t len)
{
	char *text = mem_new((len + 2) / 3 * 4 + 1);
	int written;
	json_t *value;

	assert(len <= INT_MAX / 2);
	written = EVP_EncodeBlock((unsigned char *)text, data, (int)len);
	value = json_stringn_nocheck(text, (size_t)written);
	free(text);
	return value;
}

uint8_t *
wire_read_base64(const json_t *value, size_t *ret_len)
{
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);
	size_t padding = 0;
	uint8_t *data;
	int got;

	if (text == NULL || len == 0 || len % 4 != 0 || len > INT_MAX)
		return NULL;
	while (padding < 2 && text[len - 1 - padding] == '=')
		padding++;
	if (memchr(text, '=', len - padding) != NULL)
		return NULL;
	data = mem_new(len / 4 * 3);
	got = EVP_DecodeBlock(data, (const unsigned char *)text, (int)len);
	/* It skips blanks at the ends: then it is not what we wrote. */
	if (got < 0 || (size_t)got != len / 4 * 3) {
		free(data);
		return NULL;
	}
	*ret_len = (size_t)got - padding;
	return data;
}

int64_t
wire_number(const json_t *object, const char *name, int64_t min, int64_t max,
    bool *is_bad)
{
	const json_t *value = json_object_get(object, name);
	json_int_t number = json_integer_value(value);

	if (json_is_integer(value) && number >= min && number <= max)
		return number;
	*is_bad = true;
	return 0;
}

int64_t
wire_option(const json_t *object, const char *name, int64_t min, int64_t max,
    bool *is_bad)
{
	if (json_object_get(object, name) == NULL)
		return 0;
	return wire_number(object, name, min, max, is_bad);
}

void
wire_set(json_t *object, const char *name, json_t *value)
{
	int failed = json_object_set_new_nocheck(object, name, value);

	assert(failed == 0);
}

void
wire_append(json_t *array, json_t *value)
{
	int failed = json_array_append_new(array, value);

	assert(failed == 0);
}

json_t *
wire_print(const struct fingerprint *print)
{
	/* Device and inode are unsigned, integers of JSON here are not. */
	const int64_t numbers[] = { (int64_t)print->device,
		(int64_t)print->inode, print->size, print->modified,
		print->changed };
	json_t *array = json_array();

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		wire_append(array, json_integer(numbers[i]));
	return array;
}

bool
wire_read_print(const json_t *array, struct fingerprint *print)
{
	int64_t numbers[5];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const json_t *number = json_array_get(array, i);

		if (!json_is_integer(number))
			return false;
		numbers[i] = json_integer_value(number);
	}
	*print = (struct fingerprint){
		.device = (uint64_t)numbers[0],
		.inode = (uint64_t)numbers[1],
		.size = numbers[2],
		.modified = numbers[3],
		.changed = numbers[4],
	};
	return true;
}
