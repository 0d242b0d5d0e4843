/* SPDX-License-Identifier: MIT */
#include "store_data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "serial.h"

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
gather_add_list(struct gather *gather, const struct index_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		gather_add(gather, list->items[i]);
}

static int
lineage_order(const void *left, const void *right)
{
	const struct lineage *a = *(const struct lineage *const *)left;
	const struct lineage *b = *(const struct lineage *const *)right;
	int order = strcmp(a->name, b->name);

	return order != 0 ? order : (int)a->source - (int)b->source;
}

const struct lineage **
store_bound(
    const struct store *store, const struct service *service, size_t *ret_count)
{
	const struct config_service *config = service->config;
	const struct dname *host = &config->dname;
	struct gather gather = { 0 };

	for (size_t i = 0; i < config->lineage_count; i++)
		(void)trie_walk(&store->lineages, config->lineages[i],
		    strlen(config->lineages[i]) + 1, gather_visit, &gather);
	if (config->lineages == NULL) {
		gather_add_list(&gather,
		    index_get(&store->lineages_by_host, host->key, host->len));
		gather_add_list(
		    &gather, index_get(&store->lineages_by_parent, host->key,
				 dname_parent_len(host->key, host->len)));
		if (gather.count > 1)
			qsort(gather.list, gather.count, sizeof(*gather.list),
			    lineage_order);
	}
	*ret_count = gather.count;
	return gather.list;
}

const struct zone *
store_zone(const struct store *store, const struct dname *dname)
{
	const struct zone *published = trie_get_longest(
	    &store->zones, dname->key, dname->len);
	const struct zone *edited = trie_get_longest(
	    &store->edits, dname->key, dname->len);

	if (published == NULL || edited == NULL)
		return edited != NULL ? edited : published;
	return edited->apex->dname.len >= published->apex->dname.len
		   ? edited
		   : published;
}

/* Return the zone for changing; it is copied at its first change. */
static struct zone *
zone_edit(struct store *store, const struct zone *zone)
{
	const struct dname *apex = &zone->apex->dname;
	struct zone *edit = trie_get(&store->edits, apex->key, apex->len);

	if (edit == NULL) {
		edit = zone_copy(zone);
		trie_set(&store->edits, apex->key, apex->len, edit);
	}
	return edit;
}

/* Keep those that have a chain, in place; the others cannot be published. */
static size_t
keep_readable(const struct lineage **bound, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (bound[i]->chain != NULL)
			bound[kept++] = bound[i];
	return kept;
}

/*
 * Whether something may belong to the RRset that we know nothing of: a
 * lineage that is named but could never be read, or, where nothing at all is
 * known, any lineage or store that could not.
 */
static bool
is_incomplete(const struct store *store, const struct service *service,
    size_t bound, size_t readable)
{
	if (service->config->lineages != NULL && readable < bound)
		return true;
	return bound == 0 &&
	       (store->sources_blind > 0 ||
		   (service->config->lineages == NULL && store->blind > 0));
}

static struct owner *
owner_of(const struct service *service, const struct dname *dname,
    const struct associations *set, bool incomplete)
{
	struct owner *owner;

	if (set->count == 0 && !incomplete)
		return NULL;
	owner = owner_new(dname, service->config->policy.ttl, set->count);
	for (size_t i = 0; i < set->count; i++)
		owner->rdata[i] = tlsa_ref(set->list[i].tlsa);
	owner->is_unknown = incomplete;
	return owner;
}

static void
number_key(
    const struct store *store, const struct service *service, uint8_t key[4])
{
	size_t number = (size_t)(service - store->services);

	for (int i = 0; i < 4; i++)
		key[i] = (uint8_t)(number >> (24 - 8 * i));
}

static void
service_set_timer(struct store *store, struct service *service,
    const struct associations *set)
{
	int64_t wake = INT64_MAX;

	for (size_t i = 0; i < set->count; i++)
		if (set->list[i].until < wake)
			wake = set->list[i].until;
	if (wake != INT64_MAX)
		timers_set(&store->timers, &service->timer, wake, service);
	else
		timers_clear(&store->timers, &service->timer);
}

static void
service_set_bare(struct store *store, struct service *service, bool bare)
{
	uint8_t key[4];

	if (service->is_bare == bare)
		return;
	number_key(store, service, key);
	if (bare)
		trie_set(&store->services_bare, key, sizeof(key), service);
	else
		(void)trie_remove(&store->services_bare, key, sizeof(key));
	service->is_bare = bare;
}

struct publication {
	struct store *store;
	int64_t now;
	void (*report)(const struct store_change *change, void *arg);
	void *arg;
};

/* Exchange the RRset if it differs; `after` (may be NULL) is taken over. */
static void
service_exchange(const struct publication *publication,
    const struct service *service, const struct dname *dname,
    const struct associations *set, struct owner *after)
{
	const struct zone *zone = store_zone(publication->store, dname);
	const struct owner *before = zone_get(zone, dname);
	struct store_change change = { service, before, after, set, zone };
	bool same = before == NULL || after == NULL
			? before == NULL && after == NULL
			: owner_equal(before, after);

	if (same) {
		owner_free(after);
		return;
	}
	if (publication->report != NULL)
		publication->report(&change, publication->arg);
	if (after != NULL)
		zone_set(zone_edit(publication->store, zone), dname, after);
	else
		zone_remove(zone_edit(publication->store, zone), dname);
}

/* Every bound lineage was deleted, and retained long enough. */
static bool
has_ended(const struct policy *policy, const struct lineage *const *lineages,
    size_t count, int64_t now)
{
	for (size_t i = 0; i < count; i++)
		if (lineages[i]->deleted == 0 ||
		    lineages[i]->deleted + policy->retain > now)
			return false;
	return count > 0;
}

static void
service_publish(const struct publication *publication, struct service *service)
{
	struct store *store = publication->store;
	const struct policy *policy = &service->config->policy;
	struct associations set;
	struct dname dname;
	size_t bound;
	const struct lineage **lineages = store_bound(store, service, &bound);
	size_t readable = keep_readable(lineages, bound);
	bool incomplete = is_incomplete(store, service, bound, readable);
	const struct owner *before;
	enum status status = dname_parse(
	    service->owner, strlen(service->owner), &dname);

	assert(status == STATUS_OK);
	(void)status;
	policy_decide(
	    policy, lineages, readable, publication->now, store->pool, &set);
	service_set_timer(store, service, &set);
	service_set_bare(store, service, bound == 0);
	before = zone_get(store_zone(store, &dname), &dname);
	if (before != NULL && !before->is_unknown) {
		/*
		 * Known lineages never lose their chain, so what was known is
		 * in the set, and the set is published.  If it is empty all
		 * the same (no lineage fits any more, or a chain came without
		 * CA certificates), what was published stays: only a
		 * deliberate deletion ends it.
		 */
		incomplete = false;
		if (set.count == 0 &&
		    !has_ended(policy, lineages, readable, publication->now))
			goto out;
	}
	service_exchange(publication, service, &dname, &set,
	    owner_of(service, &dname, &set, incomplete));
out:
	associations_fini(&set);
	free(lineages);
}

static bool
edit_visit(const struct trie_entry *entry, void *arg)
{
	const struct publication *publication = arg;
	const struct dname *apex;
	struct zone *zone = zone_copy(entry->value);

	apex = &zone->apex->dname;
	zone->serial = serial_next(zone->serial, publication->now);
	trie_set(&publication->store->zones, apex->key, apex->len, zone);
	return true;
}

/* Mark the services whose time has come. */
static void
timers_run(struct store *store, int64_t now)
{
	struct timer *timer;

	while ((timer = timers_first(&store->timers)) != NULL &&
	       timer->when <= now) {
		timers_clear(&store->timers, timer);
		store_mark(store, timer->item);
	}
}

static void
dirty_run(const struct publication *publication)
{
	struct store *store = publication->store;

	for (size_t i = 0; i < store->dirty_count; i++) {
		store->dirty[i]->is_dirty = false;
		service_publish(publication, store->dirty[i]);
	}
	store->dirty_count = 0;
}

struct snapshot *
store_publish(struct store *store, int64_t now,
    void (*report)(const struct store_change *change, void *arg), void *arg)
{
	struct publication publication = { store, now, report, arg };

	timers_run(store, now);
	dirty_run(&publication);
	if (store->forget_at != 0 && store->forget_at <= now) {
		store_forget(store, now);
		dirty_run(&publication);
	}
	(void)trie_walk(&store->edits, "", 0, edit_visit, &publication);
	trie_fini(&store->edits);
	trie_init(&store->edits, store->zones.value_free);
	return snapshot_freeze(&store->zones);
}

int64_t
store_next_wake(const struct store *store)
{
	const struct timer *timer = timers_first(&store->timers);
	int64_t wake = store->forget_at != 0 ? store->forget_at : -1;

	if (timer != NULL && (wake < 0 || timer->when < wake))
		wake = timer->when;
	return wake;
}

void
store_view(const struct store *store, size_t at, int64_t now,
    struct service_view *ret_view)
{
	const struct service *service = &store->services[at];
	struct service_view view = { .service = service };
	const struct lineage **readable;
	struct dname dname;
	size_t count;

	if (dname_parse(service->owner, strlen(service->owner), &dname) ==
	    STATUS_OK) {
		view.zone = store_zone(store, &dname);
		view.owner = zone_get(view.zone, &dname);
	}
	view.lineages = store_bound(store, service, &view.lineage_count);
	readable = mem_array(view.lineage_count, sizeof(*readable));
	for (size_t i = 0; i < view.lineage_count; i++)
		readable[i] = view.lineages[i];
	count = keep_readable(readable, view.lineage_count);
	policy_decide(&service->config->policy, readable, count, now,
	    store->pool, &view.set);
	free(readable);
	*ret_view = view;
}

void
service_view_fini(struct service_view *view)
{
	associations_fini(&view->set);
	free(view->lineages);
	*view = (struct service_view){ 0 };
}
