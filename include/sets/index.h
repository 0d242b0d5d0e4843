/* SPDX-License-Identifier: MIT */
#ifndef SETS_INDEX_H
#define SETS_INDEX_H

/*
 * Many borrowed pointers per key: which services a name concerns, which
 * lineages name a host.  Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "sets/trie.h"

struct index {
	struct trie lists; /* key -> see sets/index.c */
};

/* What is at one key; not to be copied: `items` may point into it. */
struct index_list {
	size_t count;
	void *const *items; /* in the order they were added */
	void *only;         /* the module's */
};

void index_init(struct index *index);
void index_fini(struct index *index);

/*
 * Add `item`, which lies at an even address, at `key`.  Adding the same item
 * again, with no other in between, does nothing; lists are long, so no more is
 * looked at.
 */
void index_add(struct index *index, const void *key, size_t len, void *item);

/* Remove `item` from `key` if it is there. */
void index_remove(
    struct index *index, const void *key, size_t len, const void *item);

/* Return true if there is any item at `key`. */
bool index_has(const struct index *index, const void *key, size_t len);

/* Find the list at `key`, perhaps an empty one, valid until the next change. */
void index_get(const struct index *index, const void *key, size_t len,
    struct index_list *ret_list);

/* The same of an entry of `lists`. */
void index_get_entry(
    const struct trie_entry *entry, struct index_list *ret_list);

#endif
