/* SPDX-License-Identifier: MIT */
#include "config_octets.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { BYTE_ORDER_MARK = 0xfeff };

/*
 * Decode the character at `at`.  Returns its octets, or 0 if it is cut short,
 * not the shortest form, a surrogate or beyond Unicode (RFC 3629 s3).
 */
static size_t
decode(const uint8_t *at, size_t left, uint32_t *ret_character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t character = at[0];
	size_t len = 1;

	if (character >= 0xf0 && character <= 0xf4)
		len = 4;
	else if (character >= 0xe0 && character < 0xf0)
		len = 3;
	else if (character >= 0xc2 && character < 0xe0)
		len = 2;
	else if (character >= 0x80)
		return 0;
	if (len > left)
		return 0;
	if (len > 1)
		character &= 0x7fu >> len;
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (at[i] & 0x3f);
	}
	if (character < least[len] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 0;
	*ret_character = character;
	return len;
}

/*
 * Return what is wrong with a character, or NULL.  libyaml takes U+0085,
 * U+2028 and U+2029 for ends of lines; no editor counts them so.
 */
static const char *
complaint(uint32_t character, bool indentation)
{
	if (character == '\t')
		return indentation ? "a tab; YAML is indented with spaces"
				   : NULL;
	if (character == '\n' || character == '\r')
		return NULL;
	if (character == 0)
		return "a zero octet; the file must be text in UTF-8";
	if (character < ' ' || (character >= 0x7f && character < 0xa0) ||
	    character == 0x2028 || character == 0x2029)
		return "a control character; remove it";
	if (character == BYTE_ORDER_MARK || character == 0xfffe ||
	    character == 0xffff)
		return "a character that has no place in a text; remove it";
	return NULL;
}

enum status
config_octets_check(
    const char *path, const char *text, size_t len, struct problem *problem)
{
	const uint8_t *octets = (const uint8_t *)text;
	bool indentation = true;
	const char *what = NULL;
	size_t column = 1;
	size_t line = 1;
	size_t size = 0;

	for (size_t i = 0; i < len; i += size) {
		uint32_t character = 0;

		size = decode(octets + i, len - i, &character);
		if (i == 0 && character == BYTE_ORDER_MARK)
			continue;
		what = size > 0 ? complaint(character, indentation)
				: "not UTF-8; save the file as UTF-8";
		if (what != NULL)
			break;
		if (character == '\n' ||
		    (character == '\r' &&
			(i + 1 == len || octets[i + 1] != '\n'))) {
			line++;
			column = 1;
			indentation = true;
			continue;
		}
		column++;
		indentation = indentation && character == ' ';
	}
	if (what == NULL)
		return STATUS_OK;
	problem_set(problem, "%s:%zu:%zu: %s", path, line, column, what);
	return STATUS_MALFORMED;
}
