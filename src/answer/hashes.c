/* SPDX-License-Identifier: MIT */
#include "hashes.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The name of a hash, as a key (dns/dname.h). */
struct hashed {
	uint16_t len;
	uint8_t key[];
};

/* Returns false if it is there already. */
static bool
name_add(struct trie *hashes, const struct nsec3 *nsec3, const uint8_t *key,
    size_t len)
{
	uint8_t hash[NSEC3_HASH];
	struct hashed *hashed;

	nsec3_hash(nsec3, key, len, hash);
	if (trie_get(hashes, hash, sizeof(hash)) != NULL)
		return false;
	hashed = mem_new(sizeof(*hashed) + len);
	hashed->len = (uint16_t)len;
	memcpy(hashed->key, key, len);
	trie_set(hashes, hash, sizeof(hash), hashed);
	return true;
}

void
hashes_add(struct trie *hashes, const struct hashing *how, const uint8_t *key,
    size_t len)
{
	if (how->nsec3 == NULL)
		return;
	/* What is there has all that is above it, up to the apex. */
	while (name_add(hashes, how->nsec3, key, len))
		len = dname_parent_len(key, len);
}

void
hashes_remove(struct trie *hashes, const struct hashing *how,
    const uint8_t *key, size_t len)
{
	size_t apex_len = how->apex->len;
	uint8_t hash[NSEC3_HASH];

	if (how->nsec3 == NULL)
		return;
	while (len > apex_len && trie_get(how->owners, key, len) == NULL &&
	       !trie_has_below(how->owners, key, len)) {
		nsec3_hash(how->nsec3, key, len, hash);
		(void)trie_remove(hashes, hash, sizeof(hash));
		len = dname_parent_len(key, len);
	}
}

/* What a walk over owners is doing. */
struct begin {
	struct trie *hashes;
	const struct hashing *how;
};

static bool
owner_visit(const struct trie_entry *entry, void *arg)
{
	const struct begin *begin = arg;

	hashes_add(begin->hashes, begin->how, entry->key, entry->len);
	return true;
}

void
hashes_init(struct trie *hashes, const struct hashing *how)
{
	struct begin begin = { hashes, how };

	trie_init(hashes, free);
	if (how->nsec3 == NULL)
		return;
	(void)name_add(hashes, how->nsec3, how->apex->key, how->apex->len);
	(void)trie_walk(how->owners, "", 0, owner_visit, &begin);
}

void
hashes_neighbours(const struct trie *hashes, const uint8_t *hash,
    struct buf *unhashed, struct buf *before, struct buf *after)
{
	const struct hashed *name = trie_get(hashes, hash, NSEC3_HASH);
	struct trie_entry entry;

	if (name != NULL) {
		nsec3_label(hash, before);
	} else {
		/* The hashes are a circle, and the apex is always there. */
		if (!trie_below(hashes, hash, NSEC3_HASH, &entry))
			(void)trie_last(hashes, &entry);
		name = entry.value;
		nsec3_label(entry.key, before);
	}
	dname_format(name->key, name->len, unhashed);
	if (!trie_above(hashes, hash, NSEC3_HASH, &entry))
		(void)trie_first(hashes, &entry);
	nsec3_label(entry.key, after);
}
