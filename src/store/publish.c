/* SPDX-License-Identifier: MIT */
#include "store/publish.h"

#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "discover.h"
#include "forget.h"
#include "former.h"
#include "learn.h"
#include "owner.h"
#include "policy/policy.h"
#include "store/look.h"

/*
 * Most of what is published at a start is what was published before it.  From
 * the first publication on, the record has something else.
 */
static bool
is_recorded(const struct owner *known, const struct owner *before,
    const struct owner *after)
{
	return known != NULL && known->is_recorded && before == NULL &&
	       after != NULL && owner_equal(known, after) &&
	       memcmp(known->times, after->times,
		   after->count * sizeof(after->times[0])) == 0;
}

/* Exchange the RRset if it differs; `after` (may be NULL) is taken over. */
static void
owner_exchange(const struct subject *subject, struct owner *after,
    const struct store_report *report)
{
	struct store *store = subject->store;
	const struct zone *zone = zones_find(&store->zones, &subject->dname);
	const struct owner *before = zone_get(zone, &subject->dname);
	struct store_change change = { .service = subject->service,
		.before = before,
		.after = after,
		.is_recorded = is_recorded(subject->known, before, after),
		.set = &subject->set };
	bool same = before == NULL || after == NULL
			? before == NULL && after == NULL
			: owner_equal(before, after);
	char *name;

	if (same) {
		owner_free(after);
		return;
	}
	if (report->owner != NULL) {
		name = dname_text(&subject->dname);
		change.owner = name;
		report->owner(&change, report->arg);
		free(name);
	}
	if (after != NULL) {
		zone_set(
		    zones_edit(&store->zones, zone), &subject->dname, after);
		/* It had gone, with a source perhaps, and is back. */
		(void)trie_remove(
		    &store->zones.gone, subject->dname.key, subject->dname.len);
	} else {
		zone_remove(zones_edit(&store->zones, zone), &subject->dname);
	}
}

static void
owner_forget(const struct subject *subject)
{
	zones_note_gone(
	    &subject->store->zones, subject->dname.key, subject->dname.len);
}

/*
 * Publish under the name that a CNAME may still lead to what `subject`, which
 * was just decided, has under its own; NULL: not any more.
 */
static void
former_exchange(const struct subject *subject, const struct owner *owner,
    const struct store_report *report)
{
	struct store *store = subject->store;
	struct subject former = *subject;
	struct owner *copy = NULL;

	former.known = NULL; /* that was under its own name */
	if (store->formers.count == 0 ||
	    !service_former_parse(
		subject->service, store->config, &former.dname) ||
	    trie_get(&store->formers, former.dname.key, former.dname.len) ==
		NULL)
		return;
	if (owner != NULL && store->formers_end > subject->now) {
		copy = owner_copy(owner);
		owner_seal(copy, &former.dname);
	}
	owner_exchange(&former, copy, report);
	(void)trie_remove(
	    &store->zones.known_owners, former.dname.key, former.dname.len);
	if (copy != NULL)
		return;
	owner_forget(&former);
	former_drop(store, subject->service);
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
		timers_set(
		    &store->services.timers, &service->timer, wake, service);
	else
		timers_clear(&store->services.timers, &service->timer);
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
service_set_concern(
    const struct subject *subject, const struct store_report *report)
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
	if (report->concern != NULL)
		report->concern(service, report->arg);
}

static void
service_publish(struct store *store, struct service *service, int64_t now,
    const struct store_report *report)
{
	struct subject subject = {
		.store = store, .service = service, .now = now
	};
	struct dname host;
	struct policy_input input = store_policy_input(
	    store, service, now, &host);
	struct owner *after;

	service_owner_dname(service, store->config, &subject.dname);
	subject.lineages = store_bound(
	    store, service, &subject.count, &subject.readable);
	subject.before = zone_get(
	    zones_find(&store->zones, &subject.dname), &subject.dname);
	if (subject.before != NULL && subject.before->is_unknown)
		subject.before = NULL;
	subject.known = trie_get(
	    &store->zones.known_owners, subject.dname.key, subject.dname.len);
	input.lineages = subject.lineages;
	input.count = subject.readable;
	store_set_published(
	    &input, subject.before != NULL ? subject.before : subject.known);
	policy_decide(&input, store->pool, &subject.set);
	service_set_timer(&subject);
	services_set_bare(&store->services, service,
	    subject.readable == 0 || !subject_is_bound(&subject) ||
		subject_is_incomplete(&subject));
	service_set_concern(&subject, report);
	if (subject_choose(&subject, &after))
		owner_exchange(&subject, after, report);
	/* What is on record of a service that has ended must not come back. */
	if (subject.known != NULL && subject_has_ended(&subject))
		owner_forget(&subject);
	/* From here on the zone remembers. */
	subject.before = zone_get(
	    zones_find(&store->zones, &subject.dname), &subject.dname);
	service->is_stuck = subject.before != NULL &&
			    subject.before->count > 0 && subject.set.count == 0;
	if (subject.before != NULL && !subject.before->is_unknown)
		(void)trie_remove(&store->zones.known_owners, subject.dname.key,
		    subject.dname.len);
	former_exchange(&subject, subject.before, report);
	associations_fini(&subject.set);
	free(subject.lineages);
}

/* No leaf names its host any more: its RRset goes, and so does it. */
static void
service_desert(struct store *store, struct service *service, int64_t now,
    const struct store_report *report)
{
	struct subject subject = {
		.store = store, .service = service, .now = now
	};

	service_owner_dname(service, store->config, &subject.dname);
	owner_exchange(&subject, NULL, report);
	owner_forget(&subject);
	former_exchange(&subject, NULL, report);
	store_desert(store, service);
}

static void
dirty_run(struct store *store, int64_t now, const struct store_report *report)
{
	struct services *services = &store->services;

	for (size_t i = 0; i < services->dirty_count; i++) {
		struct service *service = services->dirty[i];

		service->is_dirty = false;
		if (store_is_deserted(store, service))
			service_desert(store, service, now, report);
		else
			service_publish(store, service, now, report);
	}
	/* Few are wanted after the first time, of a million. */
	free(services->dirty);
	services->dirty = NULL;
	services->dirty_count = services->dirty_size = 0;
}

bool
store_is_pending(const struct store *store, int64_t now)
{
	int64_t wake = store_next_wake(store);

	return store->services.dirty_count > 0 ||
	       store->zones.edits.count > 0 || (wake >= 0 && wake <= now);
}

struct snapshot *
store_publish(
    struct store *store, int64_t now, const struct store_report *report)
{
	static const struct store_report nobody = { 0 };

	if (report == NULL)
		report = &nobody;
	zones_settle_ids(&store->zones);
	services_mark_due(&store->services, now);
	store_learn(store, now, report->learned, report->arg);
	former_settle(store, now);
	dirty_run(store, now, report);
	if (store->lineages.forget_at != 0 &&
	    store->lineages.forget_at <= now) {
		store_forget(store, now);
		dirty_run(store, now, report);
	}
	zones_publish(&store->zones, now, report->zone, report->arg);
	return snapshot_freeze(&store->zones.published);
}

int64_t
store_next_wake(const struct store *store)
{
	const struct timer *timer = timers_first(&store->services.timers);
	int64_t wake = store->lineages.forget_at != 0
			   ? store->lineages.forget_at
			   : -1;
	int64_t former = former_wake(store);

	if (former >= 0 && (wake < 0 || former < wake))
		wake = former;
	if (timer != NULL && (wake < 0 || timer->when < wake))
		wake = timer->when;
	return wake;
}
