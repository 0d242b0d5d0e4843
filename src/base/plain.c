/* SPDX-License-Identifier: MIT */
#include "base/plain.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { ESCAPED = 4 }; /* octets of \xNN */

/* Marks and overrides of the direction of writing (Unicode UAX 9). */
static bool
turns_round(uint32_t character)
{
	return character == 0x061c || character == 0x200e ||
	       character == 0x200f ||
	       (character >= 0x202a && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069);
}

/* Return the octets of the character there, and whether they stay. */
static size_t
character_at(const char *text, size_t left, bool *ret_stays)
{
	uint32_t character;
	size_t len = utf8_decode((const uint8_t *)text, left, &character);

	*ret_stays = len > 0 && !utf8_is_control(character) &&
		     !turns_round(character);
	return len > 0 ? len : 1;
}

size_t
plain_put(char *room, size_t size, const char *text, size_t len)
{
	size_t used = 0;
	size_t at = 0;

	while (at < len) {
		bool stays;
		size_t octets = character_at(text + at, len - at, &stays);
		size_t needed = stays ? octets : octets * ESCAPED;

		if (needed >= size - used)
			break;
		for (size_t i = 0; i < octets; i++) {
			if (stays)
				room[used++] = text[at + i];
			else
				used += (size_t)snprintf(room + used,
				    size - used, "\\x%02x",
				    (unsigned)(unsigned char)text[at + i]);
		}
		at += octets;
	}
	room[used] = '\0';
	return at;
}

char *
plain_text(const char *text, size_t len)
{
	size_t size = len * ESCAPED + 1;
	char *room = mem_new(size);

	(void)plain_put(room, size, text, len);
	return room;
}

struct plain
plain_of(const char *text)
{
	struct plain plain = { "" };

	(void)plain_put(plain.text, sizeof(plain.text), text, strlen(text));
	return plain;
}
