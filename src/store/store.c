/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bind.h"
#include "discover.h"
#include "former.h"
#include "learn.h"

struct store *
store_new(const struct config *config, struct tlsa_pool *pool,
    const struct issuers *issuers)
{
	struct store *store = mem_new(sizeof(*store));

	store->config = config;
	store->pool = pool;
	store->issuers = issuers;
	lineages_init(&store->lineages, config->source_count);
	zones_init(&store->zones, config);
	trie_init(&store->formers, NULL);
	services_init(&store->services, config, &store->zones);
	return store;
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	store_free_discovered(store);
	services_fini(&store->services);
	lineages_fini(&store->lineages);
	zones_fini(&store->zones);
	trie_fini(&store->formers);
	issuers_unref(store->learned);
	free(store);
}

void
store_set_issuers(struct store *store, const struct issuers *issuers)
{
	store->issuers = issuers;
	issuers_unref(store->learned);
	store->learned = NULL;
	store->is_unlearned = true;
	services_mark_all(&store->services);
}

void
store_set_lag(struct store *store, const struct publication_lag *lag)
{
	store->lag = lag;
}

void
store_set_dnssec(struct store *store, const struct dname *dname,
    const struct nsec3 *nsec3, const struct content *content)
{
	const struct zone *zone = zones_find(&store->zones, dname);
	struct zone_apex *apex;

	if (zone == NULL || zone->apex->kind != ZONE_OWN ||
	    !dname_equal(&zone->apex->dname, dname))
		return;
	apex = zone_apex_copy(zone->apex);
	free(apex->nsec3);
	apex->nsec3 = nsec3 != NULL ? mem_copy(nsec3, sizeof(*nsec3)) : NULL;
	apex->dnssec = *content;
	if (zone_apex_equal(apex, zone->apex))
		zone_apex_unref(apex);
	else
		zone_set_apex(zones_edit(&store->zones, zone), apex);
}

/* From one version of the configuration to the next (SIGHUP). */
struct adoption {
	struct store *store;
	const struct store *old;
	unsigned *source_of;  /* old source -> new source */
	struct trie services; /* key of the owner name -> service */
	struct former_index formers;
	struct trie edits; /* zones that must get a new serial */
};

static const unsigned source_gone = ~0U;

static void
lineage_copy(struct store *store, unsigned source, const struct lineage *old)
{
	struct lineage *lineage = lineages_add(
	    &store->lineages, source, old->name);

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
	lineage_put_deployed(lineage, old->deployed, old->deployed_count);
	(void)store_set_remark(store, source, old->name, old->remark);
	(void)store_set_warning(store, source, old->name, old->warning);
	if (old->problem != NULL)
		(void)store_set_problem(store, source, old->name, old->problem);
	store_enter_lineage(store, lineage);
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
			    (unsigned)k,
			    adoption->old->lineages.source_problems[i]);
		}
	}
}

static bool
known_zone_visit(const struct trie_entry *entry, void *arg)
{
	struct store *store = arg;
	const struct known_zone *known = entry->value;

	trie_set(&store->zones.known, entry->key, entry->len,
	    mem_copy(known, sizeof(*known)));
	return true;
}

static bool
known_owner_visit(const struct trie_entry *entry, void *arg)
{
	struct store *store = arg;

	trie_set(&store->zones.known_owners, entry->key, entry->len,
	    owner_copy(entry->value));
	return true;
}

/* Owners of services that left, or now lie in another zone, leave at once. */
struct prune {
	struct adoption *adoption;
	struct zone *zone;
};

static bool
prune_visit(const struct trie_entry *entry, void *arg)
{
	const struct prune *prune = arg;
	struct store *store = prune->adoption->store;
	const struct zone *home = trie_get_longest(
	    &store->zones.edits, entry->key, entry->len);
	struct dname dname = { .len = (uint16_t)entry->len };

	if (home != NULL &&
	    dname_equal(&home->apex->dname, &prune->zone->apex->dname) &&
	    (trie_get(&prune->adoption->services, entry->key, entry->len) !=
		    NULL ||
		former_claim(&prune->adoption->formers, entry->key, entry->len,
		    entry->value)))
		return true;
	memcpy(dname.key, entry->key, entry->len);
	zone_remove(prune->zone, &dname);
	zones_note_gone(&store->zones, entry->key, entry->len);
	return true;
}

static bool
zone_visit(const struct trie_entry *entry, void *arg)
{
	struct adoption *adoption = arg;
	struct store *store = adoption->store;
	const struct zone *new = entry->value;
	const struct zone *old = trie_get(
	    &adoption->old->zones.published, entry->key, entry->len);
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
	trie_set(same ? &store->zones.published : &adoption->edits, entry->key,
	    entry->len, prune.zone);
	return true;
}

/* What a zone had that is no zone of ours any more is gone as well. */
static bool
gone_visit(const struct trie_entry *entry, void *arg)
{
	zones_note_gone(arg, entry->key, entry->len);
	return true;
}

static bool
old_zone_visit(const struct trie_entry *entry, void *arg)
{
	const struct adoption *adoption = arg;
	const struct zone *zone = entry->value;

	if (trie_get(&adoption->store->zones.edits, entry->key, entry->len) ==
	    NULL)
		(void)trie_walk(
		    &zone->owners, "", 0, gone_visit, &adoption->store->zones);
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

	assert(old->zones.edits.count == 0);
	(void)trie_walk(&old->zones.known, "", 0, known_zone_visit, store);
	(void)trie_walk(
	    &old->zones.known_owners, "", 0, known_owner_visit, store);
	/* Before owners, for leafs tell of services. */
	sources_map(&adoption);
	store_walk_lineages(old, lineage_visit, &adoption);
	(void)trie_walk(&old->zones.known_owners, "", 0, again_visit, store);
	(void)trie_walk(&old->zones.published, "", 0, again_zone_visit, store);
	former_adopt(store, old);
	former_index_init(&adoption.formers, store);
	services_index(&store->services, &adoption.services);
	(void)trie_walk(
	    &old->zones.published, "", 0, old_zone_visit, &adoption);
	trie_init(&adoption.edits, store->zones.edits.value_free);
	(void)trie_walk(&store->zones.edits, "", 0, zone_visit, &adoption);
	trie_fini(&store->zones.edits);
	store->zones.edits = adoption.edits;
	if (old->lineages.forget_at != 0)
		lineages_set_forget(&store->lineages, old->lineages.forget_at);
	free(adoption.source_of);
	former_index_fini(&adoption.formers);
	trie_fini(&adoption.services);
}

static bool
unclaimed_visit(const struct trie_entry *entry, void *arg)
{
	struct adoption *adoption = arg;

	if (trie_get(&adoption->services, entry->key, entry->len) == NULL &&
	    !former_claim(
		&adoption->formers, entry->key, entry->len, entry->value))
		zones_note_gone(
		    &adoption->store->zones, entry->key, entry->len);
	return true;
}

void
store_drop_unclaimed(struct store *store)
{
	struct adoption adoption = { .store = store };
	struct trie owners;

	(void)trie_walk(&store->zones.known_owners, "", 0, again_visit, store);
	former_index_init(&adoption.formers, store);
	services_index(&store->services, &adoption.services);
	/* Walk a version of its own: the other one changes under way. */
	trie_copy(&store->zones.known_owners, &owners);
	(void)trie_walk(&owners, "", 0, unclaimed_visit, &adoption);
	trie_fini(&owners);
	former_recall(store);
	former_index_fini(&adoption.formers);
	trie_fini(&adoption.services);
}
