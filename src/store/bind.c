/* SPDX-License-Identifier: MIT */
#include "bind.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/discover.h"

/* Lineages gathered for one service. */
struct gather {
	const struct lineage **list;
	size_t count;
};

static void
gather_add(struct gather *gather, const struct lineage *lineage)
{
	for (size_t i = 0; i < gather->count; i++)
		if (gather->list[i] == lineage)
			return;
	gather->list = mem_resize(
	    gather->list, gather->count + 1, sizeof(struct lineage *));
	gather->list[gather->count++] = lineage;
}

static bool
gather_visit(const struct trie_entry *entry, void *arg)
{
	gather_add(arg, entry->value);
	return true;
}

static void
gather_add_key(struct gather *gather, const struct index *index,
    const uint8_t *key, size_t len)
{
	struct index_list list;

	index_get(index, key, len, &list);
	for (size_t i = 0; i < list.count; i++)
		gather_add(gather, list.items[i]);
}

/* Leave out what lies in a source that does not speak for the host. */
static void
gather_limit(
    struct gather *gather, const struct config *config, const char *host)
{
	size_t kept = 0;

	for (size_t i = 0; i < gather->count; i++)
		if (discover_allows(
			&config->sources[gather->list[i]->source], host))
			gather->list[kept++] = gather->list[i];
	gather->count = kept;
}

/* Those with a generation first, then by name and source. */
static int
lineage_order(const void *left, const void *right)
{
	const struct lineage *a = *(const struct lineage *const *)left;
	const struct lineage *b = *(const struct lineage *const *)right;
	int order = (a->generation_count == 0) - (b->generation_count == 0);

	if (order == 0)
		order = strcmp(a->name, b->name);
	return order != 0 ? order : (int)a->source - (int)b->source;
}

const struct lineage **
store_bound(const struct store *store, const struct service *service,
    size_t *ret_count, size_t *ret_readable)
{
	const struct config_service *config = service->config;
	struct gather gather = { 0 };
	struct dname host;
	size_t readable = 0;

	for (size_t i = 0; i < config->lineage_count; i++)
		(void)trie_walk(&store->lineages.all, config->lineages[i],
		    strlen(config->lineages[i]) + 1, gather_visit, &gather);
	if (config->lineages == NULL &&
	    dname_parse(config->host, strlen(config->host), &host) ==
		STATUS_OK) {
		gather_add_key(
		    &gather, &store->lineages.by_host, host.key, host.len);
		gather_add_key(&gather, &store->lineages.by_parent, host.key,
		    dname_parent_len(host.key, host.len));
	}
	gather_limit(&gather, store->config, config->host);
	if (gather.count > 1)
		qsort(gather.list, gather.count, sizeof(*gather.list),
		    lineage_order);
	while (readable < gather.count &&
	       gather.list[readable]->generation_count > 0)
		readable++;
	*ret_count = gather.count;
	*ret_readable = readable;
	return gather.list;
}

/* Who is told of the services that the names of a lineage's leafs lead to. */
struct services_walk {
	const struct services *services;
	void (*visit)(const struct index_list *list, void *arg);
	void *arg;
};

static void
walk_key(const struct services_walk *walk, const struct index *index,
    const void *key, size_t len)
{
	struct index_list list;

	index_get(index, key, len, &list);
	walk->visit(&list, walk->arg);
}

static void
name_visit(const struct dname *dname, bool wildcard, void *arg)
{
	const struct services_walk *walk = arg;

	walk_key(walk,
	    wildcard ? &walk->services->by_parent : &walk->services->by_host,
	    dname->key, dname->len);
}

void
store_walk_services(const struct store *store, const struct lineage *lineage,
    void (*visit)(const struct index_list *list, void *arg), void *arg)
{
	struct services_walk walk = { &store->services, visit, arg };

	walk_key(&walk, &store->services.by_lineage, lineage->name,
	    strlen(lineage->name));
	lineage_walk_names(lineage, name_visit, &walk);
}

static void
mark_visit(const struct index_list *list, void *arg)
{
	services_mark_list(arg, list);
}

void
store_mark_lineage(struct store *store, const struct lineage *lineage)
{
	store_walk_services(store, lineage, mark_visit, &store->services);
}

void
store_remove_lineage(struct store *store, struct lineage *lineage)
{
	store_mark_lineage(store, lineage);
	lineages_remove(&store->lineages, lineage);
}
