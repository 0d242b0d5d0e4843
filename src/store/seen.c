/* SPDX-License-Identifier: MIT */
/* The times that go with what is published, and what name servers answer. */
#include "data.h"

#include <string.h>

uint32_t
store_time(int64_t seconds)
{
	if (seconds < 0)
		return 0;
	return seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
}

static bool
is_among(const char *text, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(text, texts[i]) == 0)
			return true;
	return false;
}

/* Times are no part of what a snapshot answers, so they may change in it. */
static struct owner *
owner_find(const struct store *store, const struct dname *dname)
{
	const struct zone *zone = store_zone(store, dname);

	return zone != NULL ? trie_get(&zone->owners, dname->key, dname->len)
			    : NULL;
}

bool
store_set_seen(struct store *store, const char *name, const char *const *texts,
    size_t count, int64_t now)
{
	struct dname dname;
	struct owner *owner = NULL;
	bool is_new = false;

	if (dname_parse(name, strlen(name), &dname) == STATUS_OK)
		owner = owner_find(store, &dname);
	for (size_t i = 0; owner != NULL && i < owner->count; i++) {
		if (owner->times[i].seen != 0 ||
		    !is_among(owner->rdata[i]->text, texts, count))
			continue;
		owner->times[i].seen = store_time(now);
		is_new = true;
	}
	if (is_new)
		trie_set(&store->timed, dname.key, dname.len, owner);
	return owner != NULL;
}

static void
times_merge(struct rr_times *times, const struct rr_times *other)
{
	if (other->since < times->since)
		times->since = other->since;
	if (other->seen != 0 && (times->seen == 0 || other->seen < times->seen))
		times->seen = other->seen;
}

void
store_merge_times(
    struct store *store, const struct dname *dname, const struct owner *owner)
{
	struct owner *published = owner_find(store, dname);

	for (size_t i = 0; published != NULL && i < published->count; i++)
		for (size_t k = 0; k < owner->count; k++)
			if (owner->rdata[k] == published->rdata[i])
				times_merge(
				    &published->times[i], &owner->times[k]);
}

void
store_set_lag(struct store *store, const struct publication_lag *lag)
{
	store->lag = lag;
}

/* Who is told of RRsets with other times. */
struct timed_walk {
	const struct store *store;
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
	owner = owner_find(walk->store, &dname);
	if (owner == NULL || owner->is_unknown)
		return true;
	dname_format(entry->key, entry->len, &name);
	walk->visit(buf_text(&name), owner, walk->arg);
	buf_fini(&name);
	return true;
}

static bool
zone_visit(const struct trie_entry *entry, void *arg)
{
	const struct zone *zone = entry->value;

	return trie_walk(&zone->owners, "", 0, timed_visit, arg);
}

void
store_walk_timed(struct store *store,
    void (*visit)(const char *name, const struct owner *owner, void *arg),
    void *arg)
{
	struct timed_walk walk = { store, visit, arg };

	if (store->is_shifted)
		(void)trie_walk(&store->zones, "", 0, zone_visit, &walk);
	else
		(void)trie_walk(&store->timed, "", 0, timed_visit, &walk);
	store->is_shifted = false;
	trie_fini(&store->timed);
	trie_init(&store->timed, NULL);
}
