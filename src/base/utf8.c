/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

size_t
utf8_decode(const uint8_t *octets, size_t left, uint32_t *ret_character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t character = octets[0];
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
		if ((octets[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (octets[i] & 0x3f);
	}
	if (character < least[len] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 0;
	*ret_character = character;
	return len;
}

bool
utf8_is_control(uint32_t character)
{
	return character < ' ' || (character >= 0x7f && character < 0xa0) ||
	       character == 0x2028 || character == 0x2029;
}
