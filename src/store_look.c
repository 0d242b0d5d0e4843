/* SPDX-License-Identifier: MIT */
/* Looking into the store without changing anything. */
#include "store_data.h"

#include <stdlib.h>

#include "mem.h"

const struct lineage *
store_lineage(const struct store *store, unsigned source, const char *name)
{
	struct buf key = { 0 };
	const struct lineage *lineage;

	store_lineage_key(source, name, &key);
	lineage = trie_get(&store->lineages, key.data, key.len);
	buf_fini(&key);
	return lineage;
}

const char *
store_source_problem(const struct store *store, unsigned source)
{
	return store->source_problems[source];
}

struct walk {
	bool (*visit)(const struct lineage *lineage, void *arg);
	void (*changed)(const struct lineage *lineage, void *arg);
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
	struct walk walk = { .visit = visit, .arg = arg };

	(void)trie_walk(&store->lineages, "", 0, walk_visit, &walk);
}

static bool
changed_visit(const struct trie_entry *entry, void *arg)
{
	const struct walk *walk = arg;

	walk->changed(entry->value, walk->arg);
	return true;
}

void
store_walk_changed(struct store *store,
    void (*visit)(const struct lineage *lineage, void *arg), void *arg)
{
	struct walk walk = { .changed = visit, .arg = arg };
	struct trie *lists[] = { &store->forgotten, &store->changed };

	for (size_t i = 0; i < 2; i++) {
		void (*value_free)(void *value) = lists[i]->value_free;

		(void)trie_walk(lists[i], "", 0, changed_visit, &walk);
		trie_fini(lists[i]);
		trie_init(lists[i], value_free);
	}
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

const struct issuers *
store_issuers(const struct store *store)
{
	return store->issuers;
}

const char *
service_concern_text(const struct service *service)
{
	switch (service->concern) {
	case CONCERN_NONE:
		return NULL;
	case CONCERN_BARE:
		return service->config->lineages == NULL
			   ? "no lineage covers the host"
			   : "no lineage of the configured names can be read";
	case CONCERN_EMPTY:
		return "its certificates give none of the configured records";
	case CONCERN_UNCOVERED:
		return "no current certificate names the host";
	}
	return NULL;
}

struct tlsa_pool *
store_pool(const struct store *store)
{
	return store->pool;
}

void
store_view(const struct store *store, size_t at, int64_t now,
    struct service_view *ret_view)
{
	const struct service *service = &store->services[at];
	struct service_view view = { .service = service };
	struct policy_input input = { .policy = &service->config->policy,
		.issuers = store->issuers,
		.now = now };
	struct dname dname;

	view.owner_name = store_owner_name(store, service);
	store_owner_dname(store, service, &dname);
	view.zone = store_zone(store, &dname);
	view.owner = zone_get(view.zone, &dname);
	view.lineages = store_bound(
	    store, service, &view.lineage_count, &view.readable);
	input.lineages = view.lineages;
	input.count = view.readable;
	policy_decide(&input, store->pool, &view.set);
	protection_judge(&input, &view.set, &view.protection);
	*ret_view = view;
}

void
service_view_fini(struct service_view *view)
{
	associations_fini(&view->set);
	free(view->lineages);
	free(view->owner_name);
	*view = (struct service_view){ 0 };
}
