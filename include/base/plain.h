/* SPDX-License-Identifier: MIT */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

/*
 * The one way in which text that others made (names of files, of certificates,
 * what peers sent) gets into a line for people or programs: nothing in it ends
 * the line, moves the cursor or turns the writing round.  Such characters, and
 * octets that are no UTF-8, become \xNN, octet by octet.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stddef.h>

/*
 * Write the `len` octets of `text` to `room` of `size` (>= 1) octets, with a
 * NUL, as far as they fit; never a part of a character.  Returns how many
 * octets of `text` that were.
 */
size_t plain_put(char *room, size_t size, const char *text, size_t len);

/* Return all of it, new; free() it. */
char *plain_text(const char *text, size_t len);

enum { PLAIN_MAX = 512 };

/* For an argument of printf(3); what is longer is cut. */
struct plain {
	char text[PLAIN_MAX];
};
struct plain plain_of(const char *text);

#endif
