/* SPDX-License-Identifier: MIT */
#include "answer/snapshot.h"

#include <stdlib.h>

#include "base/mem.h"

struct snapshot *
snapshot_freeze(const struct trie *zones)
{
	struct snapshot *snapshot = mem_new(sizeof(*snapshot));

	snapshot->refs = 1;
	trie_copy(zones, &snapshot->zones);
	return snapshot;
}

struct snapshot *
snapshot_ref(struct snapshot *snapshot)
{
	snapshot->refs++;
	return snapshot;
}

void
snapshot_unref(struct snapshot *snapshot)
{
	if (snapshot == NULL || --snapshot->refs > 0)
		return;
	trie_fini(&snapshot->zones);
	free(snapshot);
}

const struct zone *
snapshot_zone(const struct snapshot *snapshot, const struct dname *apex)
{
	return trie_get(&snapshot->zones, apex->key, apex->len);
}

const struct zone *
snapshot_zone_of(const struct snapshot *snapshot, const struct dname *dname)
{
	return trie_get_longest(&snapshot->zones, dname->key, dname->len);
}
