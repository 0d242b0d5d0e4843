/* SPDX-License-Identifier: MIT */
/*
 * What the store was told of former times: ids and serials of zones, RRsets
 * with the times since when they were published, generations of lineages.
 */
#include "data.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/serial.h"

/* A time on record that lies ahead is from a clock that went wrong. */
static int64_t
not_after(int64_t when, int64_t now)
{
	return when < now ? when : now;
}

struct known_zone *
store_known_zone(struct store *store, const struct dname *apex)
{
	struct known_zone *known = trie_get(
	    &store->known_zones, apex->key, apex->len);

	if (known == NULL) {
		known = mem_new(sizeof(*known));
		known->id = -1;
		trie_set(&store->known_zones, apex->key, apex->len, known);
	}
	return known;
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
	known = store_known_zone(store, &apex);
	known->id = id;
	if (known->serial == 0 || serial_is_after(serial, known->serial)) {
		known->serial = serial;
		known->content = *content;
	}
	zone = trie_get(&store->zones, apex.key, apex.len);
	if (zone != NULL && zone->apex->kind == ZONE_OWN &&
	    serial_is_after(known->serial, zone->serial) &&
	    content_equal(&zone->content, &known->content))
		(void)store_edit_zone(store, zone);
}

struct ids {
	int32_t next;
};

static bool
ids_visit(const struct trie_entry *entry, void *arg)
{
	const struct known_zone *known = entry->value;
	struct ids *ids = arg;

	if (known->id >= ids->next)
		ids->next = known->id + 1;
	return true;
}

/*
 * PowerDNS keeps the ids of zones for minutes and asks with them, so a zone
 * keeps its id for ever, and no other zone ever gets it.
 */
void
store_settle_ids(struct store *store)
{
	struct ids ids = { ZONE_ID_FIRST };

	(void)trie_walk(&store->known_zones, "", 0, ids_visit, &ids);
	for (size_t i = 0; i < store->config->zone_count; i++) {
		const struct dname *apex = &store->config->zones[i].dname;
		struct known_zone *known = store_known_zone(store, apex);
		struct zone *edit = trie_get(
		    &store->edits, apex->key, apex->len);

		if (known->id < ZONE_ID_FIRST)
			known->id = ids.next++;
		if (edit != NULL)
			edit->apex->id = known->id;
	}
}

void
store_remember_owner(struct store *store, const char *name, uint32_t ttl,
    const struct remembered_rr *list, size_t count, int64_t now)
{
	struct owner *owner;
	struct dname dname;
	size_t kept = 0;

	if (dname_parse(name, strlen(name), &dname) != STATUS_OK ||
	    count > UINT16_MAX)
		return;
	owner = owner_new(ttl, count);
	for (size_t i = 0; i < count; i++) {
		if (tlsa_parse(store->pool, list[i].rdata,
			&owner->rdata[kept]) != STATUS_OK)
			continue;
		owner->times[kept++] = (struct rr_times){
			store_time(not_after(list[i].since, now)),
			store_time(not_after(list[i].seen, now))
		};
	}
	owner->count = (uint16_t)kept;
	owner_seal(owner, &dname);
	store_merge_times(store, &dname, owner);
	trie_set(&store->known_owners, dname.key, dname.len, owner);
}

void
store_forget_owner(struct store *store, const char *name)
{
	struct dname dname;

	if (dname_parse(name, strlen(name), &dname) == STATUS_OK)
		(void)trie_remove(&store->known_owners, dname.key, dname.len);
}

void
store_remember_lineage(struct store *store, unsigned source, const char *name,
    const char *file, const struct fingerprint *print, int64_t deleted,
    const struct generation *generations, size_t count, int64_t now)
{
	struct lineage *lineage = store_find_lineage(store, source, name, true);

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
		store_set_forget(store, now);
	store_index_lineage(store, lineage, true);
	store_mark_lineage(store, lineage);
}

void
store_remember_late(struct store *store, unsigned source, const char *name,
    const char *file, const struct fingerprint *print, int64_t deleted,
    const struct generation *generations, size_t count, int64_t now)
{
	const struct lineage *known = store_lineage(store, source, name);
	bool is_there = known != NULL || store->source_problems[source] != NULL;

	if (known == NULL || known->generation_count == 0) {
		store_remember_lineage(store, source, name, file, print,
		    is_there || deleted != 0 ? deleted : now, generations,
		    count, now);
		store_find_lineage(store, source, name, true)
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
	store_note_lineage(arg, entry->value);
	return true;
}

void
store_note_all(struct store *store)
{
	(void)trie_walk(&store->lineages, "", 0, note_visit, store);
	store->is_shifted = true;
}

void
store_remember_deployed(
    struct store *store, unsigned source, const char *name, const uint8_t *leaf)
{
	struct lineage *lineage = store_find_lineage(
	    store, source, name, false);

	if (lineage != NULL &&
	    memcmp(lineage->deployed, leaf, sizeof(lineage->deployed)) != 0) {
		memcpy(lineage->deployed, leaf, sizeof(lineage->deployed));
		store_mark_lineage(store, lineage);
	}
}

void
store_add_past(struct store *store, unsigned source, const char *name,
    struct chain *chain, int64_t since, int64_t replaced)
{
	struct lineage *lineage = store_find_lineage(
	    store, source, name, false);

	if (lineage == NULL || lineage->generation_count == 0) {
		chain_unref(chain);
		return;
	}
	for (size_t i = 0; i < lineage->generation_count; i++) {
		if (chain_equal(lineage->generations[i].chain, chain)) {
			chain_unref(chain);
			return;
		}
	}
	store_index_lineage(store, lineage, false);
	lineage_restore(lineage, chain, since, replaced);
	store_set_forget(store, replaced + (int64_t)store->retain_max);
	store_index_lineage(store, lineage, true);
	store_mark_lineage(store, lineage);
	store_note_lineage(store, lineage);
}

uint32_t
store_retain_max(const struct store *store)
{
	return store->retain_max;
}

/* How far the clock was set, and whose times go with it. */
struct shift {
	struct store *store;
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
	store_note_lineage(shift->store, lineage);
	return true;
}

/* Times are no part of what a snapshot answers, so they may change in it. */
static bool
shift_owner(const struct trie_entry *entry, void *arg)
{
	const struct shift *shift = arg;
	struct owner *owner = entry->value;

	for (size_t i = 0; i < owner->count; i++) {
		struct rr_times *times = &owner->times[i];

		times->since = store_time(times->since + shift->delta);
		if (times->seen != 0)
			times->seen = store_time(times->seen + shift->delta);
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
	struct shift shift = { store, delta };

	(void)trie_walk(&store->lineages, "", 0, shift_lineage, &shift);
	(void)trie_walk(&store->known_owners, "", 0, shift_owner, &shift);
	(void)trie_walk(&store->zones, "", 0, shift_zone, &shift);
	if (store->forget_at != 0)
		store->forget_at += delta;
	store->is_shifted = true;
	store_mark_all(store);
}

void
store_note_gone(struct store *store, const uint8_t *key, size_t len)
{
	struct buf name = { 0 };

	dname_format(key, len, &name);
	trie_set(&store->gone, key, len, mem_string(buf_text(&name)));
	buf_fini(&name);
	(void)trie_remove(&store->known_owners, key, len);
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

	(void)trie_walk(&store->gone, "", 0, gone_visit, &walk);
	trie_fini(&store->gone);
	trie_init(&store->gone, free);
}
