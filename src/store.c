/* SPDX-License-Identifier: MIT */
#include "store_data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

static void
lineage_free(void *value)
{
	struct lineage *lineage = value;

	chain_unref(lineage->chain);
	free(lineage->name);
	free(lineage->problem);
	free(lineage);
}

static void
zone_value_free(void *value)
{
	zone_free(value);
}

/* Lineages of one name lie side by side, in the order of their sources. */
static void
lineage_key(unsigned source, const char *name, struct buf *key)
{
	unsigned char number[2] = { (unsigned char)(source >> 8),
		(unsigned char)source };

	buf_add(key, name, strlen(name) + 1);
	buf_add(key, number, sizeof(number));
}

static struct lineage *
lineage_get(const struct store *store, unsigned source, const char *name)
{
	struct buf key = { 0 };
	struct lineage *lineage;

	lineage_key(source, name, &key);
	lineage = trie_get(&store->lineages, key.data, key.len);
	buf_fini(&key);
	return lineage;
}

static struct lineage *
lineage_get_or_add(struct store *store, unsigned source, const char *name)
{
	struct lineage *lineage = lineage_get(store, source, name);
	struct buf key = { 0 };

	if (lineage != NULL)
		return lineage;
	lineage = mem_new(sizeof(*lineage));
	lineage->name = mem_string(name);
	lineage->source = source;
	lineage_key(source, name, &key);
	trie_set(&store->lineages, key.data, key.len, lineage);
	buf_fini(&key);
	return lineage;
}

/* The key under which a wildcard's names are found: that of the parent. */
static size_t
parent_len(const struct dname *host)
{
	return host->len > 0 ? dname_parent_len(host->key, host->len) : 0;
}

static void
service_init(struct store *store, struct service *service,
    const struct config_service *config, struct port port)
{
	struct dname dname;
	const struct zone *zone;
	enum status status;

	service->config = config;
	service->port = port;
	service->owner = mem_format("_%u._%s.%s", port.number,
	    transport_text(port.transport), config->host);
	status = dname_parse(service->owner, strlen(service->owner), &dname);
	assert(status == STATUS_OK);
	zone = trie_get_longest(&store->edits, dname.key, dname.len);
	if (zone == NULL) {
		/* An alias in the first own zone (design: configuration). */
		char *owner = mem_format(
		    "%s%s", service->owner, store->config->zones[0].name);

		free(service->owner);
		service->owner = owner;
		service->is_alias = true;
		status = dname_parse(owner, strlen(owner), &dname);
		assert(status == STATUS_OK);
	}
	trie_set(&store->services_by_owner, dname.key, dname.len, service);
	if (config->lineages == NULL) {
		index_add(&store->services_by_host, config->dname.key,
		    config->dname.len, service);
		index_add(&store->services_by_parent, config->dname.key,
		    parent_len(&config->dname), service);
	}
	for (size_t i = 0; i < config->lineage_count; i++)
		index_add(&store->services_by_lineage, config->lineages[i],
		    strlen(config->lineages[i]), service);
	if (config->policy.retain > store->retain_max)
		store->retain_max = config->policy.retain;
	store_mark(store, service);
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
	store->dirty = mem_array(store->service_count, sizeof(*store->dirty));
	for (size_t i = 0; i < config->service_count; i++)
		for (size_t p = 0; p < config->services[i].port_count; p++)
			service_init(store, &store->services[at++],
			    &config->services[i], config->services[i].ports[p]);
}

static void
zones_init(struct store *store)
{
	const struct config *config = store->config;

	for (size_t i = 0; i < config->zone_count; i++) {
		const struct dname *dname = &config->zones[i].dname;

		trie_set(&store->edits, dname->key, dname->len,
		    zone_new(zone_apex_new(&config->zones[i],
			(int32_t)(ZONE_ID_FIRST + i), config->defaults.ttl)));
	}
	for (size_t i = 0; i < config->overlay_count; i++) {
		const struct dname *dname = &config->overlay[i];

		trie_set(&store->edits, dname->key, dname->len,
		    zone_new(zone_apex_new_overlay(
			dname, config->overlay_names[i])));
	}
}

struct store *
store_new(const struct config *config, struct tlsa_pool *pool)
{
	struct store *store = mem_new(sizeof(*store));

	store->config = config;
	store->pool = pool;
	trie_init(&store->lineages, lineage_free);
	index_init(&store->lineages_by_host);
	index_init(&store->lineages_by_parent);
	index_init(&store->services_by_host);
	index_init(&store->services_by_parent);
	index_init(&store->services_by_lineage);
	trie_init(&store->services_bare, NULL);
	trie_init(&store->services_by_owner, NULL);
	timers_init(&store->timers);
	trie_init(&store->zones, zone_value_free);
	trie_init(&store->edits, zone_value_free);
	store->source_problems = mem_array(
	    config->source_count, sizeof(*store->source_problems));
	zones_init(store);
	services_init(store);
	return store;
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->service_count; i++)
		free(store->services[i].owner);
	free(store->services);
	free(store->dirty);
	for (size_t i = 0; i < store->config->source_count; i++)
		free(store->source_problems[i]);
	free(store->source_problems);
	trie_fini(&store->lineages);
	index_fini(&store->lineages_by_host);
	index_fini(&store->lineages_by_parent);
	index_fini(&store->services_by_host);
	index_fini(&store->services_by_parent);
	index_fini(&store->services_by_lineage);
	trie_fini(&store->services_bare);
	trie_fini(&store->services_by_owner);
	timers_fini(&store->timers);
	trie_fini(&store->zones);
	trie_fini(&store->edits);
	free(store);
}

void
store_mark(struct store *store, struct service *service)
{
	if (service->is_dirty)
		return;
	service->is_dirty = true;
	store->dirty[store->dirty_count++] = service;
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

/* Mark the services for which the lineage counts, or counted. */
static void
mark_lineage(struct store *store, const struct lineage *lineage)
{
	const struct cert *leaf;
	struct dname dname;

	store_mark_list(store, index_get(&store->services_by_lineage,
				   lineage->name, strlen(lineage->name)));
	if (lineage->chain == NULL)
		return;
	leaf = lineage->chain->leaf;
	for (size_t i = 0; i < leaf->name_count; i++) {
		const char *name = leaf->names[i];
		bool wildcard = name[0] == '*';

		if (wildcard)
			name += 2;
		if (dname_parse(name, strlen(name), &dname) != STATUS_OK)
			continue;
		store_mark_list(
		    store, index_get(wildcard ? &store->services_by_parent
					      : &store->services_by_host,
			       dname.key, dname.len));
	}
}

/* Enter or remove the lineage under each name of its leaf. */
static void
index_lineage(struct store *store, struct lineage *lineage, bool enter)
{
	const struct cert *leaf = lineage->chain->leaf;
	struct dname dname;

	for (size_t i = 0; i < leaf->name_count; i++) {
		const char *name = leaf->names[i];
		struct index *index = &store->lineages_by_host;

		if (name[0] == '*') {
			index = &store->lineages_by_parent;
			name += 2;
		}
		if (dname_parse(name, strlen(name), &dname) != STATUS_OK)
			continue;
		if (enter)
			index_add(index, dname.key, dname.len, lineage);
		else
			index_remove(index, dname.key, dname.len, lineage);
	}
}

/* A lineage or source that says nothing may be what a bare service needs. */
static void
count_blind(struct store *store, size_t *counter, int change)
{
	bool before = store->blind + store->sources_blind > 0;

	*counter = change > 0 ? *counter + 1 : *counter - 1;
	if (before != (store->blind + store->sources_blind > 0))
		store_mark_bare(store);
}

bool
store_set_chain(
    struct store *store, unsigned source, const char *name, struct chain *chain)
{
	struct lineage *lineage = lineage_get_or_add(store, source, name);
	bool known = lineage->chain != NULL;
	bool blind = !known && lineage->problem != NULL;

	free(lineage->problem);
	lineage->problem = NULL;
	if (lineage->deleted != 0) {
		lineage->deleted = 0;
		mark_lineage(store, lineage);
	}
	if (known && chain_equal(lineage->chain, chain)) {
		chain_unref(chain);
		return false;
	}
	if (known) {
		mark_lineage(store, lineage);
		index_lineage(store, lineage, false);
		chain_unref(lineage->chain);
	}
	lineage->chain = chain;
	index_lineage(store, lineage, true);
	mark_lineage(store, lineage);
	if (blind)
		count_blind(store, &store->blind, -1);
	return true;
}

bool
store_set_problem(
    struct store *store, unsigned source, const char *name, const char *problem)
{
	struct lineage *lineage = lineage_get_or_add(store, source, name);
	bool is_new = lineage->problem == NULL;

	/* It is there, whatever state it is in. */
	if (lineage->deleted != 0) {
		lineage->deleted = 0;
		mark_lineage(store, lineage);
	}
	free(lineage->problem);
	lineage->problem = mem_string(problem);
	if (is_new && lineage->chain == NULL) {
		mark_lineage(store, lineage);
		count_blind(store, &store->blind, 1);
	}
	return is_new;
}

static void
lineage_remove(struct store *store, struct lineage *lineage)
{
	struct buf key = { 0 };

	mark_lineage(store, lineage);
	if (lineage->chain != NULL)
		index_lineage(store, lineage, false);
	lineage_key(lineage->source, lineage->name, &key);
	(void)trie_remove(&store->lineages, key.data, key.len);
	buf_fini(&key);
}

bool
store_set_deleted(
    struct store *store, unsigned source, const char *name, int64_t now)
{
	struct lineage *lineage = lineage_get(store, source, name);

	if (lineage == NULL || lineage->deleted != 0)
		return false;
	if (lineage->chain == NULL) {
		if (lineage->problem != NULL)
			count_blind(store, &store->blind, -1);
		lineage_remove(store, lineage);
		return true;
	}
	lineage->deleted = now;
	if (store->forget_at == 0 || now + store->retain_max < store->forget_at)
		store->forget_at = now + store->retain_max;
	free(lineage->problem);
	lineage->problem = NULL;
	mark_lineage(store, lineage);
	return true;
}

struct forget {
	const struct store *store;
	int64_t now;
	struct lineage *found; /* the first whose time is over */
	int64_t next;          /* the earliest time of the others, or 0 */
};

static bool
forget_visit(const struct trie_entry *entry, void *arg)
{
	struct forget *forget = arg;
	struct lineage *lineage = entry->value;
	int64_t end = lineage->deleted + forget->store->retain_max;

	if (lineage->deleted == 0)
		return true;
	if (end <= forget->now) {
		forget->found = lineage;
		return false;
	}
	if (forget->next == 0 || end < forget->next)
		forget->next = end;
	return true;
}

void
store_forget(struct store *store, int64_t now)
{
	struct forget forget;

	do {
		forget = (struct forget){ .store = store, .now = now };
		(void)trie_walk(&store->lineages, "", 0, forget_visit, &forget);
		if (forget.found != NULL)
			lineage_remove(store, forget.found);
	} while (forget.found != NULL);
	store->forget_at = forget.next;
}

bool
store_set_source_problem(
    struct store *store, unsigned source, const char *problem)
{
	char **slot = &store->source_problems[source];
	bool was = *slot != NULL;

	free(*slot);
	*slot = problem != NULL ? mem_string(problem) : NULL;
	if (was != (problem != NULL))
		count_blind(store, &store->sources_blind, was ? -1 : 1);
	return was != (problem != NULL);
}

const char *
store_source_problem(const struct store *store, unsigned source)
{
	return store->source_problems[source];
}

const struct lineage *
store_lineage(const struct store *store, unsigned source, const char *name)
{
	return lineage_get(store, source, name);
}

struct walk {
	bool (*visit)(const struct lineage *lineage, void *arg);
	void *arg;
};

static bool
walk_visit(const struct trie_entry *entry, void *arg)
{
	const struct walk *walk = arg;

	return walk->visit(entry->value, walk->arg);
}

void
store_walk_lineages(const struct store *store,
    bool (*visit)(const struct lineage *lineage, void *arg), void *arg)
{
	struct walk walk = { visit, arg };

	(void)trie_walk(&store->lineages, "", 0, walk_visit, &walk);
}

size_t
store_service_count(const struct store *store)
{
	return store->service_count;
}

const struct service *
store_service(const struct store *store, size_t at)
{
	return &store->services[at];
}
