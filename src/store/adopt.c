/* SPDX-License-Identifier: MIT */
/* From one version of the configuration to the next (SIGHUP). */
#include "data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct adoption {
	struct store *store;
	const struct store *old;
	unsigned *source_of;  /* old source -> new source */
	struct trie services; /* key of the owner name -> service */
	struct trie edits;    /* zones that must get a new serial */
};

static const unsigned source_gone = ~0U;

static void
lineage_copy(struct store *store, unsigned source, const struct lineage *old)
{
	struct lineage *lineage = store_find_lineage(
	    store, source, old->name, true);

	for (size_t i = 0; i < old->generation_count; i++)
		lineage_restore(lineage, chain_ref(old->generations[i].chain),
		    old->generations[i].since, old->generations[i].replaced);
	store_note_teacher(store, lineage);
	lineage->next = mem_array(old->next_count, sizeof(*lineage->next));
	lineage->next_count = old->next_count;
	for (size_t i = 0; i < old->next_count; i++) {
		lineage->next[i].cert = cert_ref(old->next[i].cert);
		if (old->next[i].chain != NULL)
			lineage->next[i].chain = chain_ref(old->next[i].chain);
	}
	lineage->plan = old->plan;
	if (old->plan.server != NULL)
		lineage->plan.server = mem_string(old->plan.server);
	if (old->file != NULL)
		lineage->file = mem_string(old->file);
	lineage->print = old->print;
	lineage->is_provisional = old->is_provisional;
	lineage->deleted = old->deleted;
	memcpy(lineage->deployed, old->deployed, sizeof(lineage->deployed));
	(void)store_set_remark(store, source, old->name, old->remark);
	(void)store_set_warning(store, source, old->name, old->warning);
	if (old->problem != NULL)
		(void)store_set_problem(store, source, old->name, old->problem);
	store_index_lineage(store, lineage, true);
	store_mark_lineage(store, lineage);
}

static bool
lineage_visit(const struct lineage *lineage, void *arg)
{
	const struct adoption *adoption = arg;
	unsigned source = adoption->source_of[lineage->source];

	if (source != source_gone)
		lineage_copy(adoption->store, source, lineage);
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

static bool
known_zone_visit(const struct trie_entry *entry, void *arg)
{
	struct store *store = arg;
	const struct known_zone *known = entry->value;

	trie_set(&store->known_zones, entry->key, entry->len,
	    mem_copy(known, sizeof(*known)));
	return true;
}

static bool
known_owner_visit(const struct trie_entry *entry, void *arg)
{
	struct store *store = arg;

	trie_set(&store->known_owners, entry->key, entry->len,
	    owner_copy(entry->value));
	return true;
}

/* Owners of services that left, or now lie in another zone, leave at once. */
struct prune {
	const struct adoption *adoption;
	struct zone *zone;
};

static bool
prune_visit(const struct trie_entry *entry, void *arg)
{
	const struct prune *prune = arg;
	struct store *store = prune->adoption->store;
	const struct zone *home = trie_get_longest(
	    &store->edits, entry->key, entry->len);
	struct dname dname = { .len = (uint16_t)entry->len };

	if (trie_get(&prune->adoption->services, entry->key, entry->len) !=
		NULL &&
	    home != NULL &&
	    dname_equal(&home->apex->dname, &prune->zone->apex->dname))
		return true;
	memcpy(dname.key, entry->key, entry->len);
	zone_remove(prune->zone, &dname);
	store_note_gone(store, entry->key, entry->len);
	return true;
}

static bool
zone_visit(const struct trie_entry *entry, void *arg)
{
	struct adoption *adoption = arg;
	struct store *store = adoption->store;
	const struct zone *new = entry->value;
	const struct zone *old = trie_get(
	    &adoption->old->zones, entry->key, entry->len);
	struct prune prune = { .adoption = adoption };
	bool same;

	if (old == NULL || old->apex->kind != new->apex->kind) {
		trie_set(
		    &adoption->edits, entry->key, entry->len, zone_copy(new));
		return true;
	}
	new->apex->id = old->apex->id;
	/* Walk the old version: the copy changes under way. */
	prune.zone = zone_copy(old);
	(void)trie_walk(&old->owners, "", 0, prune_visit, &prune);
	new->apex->refs++;
	zone_set_apex(prune.zone, new->apex);
	same = content_equal(&prune.zone->content, &old->content);
	trie_set(same ? &store->zones : &adoption->edits, entry->key,
	    entry->len, prune.zone);
	return true;
}

/* What a zone had that is no zone of ours any more is gone as well. */
static bool
gone_visit(const struct trie_entry *entry, void *arg)
{
	store_note_gone(arg, entry->key, entry->len);
	return true;
}

static bool
old_zone_visit(const struct trie_entry *entry, void *arg)
{
	const struct adoption *adoption = arg;
	const struct zone *zone = entry->value;

	if (trie_get(&adoption->store->edits, entry->key, entry->len) == NULL)
		(void)trie_walk(
		    &zone->owners, "", 0, gone_visit, adoption->store);
	return true;
}

static bool
again_visit(const struct trie_entry *entry, void *arg)
{
	store_discover_again(arg, entry->key, entry->len);
	return true;
}

static bool
again_zone_visit(const struct trie_entry *entry, void *arg)
{
	const struct zone *zone = entry->value;

	return trie_walk(&zone->owners, "", 0, again_visit, arg);
}

void
store_adopt(struct store *store, const struct store *old)
{
	struct adoption adoption = { .store = store, .old = old };

	assert(old->edits.count == 0);
	(void)trie_walk(&old->known_zones, "", 0, known_zone_visit, store);
	(void)trie_walk(&old->known_owners, "", 0, known_owner_visit, store);
	/* Before owners, for leafs tell of services. */
	sources_map(&adoption);
	store_walk_lineages(old, lineage_visit, &adoption);
	(void)trie_walk(&old->known_owners, "", 0, again_visit, store);
	(void)trie_walk(&old->zones, "", 0, again_zone_visit, store);
	store_index_services(store, &adoption.services);
	(void)trie_walk(&old->zones, "", 0, old_zone_visit, &adoption);
	trie_init(&adoption.edits, store->edits.value_free);
	(void)trie_walk(&store->edits, "", 0, zone_visit, &adoption);
	trie_fini(&store->edits);
	store->edits = adoption.edits;
	if (old->forget_at != 0)
		store_set_forget(store, old->forget_at);
	free(adoption.source_of);
	trie_fini(&adoption.services);
}

static bool
unclaimed_visit(const struct trie_entry *entry, void *arg)
{
	const struct adoption *adoption = arg;

	if (trie_get(&adoption->services, entry->key, entry->len) == NULL)
		store_note_gone(adoption->store, entry->key, entry->len);
	return true;
}

void
store_drop_unclaimed(struct store *store)
{
	struct adoption adoption = { .store = store };
	struct trie owners;

	(void)trie_walk(&store->known_owners, "", 0, again_visit, store);
	store_index_services(store, &adoption.services);
	/* Walk a version of its own: the other one changes under way. */
	trie_copy(&store->known_owners, &owners);
	(void)trie_walk(&owners, "", 0, unclaimed_visit, &adoption);
	trie_fini(&owners);
	trie_fini(&adoption.services);
}
