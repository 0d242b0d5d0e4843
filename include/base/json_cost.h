/* SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_COST_H
#define BASE_JSON_COST_H

/*
 * What it costs at most to decode a JSON text of somebody else: jansson makes
 * 50 times as much of "[[],[],", and its own limit of depth is a matter of its
 * build.  Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>

struct json_cost {
	size_t depth;  /* of lists and objects in each other */
	size_t lists;  /* and objects */
	size_t values; /* commas, to be exact */
};

/* Return true if the text costs no more than that. */
bool json_cost_is_within(
    const char *text, size_t len, const struct json_cost *most);

#endif
