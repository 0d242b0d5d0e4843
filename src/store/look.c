/* SPDX-License-Identifier: MIT */
#include "store/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bind.h"
#include "former.h"
#include "policy/policy.h"

const struct lineage *
store_lineage(const struct store *store, unsigned source, const char *name)
{
	return lineages_find(&store->lineages, source, name);
}

struct policy_input
store_policy_input(const struct store *store, const struct service *service,
    int64_t now, struct dname *room)
{
	const char *host = service->config->host;
	bool is_name = dname_parse(host, strlen(host), room) == STATUS_OK;

	return (struct policy_input){ .policy = &service->config->policy,
		.issuers = store->issuers,
		.now = now,
		.host = service_host(service, room),
		.base = is_name ? room : NULL,
		.lag = store->lag != NULL ? *store->lag
					  : (struct publication_lag){ 0 } };
}

void
store_set_published(struct policy_input *input, const struct owner *owner)
{
	if (owner == NULL)
		return;
	input->published = owner->rdata;
	input->published_count = owner->count;
	input->lowered = owner->lowered;
}

const char *
store_source_problem(const struct store *store, unsigned source)
{
	return store->lineages.source_problems[source];
}

static bool
is_unread(const struct lineage *lineage)
{
	return lineage->generation_count == 0 && lineage->problem != NULL;
}

static bool
blind_visit(const struct trie_entry *entry, void *arg)
{
	const struct lineage *lineage = entry->value;
	const char **text = arg;

	if (is_unread(lineage))
		*text = lineage->problem;
	return *text == NULL;
}

/* What is bound to it by name says of itself why. */
static const char *
bound_blindness(const struct service_view *view)
{
	for (size_t i = view->readable; i < view->lineage_count; i++)
		if (view->lineages[i]->problem != NULL)
			return view->lineages[i]->problem;
	return NULL;
}

const char *
store_blindness(const struct store *store, const struct service_view *view)
{
	const char *text = bound_blindness(view);

	for (size_t i = 0; text == NULL && i < store->config->source_count; i++)
		text = store->lineages.source_problems[i];
	if (text == NULL && view->service->config->lineages == NULL)
		(void)trie_walk(
		    &store->lineages.all, "", 0, blind_visit, &text);
	return text;
}

static bool
is_of_another(const struct trie_entry *entry, void *arg)
{
	const struct lineage *lineage = entry->value;
	const unsigned *source = arg;

	return lineage->source != *source;
}

bool
store_source_is_empty(const struct store *store, unsigned source)
{
	return trie_walk(&store->lineages.all, "", 0, is_of_another, &source);
}

size_t
store_lineage_count(const struct store *store)
{
	return store->lineages.all.count;
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

	(void)trie_walk(&store->lineages.all, "", 0, walk_visit, &walk);
}

/* Who is told of those that are unread. */
struct unread_walk {
	const struct store *store;
	struct walk walk;
};

static bool
unread_visit(const struct trie_entry *entry, void *arg)
{
	const struct unread_walk *unread = arg;
	const struct lineage *lineage = entry->value;

	return !is_unread(lineage) ||
	       index_has(&unread->store->services.by_lineage, lineage->name,
		   strlen(lineage->name)) ||
	       unread->walk.visit(lineage, unread->walk.arg);
}

void
store_walk_unread(const struct store *store,
    bool (*visit)(const struct lineage *lineage, void *arg), void *arg)
{
	struct unread_walk unread = { store, { visit, arg } };
	size_t blind = 0;

	/* Thousands that can be read are passed over at once. */
	for (size_t i = 0; i < store->config->source_count; i++)
		blind += store->lineages.blind[i];
	if (blind > 0)
		(void)trie_walk(
		    &store->lineages.all, "", 0, unread_visit, &unread);
}

size_t
store_service_count(const struct store *store)
{
	return store->services.listed_count + store->services.discovered_count;
}

const struct service *
store_service(const struct store *store, size_t at)
{
	const struct services *services = &store->services;

	return at < services->listed_count
		   ? &services->listed[at]
		   : services->discovered[at - services->listed_count];
}

char *
store_owner_name(const struct store *store, const struct service *service)
{
	return service_owner_name(service, store->config);
}

char *
store_former_name(const struct store *store, const struct service *service)
{
	struct dname name;

	return store->formers.count > 0 &&
		       service_former_parse(service, store->config, &name) &&
		       trie_get(&store->formers, name.key, name.len) != NULL
		   ? dname_text(&name)
		   : NULL;
}

size_t
store_former_count(const struct store *store, int64_t *ret_until)
{
	*ret_until = former_wake(store);
	return store->formers.count;
}

const struct issuers *
store_issuers(const struct store *store)
{
	return store->issuers;
}

struct tlsa_pool *
store_pool(const struct store *store)
{
	return store->pool;
}

/* The worst of several, and whose it is. */
struct safety_walk {
	const struct store *store;
	const struct lineage *lineage;
	const struct chain *chain;
	const struct safety_scope *scope;
	size_t most;                /* services wanted */
	const struct service **met; /* owned; some of them twice */
	size_t met_count;
	size_t met_room;
	struct lineage_safety safety;
};

/* Whether the current certificate of another lineage names the host. */
static bool
has_other(const struct safety_walk *walk, const struct service *service,
    const struct dname *host)
{
	size_t count;
	size_t readable;
	const struct lineage **bound = store_bound(
	    walk->store, service, &count, &readable);
	bool has = false;

	for (size_t i = 0; !has && i < readable; i++)
		has = bound[i] != walk->lineage && bound[i]->deleted == 0 &&
		      cert_covers(lineage_current(bound[i])->leaf, host);
	free(bound);
	return has;
}

/*
 * The chain does not name the host any more, and that does no harm: the host is
 * another lineage's by now, or nobody ever listed it.  Otherwise nothing that
 * is published matches it there, and it is not safe.
 */
static bool
is_given_up(const struct safety_walk *walk, const struct service *service)
{
	struct dname room;
	const struct dname *host = service_host(service, &room);

	return host != NULL && !cert_covers(walk->chain->leaf, host) &&
	       (service->is_discovered || has_other(walk, service, host));
}

static void
service_judge(struct safety_walk *walk, const struct service *service)
{
	const struct store *store = walk->store;
	struct lineage_safety *all = &walk->safety;
	struct dname host;
	const struct policy_input input = store_policy_input(
	    store, service, walk->scope->now, &host);
	struct service_safety one = { .service = service };
	struct safety_wish wish = { &input, walk->chain, NULL, store->pool,
		input.policy->see == SIGHT_SERVERS };
	struct dname dname;

	if (is_given_up(walk, service))
		return;
	service_owner_dname(service, store->config, &dname);
	wish.owner = zone_get(zones_find(&store->zones, &dname), &dname);
	one.owner_name = store_owner_name(store, service);
	one.former_name = store_former_name(store, service);
	wish.by_sight = wish.by_sight ||
			(walk->scope->by_sight != NULL &&
			    texts_has(walk->scope->by_sight, one.owner_name));
	safety_judge(&wish, &one.safety);
	if (safety_is_worse(&one.safety, &all->worst))
		all->worst = one.safety;
	all->list[all->count++] = one;
}

static int
service_compare(const void *a, const void *b)
{
	uint32_t first = (*(const struct service *const *)a)->number;
	uint32_t second = (*(const struct service *const *)b)->number;

	return (first > second) - (first < second);
}

/* Keep each once, in their order, and of too many the first. */
static void
met_settle(struct safety_walk *walk)
{
	size_t count = 0;

	if (walk->met_count > 0)
		qsort(walk->met, walk->met_count, sizeof(const void *),
		    service_compare);
	for (size_t i = 0; i < walk->met_count; i++)
		if (i == 0 || walk->met[i] != walk->met[i - 1])
			walk->met[count++] = walk->met[i];
	if (count > walk->most) {
		walk->safety.next = walk->met[walk->most]->number;
		count = walk->most;
	}
	walk->met_count = count;
}

static void
met_add(struct safety_walk *walk, const struct service *service)
{
	if (walk->met_count == walk->met_room) {
		walk->met_room = 2 * walk->met_room + 16;
		walk->met = mem_resize(
		    walk->met, walk->met_room, sizeof(const void *));
	}
	walk->met[walk->met_count++] = service;
}

/* Return where those begin that are wanted: a list has them by their number. */
static size_t
list_begin(const struct index_list *list, uint32_t from)
{
	size_t first = 0;
	size_t end = list->count;

	while (first < end) {
		size_t at = first + (end - first) / 2;
		const struct service *service = list->items[at];

		if (service->number < from)
			first = at + 1;
		else
			end = at;
	}
	return first;
}

/* One more than is wanted tells what comes next. */
static void
safety_visit(const struct index_list *list, void *arg)
{
	struct safety_walk *walk = arg;
	size_t begin = list_begin(list, walk->scope->from);

	for (size_t i = begin; i < list->count && i - begin <= walk->most; i++)
		met_add(walk, list->items[i]);
}

void
store_lineage_safety(const struct store *store, const struct lineage *lineage,
    const struct safety_scope *scope, struct lineage_safety *ret_safety)
{
	struct safety_walk walk = { .store = store,
		.lineage = lineage,
		.chain = lineage_newest(lineage),
		.scope = scope,
		.most = scope->most > 0 ? scope->most : SIZE_MAX,
		.safety.worst = {
		    .is_safe = true, .is_published = true, .is_seen = true } };

	store_walk_services(store, lineage, safety_visit, &walk);
	met_settle(&walk);
	if (walk.met_count > 0)
		walk.safety.list = mem_array(
		    walk.met_count, sizeof(*walk.safety.list));
	for (size_t i = 0; i < walk.met_count; i++)
		service_judge(&walk, walk.met[i]);
	free(walk.met);
	*ret_safety = walk.safety;
}

void
lineage_safety_fini(struct lineage_safety *safety)
{
	for (size_t i = 0; i < safety->count; i++) {
		free(safety->list[i].owner_name);
		free(safety->list[i].former_name);
	}
	free(safety->list);
	*safety = (struct lineage_safety){ 0 };
}

/* What a lineage does of which nothing is known, nobody can promise. */
static void
view_limit(struct service_view *view)
{
	const struct lineage *unread = view->readable < view->lineage_count
					   ? view->lineages[view->readable]
					   : NULL;

	if (unread == NULL || !view->protection.is_protected)
		return;
	view->protection.is_protected = false;
	(void)snprintf(view->protection.text, sizeof(view->protection.text),
	    "at risk: lineage '%.200s' could never be read", unread->name);
}

void
store_view(const struct store *store, size_t at, int64_t now,
    struct service_view *ret_view)
{
	const struct service *service = store_service(store, at);
	struct service_view view = { .service = service };
	struct dname host;
	struct policy_input input = store_policy_input(
	    store, service, now, &host);
	struct dname dname;

	view.owner_name = store_owner_name(store, service);
	view.former_name = store_former_name(store, service);
	service_owner_dname(service, store->config, &dname);
	view.zone = zones_find(&store->zones, &dname);
	view.owner = zone_get(view.zone, &dname);
	view.lineages = store_bound(
	    store, service, &view.lineage_count, &view.readable);
	input.lineages = view.lineages;
	input.count = view.readable;
	store_set_published(&input, view.owner);
	policy_decide(&input, store->pool, &view.set);
	protection_judge(&input, &view.set, &view.protection);
	view_limit(&view);
	*ret_view = view;
}

void
service_view_fini(struct service_view *view)
{
	associations_fini(&view->set);
	free(view->lineages);
	free(view->owner_name);
	free(view->former_name);
	*view = (struct service_view){ 0 };
}
