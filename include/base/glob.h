/* SPDX-License-Identifier: MIT */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

/*
 * Patterns with "*" (any run of characters) and "?" (one character), without
 * regard to ASCII case.  Not fnmatch(3): its time may grow exponentially with
 * the number of stars, and patterns come from outside.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>

/* Return true if `pattern` matches all `len` characters of `text`. */
bool glob_match(const char *pattern, const char *text, size_t len);

#endif
