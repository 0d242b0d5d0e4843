/* SPDX-License-Identifier: MIT */
#include "octets.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"

enum { BYTE_ORDER_MARK = 0xfeff };

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
	if (utf8_is_control(character))
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

		size = utf8_decode(octets + i, len - i, &character);
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
