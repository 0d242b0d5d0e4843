/* SPDX-License-Identifier: MIT */
#include "former.h"

#include <string.h>

#include "config/alias.h"

/* There is no end of them. */
#define NEVER INT64_MAX

void
former_index_init(struct former_index *index, struct store *store)
{
	*index = (struct former_index){ .store = store };
	trie_init(&index->names, NULL);
}

void
former_index_fini(struct former_index *index)
{
	trie_fini(&index->names);
}

static void
enter(struct former_index *index, struct service *service)
{
	struct dname name;

	if (service_former_parse(service, index->store->config, &name))
		trie_set(&index->names, name.key, name.len, service);
}

/* Not before it is needed: there may be a million services. */
static void
index_make(struct former_index *index)
{
	const struct services *services = &index->store->services;

	for (size_t i = 0; i < services->listed_count; i++)
		enter(index, &services->listed[i]);
	for (size_t i = 0; i < services->discovered_count; i++)
		enter(index, services->discovered[i]);
	index->is_made = true;
}

/* It is known since then, but nobody has seen it there. */
static void
inherit(struct store *store, const struct service *service,
    const struct owner *known)
{
	struct dname dname;
	struct owner *owner;

	service_owner_dname(service, store->config, &dname);
	if (known->is_unknown ||
	    zones_find_owner(&store->zones, &dname) != NULL ||
	    trie_get(&store->zones.known_owners, dname.key, dname.len) != NULL)
		return;
	owner = owner_copy(known);
	for (size_t i = 0; i < owner->count; i++)
		owner->times[i].seen = 0;
	owner_seal(owner, &dname);
	trie_set(&store->zones.known_owners, dname.key, dname.len, owner);
}

bool
former_claim(struct former_index *index, const uint8_t *key, size_t len,
    const struct owner *known)
{
	struct store *store = index->store;
	struct service *service;

	if (!index->is_made)
		index_make(index);
	service = trie_get(&index->names, key, len);
	if (service == NULL)
		return false;
	inherit(store, service, known);
	trie_set(&store->formers, key, len, service);
	services_mark(&store->services, service);
	return true;
}

void
former_drop(struct store *store, const struct service *service)
{
	struct dname name;

	if (store->formers.count > 0 &&
	    service_former_parse(service, store->config, &name))
		(void)trie_remove(&store->formers, name.key, name.len);
}

/* What may be in caches longest. */
struct ttls {
	const struct store *store;
	uint32_t max;
};

static bool
ttl_visit(const struct trie_entry *entry, void *arg)
{
	struct ttls *ttls = arg;
	const struct zones *zones = &ttls->store->zones;
	const struct service *service = entry->value;
	struct dname dname = { .len = (uint16_t)entry->len };
	const struct owner *owner;

	/* After a reload it is published, after a restart on record. */
	memcpy(dname.key, entry->key, entry->len);
	owner = zones_find_owner(zones, &dname);
	if (owner == NULL)
		owner = trie_get(&zones->known_owners, entry->key, entry->len);
	if (service->config->policy.ttl > ttls->max)
		ttls->max = service->config->policy.ttl;
	if (owner != NULL && owner->ttl > ttls->max)
		ttls->max = owner->ttl;
	return true;
}

static bool
mark_visit(const struct trie_entry *entry, void *arg)
{
	services_mark(arg, entry->value);
	return true;
}

/* Not over the name of another service, which that may be. */
static void
service_guess(struct store *store, struct service *service, struct trie *owners)
{
	struct dname name;

	if (!service_former_parse(service, store->config, &name) ||
	    trie_get(&store->formers, name.key, name.len) != NULL)
		return;
	if (owners->count == 0) {
		trie_fini(owners);
		services_index(&store->services, owners);
	}
	if (trie_get(owners, name.key, name.len) == NULL)
		trie_set(&store->formers, name.key, name.len, service);
}

/*
 * What is on record cannot be read: any alias may have had another name, and
 * that nothing is there must not be said.
 */
static void
formers_guess(struct store *store)
{
	struct services *services = &store->services;
	struct trie owners;

	if (!store->is_lost || store->config->aliases != ALIASES_UNSAID)
		return;
	trie_init(&owners, NULL);
	for (size_t i = 0; i < services->dirty_count; i++)
		service_guess(store, services->dirty[i], &owners);
	trie_fini(&owners);
}

static bool
recall_visit(const struct trie_entry *entry, void *arg)
{
	struct store *store = arg;
	struct zones *zones = &store->zones;
	struct dname dname = { .len = (uint16_t)entry->len };

	if (trie_get(&zones->known_owners, entry->key, entry->len) != NULL)
		return true;
	memcpy(dname.key, entry->key, entry->len);
	if (zones_find_owner(zones, &dname) != NULL)
		zone_remove(
		    zones_edit(zones, zones_find(zones, &dname)), &dname);
	(void)trie_remove(&store->formers, entry->key, entry->len);
	return true;
}

void
former_recall(struct store *store)
{
	struct trie formers;

	if (store->is_lost || store->config->aliases != ALIASES_UNSAID)
		return;
	/* Walk a version of its own: the other one changes under way. */
	trie_copy(&store->formers, &formers);
	(void)trie_walk(&formers, "", 0, recall_visit, store);
	trie_fini(&formers);
}

void
former_settle(struct store *store, int64_t now)
{
	struct ttls ttls = { .store = store };

	formers_guess(store);
	if (store->formers.count == 0)
		store->formers_end = 0;
	if (store->formers.count == 0)
		return;
	if (store->formers_end == 0) {
		(void)trie_walk(&store->formers, "", 0, ttl_visit, &ttls);
		store->formers_end = store->config->aliases == ALIASES_UNSAID
					 ? NEVER
					 : now + ttls.max;
	}
	if (store->formers_end <= now)
		(void)trie_walk(
		    &store->formers, "", 0, mark_visit, &store->services);
}

int64_t
former_wake(const struct store *store)
{
	return store->formers.count > 0 && store->formers_end != NEVER
		   ? store->formers_end
		   : -1;
}

void
former_adopt(struct store *store, const struct store *old)
{
	if (store->config->aliases == old->config->aliases)
		store->formers_end = old->formers_end;
}
