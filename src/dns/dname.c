/* SPDX-License-Identifier: MIT */
#include "dns/dname.h"

#include <assert.h>
#include <string.h>

enum { KEY_END = 0, KEY_ESCAPE = 1 };

/* What is left of a presentation form. */
struct cursor {
	const char *at;
	const char *end;
};

/* One label as it is on the wire, in lower case. */
struct label {
	uint8_t octet[DNAME_LABEL_MAX];
	size_t len;
	bool has_escape; /* an octet that the key has to escape */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Not tolower(): only US-ASCII letters have two cases (RFC 4343 s3). */
static uint8_t
octet_lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? octet - 'A' + 'a' : octet;
}

/* Read DDD of the escape \DDD. */
static bool
cursor_decimal(struct cursor *text, uint8_t *ret_octet)
{
	unsigned int number = 0;

	if (text->end - text->at < 3)
		return false;
	for (int i = 0; i < 3; i++) {
		char digit = *text->at++;

		if (!is_digit(digit))
			return false;
		number = number * 10 + (unsigned int)(digit - '0');
	}
	if (number > UINT8_MAX)
		return false;
	*ret_octet = (uint8_t)number;
	return true;
}

/* Read the octet that text->at points to, escaped or not. */
static bool
cursor_octet(struct cursor *text, uint8_t *ret_octet)
{
	if (*text->at == '\\') {
		text->at++;
		if (text->at == text->end)
			return false;
		if (is_digit(*text->at))
			return cursor_decimal(text, ret_octet);
	}
	*ret_octet = (uint8_t)*text->at++;
	return true;
}

/* Read a label and the dot behind it, if there is one. */
static enum status
cursor_label(struct cursor *text, struct label *ret_label)
{
	struct label label;
	uint8_t octet;

	label.len = 0;
	label.has_escape = false;

	while (text->at < text->end && *text->at != '.') {
		if (!cursor_octet(text, &octet))
			return STATUS_MALFORMED;
		if (label.len == DNAME_LABEL_MAX)
			return STATUS_LIMIT;
		label.octet[label.len++] = octet_lower(octet);
		label.has_escape |= octet <= KEY_ESCAPE;
	}
	if (label.len == 0)
		return STATUS_MALFORMED;
	if (text->at < text->end)
		text->at++;
	*ret_label = label;
	return STATUS_OK;
}

/*
 * Write the label's part of a key so that it ends at `end`; return where it
 * begins.
 */
static uint8_t *
label_key(const struct label *label, uint8_t *end)
{
	*--end = KEY_END;
	if (!label->has_escape) {
		memcpy(end - label->len, label->octet, label->len);
		return end - label->len;
	}
	for (size_t i = label->len; i > 0; i--) {
		uint8_t octet = label->octet[i - 1];

		if (octet <= KEY_ESCAPE) {
			*--end = octet + 1;
			*--end = KEY_ESCAPE;
		} else {
			*--end = octet;
		}
	}
	return end;
}

enum status
dname_parse(const char *text, size_t len, struct dname *ret_name)
{
	struct cursor rest = { .at = text, .end = text + len };
	uint8_t key[DNAME_KEY_MAX];
	uint8_t *end = key + sizeof(key);
	uint8_t *begin = end;
	size_t wire_len = 1; /* the root label */
	struct label label;
	enum status status;

	if (len == 0)
		return STATUS_MALFORMED;
	if (len == 1 && *text == '.')
		rest.at = rest.end;
	/* The text begins with the label that the key ends with. */
	while (rest.at < rest.end) {
		status = cursor_label(&rest, &label);
		if (status != STATUS_OK)
			return status;
		wire_len += 1 + label.len;
		if (wire_len > DNAME_WIRE_MAX)
			return STATUS_LIMIT;
		begin = label_key(&label, begin);
	}
	ret_name->len = (uint16_t)(end - begin);
	memcpy(ret_name->key, begin, ret_name->len);
	return STATUS_OK;
}

/*
 * Append one octet of a label so that a zone file may hold it: what RFC 1035
 * s5.1 gives a meaning is quoted, what cannot be printed becomes \DDD.
 */
static void
format_octet(uint8_t octet, struct buf *text)
{
	static const char special[] = "\".;\\()@$";

	if (octet <= ' ' || octet >= 0x7f) {
		buf_add_format(text, "\\%03u", (unsigned int)octet);
		return;
	}
	if (memchr(special, octet, sizeof(special) - 1) != NULL)
		buf_add(text, "\\", 1);
	buf_add(text, &octet, 1);
}

/* What host names and owner names are made of. */
static bool
is_ordinary(uint8_t octet)
{
	return (octet >= 'a' && octet <= 'z') ||
	       (octet >= '0' && octet <= '9') || octet == '-' || octet == '_';
}

static void
format_label(const uint8_t *key, size_t len, struct buf *text)
{
	size_t done = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_ordinary(key[i]))
			continue;
		buf_add(text, key + done, i - done);
		if (key[i] == KEY_ESCAPE) {
			assert(i + 1 < len);
			i++;
			format_octet(key[i] - 1, text);
		} else {
			format_octet(key[i], text);
		}
		done = i + 1;
	}
	buf_add(text, key + done, len - done);
	buf_add(text, ".", 1);
}

void
dname_format(const uint8_t *key, size_t len, struct buf *text)
{
	dname_format_relative(key, len, 0, text);
}

char *
dname_text(const struct dname *name)
{
	struct buf text = { 0 };

	dname_format(name->key, name->len, &text);
	(void)buf_text(&text);
	return text.data;
}

size_t
dname_wire(const uint8_t *key, size_t len, uint8_t *wire)
{
	size_t to = 0;

	/* The key ends with the label that the wire form begins with. */
	while (len > 0) {
		size_t begin = dname_parent_len(key, len);
		uint8_t *count = &wire[to++];

		for (size_t i = begin; i < len - 1; i++) {
			bool escaped = key[i] == KEY_ESCAPE;

			i += escaped;
			wire[to++] = (uint8_t)(key[i] - escaped);
		}
		*count = (uint8_t)(&wire[to] - count - 1);
		len = begin;
	}
	wire[to++] = 0;
	return to;
}

bool
dname_is_within(const struct dname *name, const struct dname *ancestor)
{
	return name->len >= ancestor->len &&
	       memcmp(name->key, ancestor->key, ancestor->len) == 0;
}

bool
dname_equal(const struct dname *a, const struct dname *b)
{
	return a->len == b->len && memcmp(a->key, b->key, a->len) == 0;
}

size_t
dname_parent_len(const uint8_t *key, size_t len)
{
	assert(len > 0 && key[len - 1] == KEY_END);
	len--;
	while (len > 0 && key[len - 1] != KEY_END)
		len--;
	return len;
}

size_t
dname_labels(const uint8_t *key, size_t len)
{
	size_t labels = 0;

	for (size_t i = 0; i < len; i++)
		if (key[i] == KEY_END)
			labels++;
	return labels;
}

void
dname_format_relative(
    const uint8_t *key, size_t len, size_t apex_len, struct buf *text)
{
	assert(apex_len <= len);
	if (len == apex_len)
		buf_add(text, ".", 1);
	while (len > apex_len) {
		size_t parent = dname_parent_len(key, len);

		assert(parent >= apex_len);
		format_label(key + parent, len - 1 - parent, text);
		len = parent;
	}
}
