/* SPDX-License-Identifier: MIT */
#include "store/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "bind.h"
#include "discover.h"
#include "dns/serial.h"
#include "former.h"
#include "learn.h"
#include "store/told.h"

/* A time on record that lies ahead is from a clock that went wrong. */
static int64_t
not_after(int64_t when, int64_t now)
{
	return when < now ? when : now;
}

void
store_remember_zone(struct store *store, const char *name, int32_t id,
    uint32_t serial, const struct content *content)
{
	struct known_zone *known;
	const struct zone *zone;
	struct dname apex;

	if (dname_parse(name, strlen(name), &apex) != STATUS_OK)
		return;
	known = zones_known(&store->zones, &apex);
	known->id = id;
	if (known->serial == 0 || serial_is_after(serial, known->serial)) {
		known->serial = serial;
		known->content = *content;
	}
	zone = trie_get(&store->zones.published, apex.key, apex.len);
	if (zone != NULL && zone->apex->kind == ZONE_OWN &&
	    serial_is_after(known->serial, zone->serial) &&
	    content_equal(&zone->content, &known->content))
		(void)zones_edit(&store->zones, zone);
}

static void
times_merge(struct rr_times *times, const struct rr_times *other)
{
	if (other->since < times->since)
		times->since = other->since;
	if (other->seen != 0 && (times->seen == 0 || other->seen < times->seen))
		times->seen = other->seen;
}

/*
 * What is published at `dname` was so before, as `owner` has it, or was seen:
 * the earlier times count.
 */
static void
times_remember(
    struct zones *zones, const struct dname *dname, const struct owner *owner)
{
	struct owner *published = zones_find_owner(zones, dname);

	for (size_t i = 0; published != NULL && i < published->count; i++)
		for (size_t k = 0; k < owner->count; k++)
			if (owner->rdata[k] == published->rdata[i])
				times_merge(
				    &published->times[i], &owner->times[k]);
}

/* Whether nothing of it had to be left out or put right. */
static bool
is_as_recorded(
    const struct owner *owner, const struct remembered_rr *list, size_t count)
{
	if (owner->count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (owner->times[i].since != list[i].since ||
		    owner->times[i].seen != list[i].seen)
			return false;
	return true;
}

void
store_remember_owner(struct store *store, const char *name, uint32_t ttl,
    const struct lowered *lowered, const struct remembered_rr *list,
    size_t count, int64_t now)
{
	struct owner *owner;
	struct dname dname;
	size_t kept = 0;

	if (dname_parse(name, strlen(name), &dname) != STATUS_OK ||
	    count > UINT16_MAX)
		return;
	owner = owner_new(ttl, count);
	owner->lowered = *lowered;
	for (size_t i = 0; i < count; i++) {
		if (tlsa_parse(store->pool, list[i].rdata,
			&owner->rdata[kept]) != STATUS_OK)
			continue;
		owner->times[kept++] = (struct rr_times){
			rr_time(not_after(list[i].since, now)),
			rr_time(not_after(list[i].seen, now))
		};
	}
	owner->count = (uint16_t)kept;
	owner->is_recorded = is_as_recorded(owner, list, count);
	owner_seal(owner, &dname);
	times_remember(&store->zones, &dname, owner);
	trie_set(&store->zones.known_owners, dname.key, dname.len, owner);
}

void
store_forget_owner(struct store *store, const char *name)
{
	struct dname dname;

	if (dname_parse(name, strlen(name), &dname) == STATUS_OK)
		(void)trie_remove(
		    &store->zones.known_owners, dname.key, dname.len);
}

void
store_remember_lineage(struct store *store, unsigned source, const char *name,
    const char *file, const struct fingerprint *print, int64_t deleted,
    const struct generation *generations, size_t count, int64_t now)
{
	struct lineage *lineage = lineages_add(&store->lineages, source, name);

	if (lineage->generation_count > 0 || count == 0) {
		for (size_t i = 0; i < count; i++)
			chain_unref(generations[i].chain);
		return;
	}
	lineage->file = mem_string(file);
	lineage->print = *print;
	lineage->is_provisional = true;
	lineage->deleted = not_after(deleted, now);
	for (size_t i = 0; i < count; i++)
		lineage_restore(lineage, generations[i].chain,
		    not_after(generations[i].since, now),
		    not_after(generations[i].replaced, now));
	store_note_teacher(store, lineage);
	/* When exactly, the first look will tell. */
	if (count > 1 || deleted != 0)
		lineages_set_forget(&store->lineages, now);
	store_enter_lineage(store, lineage);
	store_mark_lineage(store, lineage);
}

void
store_remember_late(struct store *store, unsigned source, const char *name,
    const char *file, const struct fingerprint *print, int64_t deleted,
    const struct generation *generations, size_t count, int64_t now)
{
	const struct lineage *known = lineages_find(
	    &store->lineages, source, name);
	bool is_there = known != NULL ||
			store->lineages.source_problems[source] != NULL;

	if (known == NULL || known->generation_count == 0) {
		store_remember_lineage(store, source, name, file, print,
		    is_there || deleted != 0 ? deleted : now, generations,
		    count, now);
		lineages_add(&store->lineages, source, name)
		    ->is_provisional = is_there;
		return;
	}
	/* What the record calls current and is not, was until just now. */
	for (size_t i = 0; i < count; i++)
		store_add_past(store, source, name, generations[i].chain,
		    not_after(generations[i].since, now),
		    generations[i].replaced != 0
			? not_after(generations[i].replaced, now)
			: now);
}

static bool
note_visit(const struct trie_entry *entry, void *arg)
{
	lineages_note(arg, entry->value);
	return true;
}

void
store_lose_memory(struct store *store, bool is_lost)
{
	store->is_lost = is_lost;
}

bool
store_has_memory(const struct store *store)
{
	return !store->is_lost;
}

void
store_note_all(struct store *store)
{
	(void)trie_walk(
	    &store->lineages.all, "", 0, note_visit, &store->lineages);
	store->zones.is_shifted = true;
}

void
store_remember_deployed(struct store *store, unsigned source, const char *name,
    const struct deployed *list, size_t count)
{
	struct lineage *lineage = lineages_find(&store->lineages, source, name);

	if (lineage == NULL ||
	    (lineage->deployed_count == count &&
		(count == 0 || memcmp(lineage->deployed, list,
				   count * sizeof(*list)) == 0)))
		return;
	lineage_put_deployed(lineage, list, count);
	store_mark_lineage(store, lineage);
}

/* How far the clock was set, and whose times go with it. */
struct shift {
	struct lineages *lineages;
	int64_t delta;
};

static bool
shift_lineage(const struct trie_entry *entry, void *arg)
{
	const struct shift *shift = arg;
	struct lineage *lineage = entry->value;

	for (size_t i = 0; i < lineage->generation_count; i++) {
		lineage->generations[i].since += shift->delta;
		if (lineage->generations[i].replaced != 0)
			lineage->generations[i].replaced += shift->delta;
	}
	if (lineage->deleted != 0)
		lineage->deleted += shift->delta;
	lineages_note(shift->lineages, lineage);
	return true;
}

/* Times are no part of what a snapshot answers, so they may change in it. */
static bool
shift_owner(const struct trie_entry *entry, void *arg)
{
	const struct shift *shift = arg;
	struct owner *owner = entry->value;

	owner->is_recorded = false;
	if (owner->lowered.ttl != 0)
		owner->lowered.at = rr_time(owner->lowered.at + shift->delta);
	for (size_t i = 0; i < owner->count; i++) {
		struct rr_times *times = &owner->times[i];

		times->since = rr_time(times->since + shift->delta);
		if (times->seen != 0)
			times->seen = rr_time(times->seen + shift->delta);
	}
	return true;
}

static bool
shift_zone(const struct trie_entry *entry, void *arg)
{
	const struct zone *zone = entry->value;

	return trie_walk(&zone->owners, "", 0, shift_owner, arg);
}

void
store_shift_times(struct store *store, int64_t delta)
{
	struct shift shift = { &store->lineages, delta };

	(void)trie_walk(&store->lineages.all, "", 0, shift_lineage, &shift);
	(void)trie_walk(&store->zones.known_owners, "", 0, shift_owner, &shift);
	(void)trie_walk(&store->zones.published, "", 0, shift_zone, &shift);
	if (store->lineages.forget_at != 0)
		store->lineages.forget_at += delta;
	if (former_wake(store) > 0)
		store->formers_end += delta;
	store->zones.is_shifted = true;
	services_mark_all(&store->services);
}

static bool
is_among(const char *text, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(text, texts[i]) == 0)
			return true;
	return false;
}

bool
store_set_seen(struct store *store, const char *name, const char *const *texts,
    size_t count, int64_t now)
{
	struct dname dname;
	struct owner *owner = NULL;
	bool is_new = false;

	if (dname_parse(name, strlen(name), &dname) == STATUS_OK)
		owner = zones_find_owner(&store->zones, &dname);
	for (size_t i = 0; owner != NULL && i < owner->count; i++) {
		if (owner->times[i].seen != 0 ||
		    !is_among(owner->rdata[i]->text, texts, count))
			continue;
		owner->times[i].seen = rr_time(now);
		is_new = true;
	}
	if (is_new)
		trie_set(&store->zones.timed, dname.key, dname.len, owner);
	return owner != NULL;
}

struct changed_walk {
	void (*visit)(const struct lineage *lineage, void *arg);
	void *arg;
};

static bool
changed_visit(const struct trie_entry *entry, void *arg)
{
	const struct changed_walk *walk = arg;

	walk->visit(entry->value, walk->arg);
	return true;
}

void
store_walk_changed(struct store *store,
    void (*visit)(const struct lineage *lineage, void *arg), void *arg)
{
	struct changed_walk walk = { visit, arg };
	struct trie *lists[] = { &store->lineages.forgotten,
		&store->lineages.changed };

	for (size_t i = 0; i < 2; i++) {
		void (*value_free)(void *value) = lists[i]->value_free;

		(void)trie_walk(lists[i], "", 0, changed_visit, &walk);
		trie_fini(lists[i]);
		trie_init(lists[i], value_free);
	}
}

/* Who is told of RRsets with other times. */
struct timed_walk {
	const struct zones *zones;
	void (*visit)(const char *name, const struct owner *owner, void *arg);
	void *arg;
};

static bool
timed_visit(const struct trie_entry *entry, void *arg)
{
	const struct timed_walk *walk = arg;
	struct dname dname = { .len = (uint16_t)entry->len };
	const struct owner *owner;
	struct buf name = { 0 };

	memcpy(dname.key, entry->key, entry->len);
	owner = zones_find_owner(walk->zones, &dname);
	if (owner == NULL || owner->is_unknown)
		return true;
	dname_format(entry->key, entry->len, &name);
	walk->visit(buf_text(&name), owner, walk->arg);
	buf_fini(&name);
	return true;
}

static bool
timed_zone_visit(const struct trie_entry *entry, void *arg)
{
	const struct zone *zone = entry->value;

	return trie_walk(&zone->owners, "", 0, timed_visit, arg);
}

void
store_walk_timed(struct store *store,
    void (*visit)(const char *name, const struct owner *owner, void *arg),
    void *arg)
{
	struct timed_walk walk = { &store->zones, visit, arg };

	if (store->zones.is_shifted)
		(void)trie_walk(
		    &store->zones.published, "", 0, timed_zone_visit, &walk);
	else
		(void)trie_walk(&store->zones.timed, "", 0, timed_visit, &walk);
	store->zones.is_shifted = false;
	trie_fini(&store->zones.timed);
	trie_init(&store->zones.timed, NULL);
}

struct gone_walk {
	void (*visit)(const char *name, void *arg);
	void *arg;
};

static bool
gone_visit(const struct trie_entry *entry, void *arg)
{
	const struct gone_walk *walk = arg;

	walk->visit(entry->value, walk->arg);
	return true;
}

void
store_walk_gone(
    struct store *store, void (*visit)(const char *name, void *arg), void *arg)
{
	struct gone_walk walk = { visit, arg };

	(void)trie_walk(&store->zones.gone, "", 0, gone_visit, &walk);
	trie_fini(&store->zones.gone);
	trie_init(&store->zones.gone, free);
}
