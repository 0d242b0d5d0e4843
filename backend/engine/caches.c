/* SPDX-License-Identifier: MIT */
#include "caches.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/value.h"
#include "pdns/conf.h"

/*
 * The caches that lie between us and a question, and how long each holds
 * unless PowerDNS is told otherwise (its docs/settings.rst).  An answer may be
 * put into one when it is about to leave another.
 */
static const struct {
	const char *setting;
	int64_t ttl; /* seconds */
} kinds[] = {
	{ "cache-ttl", 20 },
	{ "query-cache-ttl", 20 },
	{ "negquery-cache-ttl", 60 },
};

/* Who holds answers for longer than a day has other troubles. */
enum { TTL_MAX = 86400 };

/* What is no number is none to PowerDNS either, which does not start. */
static int64_t
ttl_of(const struct pdns_conf *conf, const char *setting, int64_t fallback)
{
	const char *text = pdns_conf_get(conf, setting, "");
	uint32_t seconds;

	return value_seconds(text, 0, TTL_MAX, &seconds, NULL)
		   ? (int64_t)seconds
		   : fallback;
}

static void
lag_set(struct caches *caches)
{
	caches->lag.seconds = caches->is_used ? caches->ttl : 0;
}

/* How long all of them hold, in seconds. */
static int64_t
ttl_of_all(const struct config *config)
{
	struct pdns_conf conf = { 0 };
	struct problem problem;
	int64_t ttl = 0;

	/* One that we may not read is as Debian has it: nothing changed. */
	if (pdns_conf_load(config->powerdns_config, &conf, &problem) !=
	    STATUS_OK)
		conf = (struct pdns_conf){ 0 };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		ttl += ttl_of(&conf, kinds[i].setting, kinds[i].ttl);
	pdns_conf_fini(&conf);
	return ttl;
}

void
caches_set_config(struct caches *caches, const struct config *config)
{
	caches->ttl = ttl_of_all(config);
	pdns_control_set_path(caches->control, config->powerdns_control);
	lag_set(caches);
}

void
caches_init(
    struct caches *caches, struct loop *loop, const struct config *config)
{
	*caches = (struct caches){ 0 };
	caches->control = pdns_control_new(loop, &caches->lag.until);
	trie_init(&caches->changed, NULL);
	trie_init(&caches->unknown, NULL);
	caches_set_config(caches, config);
}

struct publication_lag
caches_lag(const struct config *config)
{
	return (struct publication_lag){ ttl_of_all(config),
		config->powerdns_control != NULL ? 0 : INT64_MAX };
}

void
caches_note_use(struct caches *caches)
{
	caches->is_used = true;
	lag_set(caches);
}

void
caches_fini(struct caches *caches)
{
	pdns_control_free(caches->control);
	trie_fini(&caches->changed);
	trie_fini(&caches->unknown);
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
caches_note_zone(struct caches *caches, const struct zone *zone, bool first)
{
	const struct dname *apex = &zone->apex->dname;
	char *name;

	if (first) {
		trie_set(&caches->unknown, apex->key, apex->len, caches);
		return;
	}
	name = name_of(apex->key, apex->len);
	pdns_control_purge(caches->control, name);
	if (zone->apex->nameserver_count == 1)
		pdns_control_notify_alone(caches->control, name);
	else
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

static void
purge_zone(struct caches *caches, const uint8_t *key, size_t len)
{
	char *name = name_of(key, len);
	char *all = mem_format("%s$", name);

	pdns_control_purge(caches->control, all);
	free(all);
	free(name);
}

/* What to compare with, and whether anything was another. */
struct comparison {
	struct caches *caches;
	const struct snapshot *other;
	bool is_other;
};

static bool
compare_visit(const struct trie_entry *entry, void *arg)
{
	struct comparison *comparison = arg;
	const struct zone *zone = entry->value;
	const struct zone *other = trie_get(
	    &comparison->other->zones, entry->key, entry->len);

	if (zone->apex->kind != ZONE_OWN ||
	    (other != NULL && other->apex->kind == ZONE_OWN &&
		other->apex->id == zone->apex->id))
		return true;
	comparison->is_other = true;
	purge_zone(comparison->caches, entry->key, entry->len);
	return true;
}

static void
compare_zones(struct caches *caches, const struct snapshot *last,
    const struct snapshot *next)
{
	struct comparison came = { caches, last, false };
	struct comparison went = { caches, next, false };

	(void)trie_walk(&next->zones, "", 0, compare_visit, &came);
	(void)trie_walk(&last->zones, "", 0, compare_visit, &went);
	if (came.is_other || went.is_other)
		pdns_control_rediscover(caches->control);
}

void
caches_exchange(struct caches *caches, const struct snapshot *last,
    const struct snapshot *next, bool zones)
{
	struct versions versions = { caches, last, next };

	if (last != NULL)
		(void)trie_walk(
		    &caches->changed, "", 0, purge_visit, &versions);
	if (last != NULL && zones)
		compare_zones(caches, last, next);
	trie_fini(&caches->changed);
	trie_init(&caches->changed, NULL);
}

static bool
greet_visit(const struct trie_entry *entry, void *arg)
{
	purge_zone(arg, entry->key, entry->len);
	return true;
}

void
caches_greet(struct caches *caches)
{
	(void)trie_walk(&caches->unknown, "", 0, greet_visit, caches);
	trie_fini(&caches->unknown);
	trie_init(&caches->unknown, NULL);
	pdns_control_greet(caches->control);
	pdns_control_rediscover(caches->control);
}
