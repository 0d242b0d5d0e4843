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
name_add(struct zone *zone, const uint8_t *key, size_t len)
{
	uint8_t hash[NSEC3_HASH];
	struct hashed *hashed;

	nsec3_hash(zone->apex->nsec3, key, len, hash);
	if (trie_get(&zone->hashes, hash, sizeof(hash)) != NULL)
		return false;
	hashed = mem_new(sizeof(*hashed) + len);
	hashed->len = (uint16_t)len;
	memcpy(hashed->key, key, len);
	trie_set(&zone->hashes, hash, sizeof(hash), hashed);
	return true;
}

void
zone_hashes_add(struct zone *zone, const uint8_t *key, size_t len)
{
	if (zone->apex->nsec3 == NULL)
		return;
	/* What is there has all that is above it, up to the apex. */
	while (name_add(zone, key, len))
		len = dname_parent_len(key, len);
}

void
zone_hashes_remove(struct zone *zone, const uint8_t *key, size_t len)
{
	size_t apex_len = zone->apex->dname.len;
	uint8_t hash[NSEC3_HASH];

	if (zone->apex->nsec3 == NULL)
		return;
	while (len > apex_len && trie_get(&zone->owners, key, len) == NULL &&
	       !trie_has_below(&zone->owners, key, len)) {
		nsec3_hash(zone->apex->nsec3, key, len, hash);
		(void)trie_remove(&zone->hashes, hash, sizeof(hash));
		len = dname_parent_len(key, len);
	}
}

static bool
owner_visit(const struct trie_entry *entry, void *arg)
{
	zone_hashes_add(arg, entry->key, entry->len);
	return true;
}

void
zone_hashes_init(struct zone *zone)
{
	trie_init(&zone->hashes, free);
	if (zone->apex->nsec3 == NULL)
		return;
	(void)name_add(zone, zone->apex->dname.key, zone->apex->dname.len);
	(void)trie_walk(&zone->owners, "", 0, owner_visit, zone);
}

void
zone_neighbours_hashed(const struct zone *zone, const uint8_t *hash,
    struct buf *unhashed, struct buf *before, struct buf *after)
{
	const struct trie *hashes = &zone->hashes;
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
