/* SPDX-License-Identifier: MIT */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

/*
 * Characters of UTF-8 (RFC 3629).  Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decode the character at the start of `left` (>= 1) octets.  Returns how
 * many octets it has, or 0 if it is cut short, not in its shortest form, a
 * surrogate or beyond Unicode; *ret_character is written unless 0.
 */
size_t utf8_decode(const uint8_t *octets, size_t left, uint32_t *ret_character);

/*
 * Return true for what has no place in a line of text: control characters,
 * characters that end a line, byte order marks and non-characters.
 */
bool utf8_is_control(uint32_t character);

#endif
