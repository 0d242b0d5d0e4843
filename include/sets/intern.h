/* SPDX-License-Identifier: MIT */
#ifndef SETS_INTERN_H
#define SETS_INTERN_H

/*
 * A table that keeps one copy of equal things: CA certificates that thousands
 * of lineages share, and the RDATA that names them.  What only the table
 * still holds is swept out whenever the table has doubled since the last
 * sweep, so that the cost stays constant per insertion.
 * Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "sets/trie.h"

struct intern {
	struct trie entries;
	size_t sweep_at; /* entries that trigger the next sweep */
	bool (*is_unused)(const void *value);
};

/*
 * `value_free` drops the table's own reference, `is_unused` tells whether it
 * is the last one.  End with intern_fini().
 */
void intern_init(struct intern *intern, void (*value_free)(void *value),
    bool (*is_unused)(const void *value));

void intern_fini(struct intern *intern);

/* Return the value at `key`, borrowed, or NULL. */
void *intern_get(const struct intern *intern, const void *key, size_t len);

/* Add `value` (one reference passes to the table) at a key without one. */
void intern_add(
    struct intern *intern, const void *key, size_t len, void *value);

#endif
