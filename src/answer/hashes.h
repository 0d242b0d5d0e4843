/* SPDX-License-Identifier: MIT */
#ifndef ANSWER_HASHES_H
#define ANSWER_HASHES_H

/*
 * The names of a zone in the order of their hashes, kept beside its owners
 * where it denies by NSEC3: the apex, every owner, and every empty non-terminal
 * above one (RFC 5155 s7.1).
 * Pure.  Threads: one at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/dname.h"
#include "dns/nsec3.h"
#include "sets/trie.h"

/* What is hashed, and how; all borrowed. */
struct hashing {
	const struct nsec3 *nsec3; /* NULL: nothing is */
	const struct dname *apex;
	const struct trie *owners; /* key of the name -> anything */
};

/* Begin with what the zone has; end it with trie_fini(). */
void hashes_init(struct trie *hashes, const struct hashing *how);

/* An owner came, or is gone. */
void hashes_add(struct trie *hashes, const struct hashing *how,
    const uint8_t *key, size_t len);
void hashes_remove(struct trie *hashes, const struct hashing *how,
    const uint8_t *key, size_t len);

/* See zone_neighbours_hashed(). */
void hashes_neighbours(const struct trie *hashes, const uint8_t *hash,
    struct buf *unhashed, struct buf *before, struct buf *after);

#endif
