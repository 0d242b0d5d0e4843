/* SPDX-License-Identifier: MIT */
#ifndef SETS_INDEX_H
#define SETS_INDEX_H

/*
 * Many borrowed pointers per key: which services a name concerns, which
 * lineages name a host.  Pure.  Threads: one at a time.
 */

#include <stddef.h>

#include "sets/trie.h"

struct index {
	struct trie lists; /* key -> struct index_list */
};

struct index_list {
	size_t count;
	size_t room;
	void *items[]; /* in the order they were added */
};

void index_init(struct index *index);
void index_fini(struct index *index);

/*
 * Add `item` at `key`.  Adding the same item again, with no other in between,
 * does nothing; lists are long, so no more is looked at.
 */
void index_add(struct index *index, const void *key, size_t len, void *item);

/* Remove `item` from `key` if it is there. */
void index_remove(
    struct index *index, const void *key, size_t len, const void *item);

/* Return the list at `key`, valid until the next change; never NULL. */
const struct index_list *index_get(
    const struct index *index, const void *key, size_t len);

#endif
