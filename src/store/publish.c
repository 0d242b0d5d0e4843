/* SPDX-License-Identifier: MIT */
#include "owner.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/discover.h"
#include "dns/serial.h"
#include "policy/policy.h"

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
		(void)trie_walk(&store->lineages, config->lineages[i],
		    strlen(config->lineages[i]) + 1, gather_visit, &gather);
	if (config->lineages == NULL &&
	    dname_parse(config->host, strlen(config->host), &host) ==
		STATUS_OK) {
		gather_add_list(&gather,
		    index_get(&store->lineages_by_host, host.key, host.len));
		gather_add_list(
		    &gather, index_get(&store->lineages_by_parent, host.key,
				 dname_parent_len(host.key, host.len)));
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

struct zone *
store_edit_zone(struct store *store, const struct zone *zone)
{
	const struct dname *apex = &zone->apex->dname;
	struct zone *edit = trie_get(&store->edits, apex->key, apex->len);

	if (edit == NULL) {
		edit = zone_copy(zone);
		trie_set(&store->edits, apex->key, apex->len, edit);
	}
	return edit;
}

/* Exchange the RRset if it differs; `after` (may be NULL) is taken over. */
static void
owner_exchange(const struct subject *subject, struct owner *after)
{
	struct store *store = subject->store;
	const struct zone *zone = store_zone(store, &subject->dname);
	const struct owner *before = zone_get(zone, &subject->dname);
	struct store_change change = { .service = subject->service,
		.before = before,
		.after = after,
		.set = &subject->set };
	bool same = before == NULL || after == NULL
			? before == NULL && after == NULL
			: owner_equal(before, after);
	char *name;

	if (same) {
		owner_free(after);
		return;
	}
	if (subject->report->owner != NULL) {
		name = store_owner_name(store, subject->service);
		change.owner = name;
		subject->report->owner(&change, subject->report->arg);
		free(name);
	}
	if (after != NULL) {
		zone_set(store_edit_zone(store, zone), &subject->dname, after);
		/* It had gone, with a source perhaps, and is back. */
		(void)trie_remove(
		    &store->gone, subject->dname.key, subject->dname.len);
	} else {
		zone_remove(store_edit_zone(store, zone), &subject->dname);
	}
}

static void
owner_forget(const struct subject *subject)
{
	store_note_gone(subject->store, subject->dname.key, subject->dname.len);
}

static void
service_set_timer(const struct subject *subject)
{
	struct store *store = subject->store;
	struct service *service = subject->service;
	int64_t retain = service->config->policy.retain;
	int64_t wake = subject->set.again;

	for (size_t i = 0; i < subject->set.count; i++)
		if (subject->set.list[i].until < wake)
			wake = subject->set.list[i].until;
	/* What was kept without an association ends with its lineage. */
	for (size_t i = 0; i < subject->readable; i++) {
		int64_t end = subject->lineages[i]->deleted + retain;

		if (subject->lineages[i]->deleted != 0 && end > subject->now &&
		    end < wake)
			wake = end;
	}
	if (wake != INT64_MAX)
		timers_set(&store->timers, &service->timer, wake, service);
	else
		timers_clear(&store->timers, &service->timer);
}

void
store_set_bare(struct store *store, struct service *service, bool bare)
{
	uint8_t key[4];

	if (service->is_bare == bare)
		return;
	for (int i = 0; i < 4; i++)
		key[i] = (uint8_t)(service->number >> (24 - 8 * i));
	if (bare)
		trie_set(&store->services_bare, key, sizeof(key), service);
	else
		(void)trie_remove(&store->services_bare, key, sizeof(key));
	service->is_bare = bare;
}

/* Whether the certificate that is current in some lineage names the host. */
static bool
is_covered(const struct subject *subject)
{
	const char *host = subject->service->config->host;
	struct dname dname;

	if (dname_parse(host, strlen(host), &dname) != STATUS_OK)
		return false;
	for (size_t i = 0; i < subject->readable; i++) {
		const struct lineage *lineage = subject->lineages[i];

		if (lineage->deleted == 0 &&
		    cert_covers(lineage_current(lineage)->leaf, &dname))
			return true;
	}
	return false;
}

static void
service_set_concern(const struct subject *subject)
{
	struct service *service = subject->service;
	enum service_concern concern = CONCERN_NONE;

	if (subject->set.count == 0)
		concern = service->is_bare ? CONCERN_BARE : CONCERN_EMPTY;
	else if (!is_covered(subject))
		concern = CONCERN_UNCOVERED;
	if (concern == service->concern)
		return;
	service->concern = concern;
	if (subject->report->concern != NULL)
		subject->report->concern(service, subject->report->arg);
}

static void
service_publish(struct store *store, struct service *service, int64_t now,
    const struct store_report *report)
{
	struct subject subject = {
		.store = store, .service = service, .now = now, .report = report
	};
	struct dname host;
	struct policy_input input = store_policy_input(
	    store, service, now, &host);
	struct owner *after;

	store_owner_dname(store, service, &subject.dname);
	subject.lineages = store_bound(
	    store, service, &subject.count, &subject.readable);
	subject.before = zone_get(
	    store_zone(store, &subject.dname), &subject.dname);
	if (subject.before != NULL && subject.before->is_unknown)
		subject.before = NULL;
	subject.known = trie_get(
	    &store->known_owners, subject.dname.key, subject.dname.len);
	input.lineages = subject.lineages;
	input.count = subject.readable;
	store_set_published(
	    &input, subject.before != NULL ? subject.before : subject.known);
	policy_decide(&input, store->pool, &subject.set);
	service_set_timer(&subject);
	store_set_bare(store, service,
	    subject.readable == 0 || !subject_is_bound(&subject) ||
		subject_is_incomplete(&subject));
	service_set_concern(&subject);
	if (subject_choose(&subject, &after))
		owner_exchange(&subject, after);
	/* What is on record of a service that has ended must not come back. */
	if (subject.known != NULL && subject_has_ended(&subject))
		owner_forget(&subject);
	/* From here on the zone remembers. */
	subject.before = zone_get(
	    store_zone(store, &subject.dname), &subject.dname);
	service->is_stuck = subject.before != NULL &&
			    subject.before->count > 0 && subject.set.count == 0;
	if (subject.before != NULL && !subject.before->is_unknown)
		(void)trie_remove(
		    &store->known_owners, subject.dname.key, subject.dname.len);
	associations_fini(&subject.set);
	free(subject.lineages);
}

/* No leaf names its host any more: its RRset goes, and so does it. */
static void
service_desert(struct store *store, struct service *service, int64_t now,
    const struct store_report *report)
{
	struct subject subject = {
		.store = store, .service = service, .now = now, .report = report
	};

	store_owner_dname(store, service, &subject.dname);
	owner_exchange(&subject, NULL);
	owner_forget(&subject);
	store_desert(store, service);
}

/* What serials are given by. */
struct publication {
	struct store *store;
	int64_t now;
	const struct store_report *report;
};

/*
 * A zone whose content has a serial on record gets that one: it is a restart,
 * or another process was first.
 */
static uint32_t
serial_give(struct known_zone *known, const struct zone *zone, int64_t now)
{
	uint32_t last = zone->serial;

	if (known->serial != 0 &&
	    content_equal(&known->content, &zone->content) &&
	    (last == 0 || !serial_is_after(last, known->serial)))
		return known->serial;
	if (last == 0 || serial_is_after(known->serial, last))
		last = known->serial;
	return serial_next(last, now);
}

static bool
edit_visit(const struct trie_entry *entry, void *arg)
{
	const struct publication *publication = arg;
	struct store *store = publication->store;
	struct zone *zone = zone_copy(entry->value);
	const struct dname *apex = &zone->apex->dname;
	struct known_zone *known;

	if (zone->apex->kind == ZONE_OWN) {
		known = store_known_zone(store, apex);
		zone->serial = serial_give(known, zone, publication->now);
		known->serial = zone->serial;
		known->content = zone->content;
	}
	trie_set(&store->zones, apex->key, apex->len, zone);
	if (publication->report->zone != NULL && zone->apex->kind == ZONE_OWN)
		publication->report->zone(zone, publication->report->arg);
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
dirty_run(struct store *store, int64_t now, const struct store_report *report)
{
	for (size_t i = 0; i < store->dirty_count; i++) {
		struct service *service = store->dirty[i];

		service->is_dirty = false;
		if (store_is_deserted(store, service))
			service_desert(store, service, now, report);
		else
			service_publish(store, service, now, report);
	}
	store->dirty_count = 0;
}

bool
store_is_pending(const struct store *store, int64_t now)
{
	int64_t wake = store_next_wake(store);

	return store->dirty_count > 0 || store->edits.count > 0 ||
	       (wake >= 0 && wake <= now);
}

struct snapshot *
store_publish(
    struct store *store, int64_t now, const struct store_report *report)
{
	static const struct store_report nobody = { 0 };
	struct publication publication = { store, now,
		report != NULL ? report : &nobody };

	store_settle_ids(store);
	timers_run(store, now);
	store_learn(store, now, publication.report);
	dirty_run(store, now, publication.report);
	if (store->forget_at != 0 && store->forget_at <= now) {
		store_forget(store, now);
		dirty_run(store, now, publication.report);
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
