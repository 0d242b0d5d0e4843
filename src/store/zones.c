/* SPDX-License-Identifier: MIT */
#include "zones.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dns/serial.h"

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

static void
edit_add(struct zones *zones, const struct dname *dname, struct zone_apex *apex)
{
	trie_set(&zones->edits, dname->key, dname->len, zone_new(apex));
}

void
zones_init(struct zones *zones, const struct config *config)
{
	*zones = (struct zones){ .config = config };
	trie_init(&zones->published, zone_value_free);
	trie_init(&zones->edits, zone_value_free);
	trie_init(&zones->known, free);
	trie_init(&zones->known_owners, owner_value_free);
	trie_init(&zones->gone, free);
	trie_init(&zones->timed, NULL);
	for (size_t i = 0; i < config->zone_count; i++)
		edit_add(zones, &config->zones[i].dname,
		    zone_apex_new(&config->zones[i], -1, config->defaults.ttl));
	for (size_t i = 0; i < config->overlay_count; i++)
		edit_add(zones, &config->overlay[i],
		    zone_apex_new_overlay(
			&config->overlay[i], config->overlay_names[i]));
}

void
zones_fini(struct zones *zones)
{
	trie_fini(&zones->published);
	trie_fini(&zones->edits);
	trie_fini(&zones->known);
	trie_fini(&zones->known_owners);
	trie_fini(&zones->gone);
	trie_fini(&zones->timed);
}

const struct zone *
zones_find(const struct zones *zones, const struct dname *dname)
{
	const struct zone *published = trie_get_longest(
	    &zones->published, dname->key, dname->len);
	const struct zone *edited = trie_get_longest(
	    &zones->edits, dname->key, dname->len);

	if (published == NULL || edited == NULL)
		return edited != NULL ? edited : published;
	return edited->apex->dname.len >= published->apex->dname.len
		   ? edited
		   : published;
}

struct owner *
zones_find_owner(const struct zones *zones, const struct dname *dname)
{
	const struct zone *zone = zones_find(zones, dname);

	return zone != NULL ? trie_get(&zone->owners, dname->key, dname->len)
			    : NULL;
}

struct zone *
zones_edit(struct zones *zones, const struct zone *zone)
{
	const struct dname *apex = &zone->apex->dname;
	struct zone *edit = trie_get(&zones->edits, apex->key, apex->len);

	if (edit == NULL) {
		edit = zone_copy(zone);
		trie_set(&zones->edits, apex->key, apex->len, edit);
	}
	return edit;
}

struct known_zone *
zones_known(struct zones *zones, const struct dname *apex)
{
	struct known_zone *known = trie_get(
	    &zones->known, apex->key, apex->len);

	if (known == NULL) {
		known = mem_new(sizeof(*known));
		known->id = -1;
		trie_set(&zones->known, apex->key, apex->len, known);
	}
	return known;
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
zones_settle_ids(struct zones *zones)
{
	struct ids ids = { ZONE_ID_FIRST };

	(void)trie_walk(&zones->known, "", 0, ids_visit, &ids);
	for (size_t i = 0; i < zones->config->zone_count; i++) {
		const struct dname *apex = &zones->config->zones[i].dname;
		struct known_zone *known = zones_known(zones, apex);
		struct zone *edit = trie_get(
		    &zones->edits, apex->key, apex->len);

		if (known->id < ZONE_ID_FIRST)
			known->id = ids.next++;
		if (edit != NULL)
			edit->apex->id = known->id;
	}
}

/* What serials are given by, and who is told of them. */
struct publication {
	struct zones *zones;
	int64_t now;
	void (*told)(const struct zone *zone, void *arg);
	void *arg;
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
	struct zones *zones = publication->zones;
	struct zone *zone = zone_copy(entry->value);
	const struct dname *apex = &zone->apex->dname;
	struct known_zone *known;

	if (zone->apex->kind == ZONE_OWN) {
		known = zones_known(zones, apex);
		zone->serial = serial_give(known, zone, publication->now);
		known->serial = zone->serial;
		known->content = zone->content;
	}
	trie_set(&zones->published, apex->key, apex->len, zone);
	if (publication->told != NULL && zone->apex->kind == ZONE_OWN)
		publication->told(zone, publication->arg);
	return true;
}

void
zones_publish(struct zones *zones, int64_t now,
    void (*told)(const struct zone *zone, void *arg), void *arg)
{
	struct publication publication = { zones, now, told, arg };

	(void)trie_walk(&zones->edits, "", 0, edit_visit, &publication);
	trie_fini(&zones->edits);
	trie_init(&zones->edits, zone_value_free);
}

void
zones_note_gone(struct zones *zones, const uint8_t *key, size_t len)
{
	struct buf name = { 0 };

	dname_format(key, len, &name);
	trie_set(&zones->gone, key, len, mem_string(buf_text(&name)));
	buf_fini(&name);
	(void)trie_remove(&zones->known_owners, key, len);
}
