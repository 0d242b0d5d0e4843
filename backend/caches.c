/* SPDX-License-Identifier: MIT */
#include "caches.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

void
caches_init(struct caches *caches, struct loop *loop, const char *control_path)
{
	caches->control = pdns_control_new(loop, control_path);
	trie_init(&caches->changed, NULL);
}

void
caches_fini(struct caches *caches)
{
	pdns_control_free(caches->control);
	trie_fini(&caches->changed);
}

void
caches_forget(struct caches *caches)
{
	trie_fini(&caches->changed);
	trie_init(&caches->changed, NULL);
}

void
caches_note_owner(struct caches *caches, const char *name)
{
	struct dname dname;

	if (dname_parse(name, strlen(name), &dname) == STATUS_OK)
		trie_set(&caches->changed, dname.key, dname.len, caches);
}

/* PowerDNS's commands take names without the final dot. */
static char *
name_of(const uint8_t *key, size_t len)
{
	struct buf text = { 0 };
	char *name;

	dname_format(key, len, &text);
	name = mem_copy(text.data, text.len > 1 ? text.len - 1 : text.len);
	buf_fini(&text);
	return name;
}

void
caches_note_zone(struct caches *caches, const struct zone *zone)
{
	const struct dname *apex = &zone->apex->dname;
	char *name = name_of(apex->key, apex->len);

	pdns_control_purge(caches->control, name);
	pdns_control_notify(caches->control, name);
	free(name);
}

/* What was answered, and what is now. */
struct versions {
	struct caches *caches;
	const struct snapshot *last;
	const struct snapshot *next;
};

static bool
exists(const struct snapshot *snapshot, const struct dname *dname)
{
	const struct zone *zone = snapshot_zone_of(snapshot, dname);
	const struct owner *owner;

	return zone != NULL && zone_find(zone, dname, &owner) != FOUND_NOTHING;
}

static void
purge(const struct versions *versions, const struct dname *dname)
{
	char *name = name_of(dname->key, dname->len);

	pdns_control_purge(versions->caches->control, name);
	free(name);
}

/* Above the first name that was there before and is there still, all is. */
static bool
purge_visit(const struct trie_entry *entry, void *arg)
{
	const struct versions *versions = arg;
	struct dname dname = { .len = (uint16_t)entry->len };

	memcpy(dname.key, entry->key, entry->len);
	purge(versions, &dname);
	while (dname.len > 0) {
		dname.len = (uint16_t)dname_parent_len(dname.key, dname.len);
		if (exists(versions->last, &dname) ==
		    exists(versions->next, &dname))
			break;
		purge(versions, &dname);
	}
	return true;
}

void
caches_purge(struct caches *caches, const struct snapshot *last,
    const struct snapshot *next)
{
	struct versions versions = { caches, last, next };

	(void)trie_walk(&caches->changed, "", 0, purge_visit, &versions);
	caches_forget(caches);
}
