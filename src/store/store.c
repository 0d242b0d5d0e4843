/* SPDX-License-Identifier: MIT */
#include "data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/discover.h"

static void
lineage_value_free(void *value)
{
	lineage_free(value);
}

static void
zone_value_free(void *value)
{
	zone_free(value);
}

static void
owner_value_free(void *value)
{
	owner_free(value);
}

void
store_lineage_key(unsigned source, const char *name, struct buf *key)
{
	unsigned char number[2] = { (unsigned char)(source >> 8),
		(unsigned char)source };

	buf_add(key, name, strlen(name) + 1);
	buf_add(key, number, sizeof(number));
}

struct lineage *
store_find_lineage(
    struct store *store, unsigned source, const char *name, bool add)
{
	struct buf key = { 0 };
	struct lineage *lineage;

	store_lineage_key(source, name, &key);
	lineage = trie_get(&store->lineages, key.data, key.len);
	if (lineage == NULL && add) {
		lineage = lineage_new(name, source);
		trie_set(&store->lineages, key.data, key.len, lineage);
	}
	buf_fini(&key);
	return lineage;
}

void
store_note_lineage(struct store *store, struct lineage *lineage)
{
	struct buf key = { 0 };

	store_lineage_key(lineage->source, lineage->name, &key);
	trie_set(&store->changed, key.data, key.len, lineage);
	buf_fini(&key);
}

char *
store_owner_name(const struct store *store, const struct service *service)
{
	/* An alias lies in the first own zone (pdns-tlsa.yaml(5)). */
	return mem_format("_%u._%s.%s%s", service->port.number,
	    transport_text(service->port.transport), service->config->host,
	    service->is_alias ? store->config->zones[0].name : "");
}

static bool
owner_parse(const struct store *store, const struct service *service,
    struct dname *ret_dname)
{
	char *name = store_owner_name(store, service);
	enum status status = dname_parse(name, strlen(name), ret_dname);

	free(name);
	return status == STATUS_OK;
}

void
store_owner_dname(const struct store *store, const struct service *service,
    struct dname *ret_dname)
{
	bool good = owner_parse(store, service, ret_dname);

	assert(good);
	(void)good;
}

bool
store_settle_owner(
    const struct store *store, struct service *service, struct dname *ret_owner)
{
	service->is_alias = false;
	if (!owner_parse(store, service, ret_owner))
		return false;
	if (store_zone(store, ret_owner) != NULL)
		return true;
	service->is_alias = true;
	return store->config->zone_count > 0 &&
	       owner_parse(store, service, ret_owner);
}

void
store_begin_service(struct store *store, struct service *service)
{
	const struct config_service *config = service->config;
	struct dname dname;

	service->number = store->next_number++;
	if (config->lineages == NULL &&
	    dname_parse(config->host, strlen(config->host), &dname) ==
		STATUS_OK) {
		index_add(
		    &store->services_by_host, dname.key, dname.len, service);
		index_add(&store->services_by_parent, dname.key,
		    dname_parent_len(dname.key, dname.len), service);
	}
	for (size_t i = 0;
	     config->lineages != NULL && i < config->lineage_count; i++)
		index_add(&store->services_by_lineage, config->lineages[i],
		    strlen(config->lineages[i]), service);
	if (config->policy.retain > store->retain_max)
		store->retain_max = config->policy.retain;
	store_mark(store, service);
}

void
store_end_service(struct store *store, struct service *service)
{
	const char *host = service->config->host;
	struct dname dname;

	if (dname_parse(host, strlen(host), &dname) == STATUS_OK) {
		index_remove(
		    &store->services_by_host, dname.key, dname.len, service);
		index_remove(&store->services_by_parent, dname.key,
		    dname_parent_len(dname.key, dname.len), service);
	}
	for (size_t i = 0; service->is_dirty && i < store->dirty_count; i++)
		if (store->dirty[i] == service) {
			store->dirty[i] = store->dirty[--store->dirty_count];
			service->is_dirty = false;
		}
	timers_clear(&store->timers, &service->timer);
	store_set_bare(store, service, false);
}

static void
listed_begin(struct store *store, struct service *service,
    const struct config_service *config, struct port port)
{
	struct dname owner;

	service->config = config;
	service->port = port;
	/* Without room for its name the configuration was refused. */
	(void)store_settle_owner(store, service, &owner);
	store_begin_service(store, service);
}

static void
enter_service(struct store *store, struct service *service, void *arg)
{
	struct trie *services = arg;
	struct dname owner;

	store_owner_dname(store, service, &owner);
	trie_set(services, owner.key, owner.len, service);
}

void
store_index_services(struct store *store, struct trie *services)
{
	trie_init(services, NULL);
	store_each_service(store, enter_service, services);
}

static void
services_init(struct store *store)
{
	const struct config *config = store->config;
	size_t at = 0;

	for (size_t i = 0; i < config->service_count; i++)
		store->service_count += config->services[i].port_count;
	store->services = mem_array(
	    store->service_count, sizeof(*store->services));
	store->dirty_size = store->service_count;
	store->dirty = mem_array(store->dirty_size, sizeof(*store->dirty));
	for (size_t i = 0; i < config->service_count; i++)
		for (size_t p = 0; p < config->services[i].port_count; p++)
			listed_begin(store, &store->services[at++],
			    &config->services[i], config->services[i].ports[p]);
	/* Only there, for it takes memory. */
	if (config->discover.host_count > 0)
		store_index_services(store, &store->claimed);
	if (config->discover.host_count > 0 &&
	    config->defaults.retain > store->retain_max)
		store->retain_max = config->defaults.retain;
}

static void
zones_init(struct store *store)
{
	const struct config *config = store->config;

	for (size_t i = 0; i < config->zone_count; i++) {
		const struct dname *dname = &config->zones[i].dname;

		trie_set(&store->edits, dname->key, dname->len,
		    zone_new(zone_apex_new(
			&config->zones[i], -1, config->defaults.ttl)));
	}
	for (size_t i = 0; i < config->overlay_count; i++) {
		const struct dname *dname = &config->overlay[i];

		trie_set(&store->edits, dname->key, dname->len,
		    zone_new(zone_apex_new_overlay(
			dname, config->overlay_names[i])));
	}
}

struct store *
store_new(const struct config *config, struct tlsa_pool *pool,
    const struct issuers *issuers)
{
	struct store *store = mem_new(sizeof(*store));

	store->config = config;
	store->pool = pool;
	store->issuers = issuers;
	trie_init(&store->lineages, lineage_value_free);
	trie_init(&store->changed, NULL);
	trie_init(&store->forgotten, lineage_value_free);
	index_init(&store->lineages_by_host);
	index_init(&store->lineages_by_parent);
	index_init(&store->services_by_host);
	index_init(&store->services_by_parent);
	index_init(&store->services_by_lineage);
	trie_init(&store->services_bare, NULL);
	timers_init(&store->timers);
	trie_init(&store->zones, zone_value_free);
	trie_init(&store->edits, zone_value_free);
	trie_init(&store->known_zones, free);
	trie_init(&store->known_owners, owner_value_free);
	trie_init(&store->gone, free);
	trie_init(&store->timed, NULL);
	trie_init(&store->claimed, NULL);
	store->source_problems = mem_array(
	    config->source_count, sizeof(*store->source_problems));
	store->blind = mem_array(config->source_count, sizeof(*store->blind));
	zones_init(store);
	services_init(store);
	return store;
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	free(store->services);
	store_free_discovered(store);
	trie_fini(&store->claimed);
	free(store->dirty);
	for (size_t i = 0; i < store->config->source_count; i++)
		free(store->source_problems[i]);
	free(store->source_problems);
	free(store->blind);
	trie_fini(&store->changed);
	trie_fini(&store->forgotten);
	trie_fini(&store->lineages);
	issuers_unref(store->learned);
	index_fini(&store->lineages_by_host);
	index_fini(&store->lineages_by_parent);
	index_fini(&store->services_by_host);
	index_fini(&store->services_by_parent);
	index_fini(&store->services_by_lineage);
	trie_fini(&store->services_bare);
	timers_fini(&store->timers);
	trie_fini(&store->zones);
	trie_fini(&store->edits);
	trie_fini(&store->known_zones);
	trie_fini(&store->known_owners);
	trie_fini(&store->gone);
	trie_fini(&store->timed);
	free(store);
}

void
store_mark(struct store *store, struct service *service)
{
	if (service->is_dirty)
		return;
	service->is_dirty = true;
	if (store->dirty_count == store->dirty_size) {
		store->dirty_size = 2 * store->dirty_size + 1;
		store->dirty = mem_resize(
		    store->dirty, store->dirty_size, sizeof(*store->dirty));
	}
	store->dirty[store->dirty_count++] = service;
}

void
store_each_service(struct store *store,
    void (*visit)(struct store *store, struct service *service, void *arg),
    void *arg)
{
	for (size_t i = 0; i < store->service_count; i++)
		visit(store, &store->services[i], arg);
	for (size_t i = 0; i < store->discovered_count; i++)
		visit(store, store->discovered[i], arg);
}

static void
mark_service(struct store *store, struct service *service, void *arg)
{
	(void)arg;
	store_mark(store, service);
}

void
store_mark_all(struct store *store)
{
	store_each_service(store, mark_service, NULL);
}

void
store_mark_list(struct store *store, const struct index_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		store_mark(store, list->items[i]);
}

static bool
mark_visit(const struct trie_entry *entry, void *arg)
{
	store_mark(arg, entry->value);
	return true;
}

void
store_mark_bare(struct store *store)
{
	(void)trie_walk(&store->services_bare, "", 0, mark_visit, store);
}

void
store_set_dnssec(struct store *store, const struct dname *dname,
    const struct nsec3 *nsec3, const struct content *content)
{
	const struct zone *zone = store_zone(store, dname);
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
		zone_set_apex(store_edit_zone(store, zone), apex);
}

void
store_set_issuers(struct store *store, const struct issuers *issuers)
{
	store->issuers = issuers;
	issuers_unref(store->learned);
	store->learned = NULL;
	store->is_taught = true;
	store_mark_all(store);
}

/* What is done with each DNS name of a lineage's leafs. */
struct names_walk {
	const struct store *store;
	const struct lineage *lineage;
	void (*act)(const struct names_walk *walk, const struct dname *dname,
	    bool wildcard);
	void (*visit)(const struct index_list *list, void *arg);
	void *arg;
};

/* A wildcard's name comes without its star. */
static void
names_walk(const struct names_walk *walk)
{
	const struct lineage *lineage = walk->lineage;

	for (size_t g = 0; g < lineage->generation_count; g++) {
		const struct cert *leaf = lineage->generations[g].chain->leaf;

		for (size_t i = 0; i < leaf->name_count; i++) {
			const char *name = leaf->names[i];
			bool wildcard = name[0] == '*';
			struct dname dname;

			if (wildcard)
				name += 2;
			if (dname_parse(name, strlen(name), &dname) ==
			    STATUS_OK)
				walk->act(walk, &dname, wildcard);
		}
	}
}

static void
visit_name(
    const struct names_walk *walk, const struct dname *dname, bool wildcard)
{
	const struct store *store = walk->store;

	walk->visit(index_get(wildcard ? &store->services_by_parent
				       : &store->services_by_host,
			dname->key, dname->len),
	    walk->arg);
}

void
store_walk_services(const struct store *store, const struct lineage *lineage,
    void (*visit)(const struct index_list *list, void *arg), void *arg)
{
	const struct names_walk walk = { store, lineage, visit_name, visit,
		arg };

	visit(index_get(&store->services_by_lineage, lineage->name,
		  strlen(lineage->name)),
	    arg);
	names_walk(&walk);
}

static void
mark_visit_list(const struct index_list *list, void *arg)
{
	store_mark_list(arg, list);
}

void
store_mark_lineage(struct store *store, const struct lineage *lineage)
{
	store_walk_services(store, lineage, mark_visit_list, store);
}

static struct index *
host_index(struct store *store, bool wildcard)
{
	return wildcard ? &store->lineages_by_parent : &store->lineages_by_host;
}

static void
enter_name(
    const struct names_walk *walk, const struct dname *dname, bool wildcard)
{
	struct store *store = walk->arg;

	index_add(host_index(store, wildcard), dname->key, dname->len,
	    store_find_lineage(
		store, walk->lineage->source, walk->lineage->name, false));
}

static void
remove_name(
    const struct names_walk *walk, const struct dname *dname, bool wildcard)
{
	index_remove(host_index(walk->arg, wildcard), dname->key, dname->len,
	    walk->lineage);
}

void
store_index_lineage(struct store *store, struct lineage *lineage, bool enter)
{
	const struct names_walk walk = { .lineage = lineage,
		.act = enter ? enter_name : remove_name,
		.arg = store };

	names_walk(&walk);
	for (size_t g = 0; enter && g < lineage->generation_count; g++) {
		const struct cert *leaf = lineage->generations[g].chain->leaf;

		for (size_t i = 0; i < leaf->name_count; i++)
			if (discover_allows(
				&store->config->sources[lineage->source],
				leaf->names[i]))
				store_discover(store, leaf->names[i]);
	}
}
