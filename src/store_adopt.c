/* SPDX-License-Identifier: MIT */
#include "store_data.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* From one version of the configuration to the next (SIGHUP). */
struct adoption {
	struct store *store;
	const struct store *old;
	unsigned *source_of; /* old source -> new source */
	int32_t next_id;
	struct trie edits; /* zones that must get a new serial */
};

static const unsigned source_gone = ~0U;

static bool
lineage_visit(const struct lineage *lineage, void *arg)
{
	const struct adoption *adoption = arg;
	unsigned source = adoption->source_of[lineage->source];

	if (source == source_gone)
		return true;
	if (lineage->chain != NULL)
		(void)store_set_chain(adoption->store, source, lineage->name,
		    chain_ref(lineage->chain));
	if (lineage->problem != NULL)
		(void)store_set_problem(
		    adoption->store, source, lineage->name, lineage->problem);
	if (lineage->deleted != 0)
		(void)store_set_deleted(
		    adoption->store, source, lineage->name, lineage->deleted);
	return true;
}

static void
sources_map(struct adoption *adoption)
{
	const struct config *new = adoption->store->config;
	const struct config *old = adoption->old->config;

	adoption->source_of = mem_array(
	    old->source_count, sizeof(*adoption->source_of));
	for (size_t i = 0; i < old->source_count; i++) {
		adoption->source_of[i] = source_gone;
		for (size_t k = 0; k < new->source_count; k++) {
			if (old->sources[i].type != new->sources[k].type ||
			    strcmp(old->sources[i].path,
				new->sources[k].path) != 0)
				continue;
			adoption->source_of[i] = (unsigned)k;
			(void)store_set_source_problem(adoption->store,
			    (unsigned)k, adoption->old->source_problems[i]);
		}
	}
}

/*
 * PowerDNS keeps the ids of zones for minutes and asks with them, so a zone
 * keeps its id as long as we live, wherever it stands in the file.
 */
static bool
id_visit(const struct trie_entry *entry, void *arg)
{
	struct adoption *adoption = arg;
	const struct zone *old = entry->value;

	if (old->apex->kind == ZONE_OWN && old->apex->id >= adoption->next_id)
		adoption->next_id = old->apex->id + 1;
	return true;
}

/* Owners of services that left the configuration leave at once. */
struct prune {
	const struct store *store;
	struct zone *zone;
};

static bool
prune_visit(const struct trie_entry *entry, void *arg)
{
	const struct prune *prune = arg;

	if (trie_get(&prune->store->services_by_owner, entry->key,
		entry->len) == NULL)
		(void)trie_remove(&prune->zone->owners, entry->key, entry->len);
	return true;
}

static struct zone *
zone_take(const struct store *store, const struct zone *new,
    const struct zone *old, bool *ret_same)
{
	struct zone *zone = zone_copy(old);
	struct prune prune = { store, zone };

	/* Walk the old version: the copy changes under way. */
	(void)trie_walk(&old->owners, "", 0, prune_visit, &prune);
	*ret_same = zone_apex_equal(old->apex, new->apex) &&
		    zone->owners.count == old->owners.count;
	zone_apex_unref(zone->apex);
	zone->apex = new->apex;
	zone->apex->refs++;
	return zone;
}

static bool
zone_visit(const struct trie_entry *entry, void *arg)
{
	struct adoption *adoption = arg;
	struct store *store = adoption->store;
	struct zone *new = entry->value;
	const struct zone *old = trie_get(
	    &adoption->old->zones, entry->key, entry->len);
	bool is_own = new->apex->kind == ZONE_OWN;
	struct zone *zone;
	bool same;

	if (old == NULL || old->apex->kind != new->apex->kind) {
		if (is_own)
			new->apex->id = adoption->next_id++;
		trie_set(
		    &adoption->edits, entry->key, entry->len, zone_copy(new));
		return true;
	}
	new->apex->id = old->apex->id;
	zone = zone_take(store, new, old, &same);
	trie_set(same ? &store->zones : &adoption->edits, entry->key,
	    entry->len, zone);
	return true;
}

void
store_adopt(struct store *store, const struct store *old)
{
	struct adoption adoption = {
		.store = store, .old = old, .next_id = ZONE_ID_FIRST
	};

	(void)trie_walk(&old->zones, "", 0, id_visit, &adoption);
	trie_init(&adoption.edits, store->edits.value_free);
	(void)trie_walk(&store->edits, "", 0, zone_visit, &adoption);
	trie_fini(&store->edits);
	store->edits = adoption.edits;
	sources_map(&adoption);
	store_walk_lineages(old, lineage_visit, &adoption);
	free(adoption.source_of);
}
