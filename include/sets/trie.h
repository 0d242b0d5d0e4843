/* SPDX-License-Identifier: MIT */
#ifndef SETS_TRIE_H
#define SETS_TRIE_H

/*
 * An ordered map from octet strings to values, persistent: trie_copy() makes
 * a second version in constant time, and changing one version copies only the
 * path to the change, so that a frozen version costs nothing to keep and an
 * update costs the depth of the trie, not its size.  Parts that only one
 * version owns are changed in place.
 *
 * A qp-trie: each branch looks at one place of the key and keeps only the
 * children it has (Tony Finch, "qp tries", also Knot DNS and BIND 9.20).
 * Keys may be prefixes of each other; the order is memcmp(), shorter first.
 *
 * Values belong to the trie: it calls value_free when the last version that
 * holds an entry drops it.  Pure.  Threads: one at a time for all versions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trie_node;

struct trie {
	struct trie_node *root;          /* NULL: empty */
	size_t count;                    /* entries */
	void (*value_free)(void *value); /* NULL: values are borrowed */
};

/* One entry as the reader sees it; valid as long as the version it is from. */
struct trie_entry {
	const uint8_t *key;
	size_t len;
	void *value;
};

/* Begin an empty trie; end it with trie_fini(). */
void trie_init(struct trie *trie, void (*value_free)(void *value));

/* Drop this version; what no other version shares is freed. */
void trie_fini(struct trie *trie);

/* Make *ret_copy a second version of `trie`, in constant time. */
void trie_copy(const struct trie *trie, struct trie *ret_copy);

/*
 * Put `value` (not NULL, ownership passes to the trie) at `key` (0..65535
 * octets, copied), replacing what this version had there.
 */
void trie_set(struct trie *trie, const void *key, size_t len, void *value);

/* Remove the entry at `key`; returns false if there is none. */
bool trie_remove(struct trie *trie, const void *key, size_t len);

/* Return the value at `key`, or NULL. */
void *trie_get(const struct trie *trie, const void *key, size_t len);

/*
 * Return the value of the longest entry whose key is `key` or a prefix of it,
 * or NULL.
 */
void *trie_get_longest(const struct trie *trie, const void *key, size_t len);

/*
 * Find the entry with the greatest key below `key`, or the smallest above it.
 * Return false, and leave *ret alone, if there is none.
 */
bool trie_below(const struct trie *trie, const void *key, size_t len,
    struct trie_entry *ret);
bool trie_above(const struct trie *trie, const void *key, size_t len,
    struct trie_entry *ret);

/* Find the first or last entry in order; false if the trie is empty. */
bool trie_first(const struct trie *trie, struct trie_entry *ret);
bool trie_last(const struct trie *trie, struct trie_entry *ret);

/*
 * Call `visit` for each entry whose key has the prefix, in order, until it
 * returns false.  `visit` must not change the trie.  Returns false if a call
 * did.
 */
bool trie_walk(const struct trie *trie, const void *prefix, size_t len,
    bool (*visit)(const struct trie_entry *entry, void *arg), void *arg);

/* Return true if some key has the prefix (and is longer than it). */
bool trie_has_below(const struct trie *trie, const void *prefix, size_t len);

#endif
