/* SPDX-License-Identifier: MIT */
#include "answer/zone.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "hashes.h"

static char *
without_dot(const char *name)
{
	size_t len = strlen(name);

	return mem_copy(name, len > 1 ? len - 1 : len);
}

static char **
servers_copy(char *const *names, size_t count, char *(*copy)(const char *))
{
	char **copies = mem_array(count, sizeof(*copies));

	for (size_t i = 0; i < count; i++)
		copies[i] = copy(names[i]);
	return copies;
}

struct zone_apex *
zone_apex_new(const struct config_zone *config, int32_t id, uint32_t ttl)
{
	struct zone_apex *apex = mem_new(sizeof(*apex));

	apex->refs = 1;
	apex->kind = ZONE_OWN;
	apex->id = id;
	apex->dname = config->dname;
	apex->name = mem_string(config->name);
	apex->mname = without_dot(config->nameservers[0]);
	apex->rname = without_dot(config->hostmaster);
	apex->nameservers = servers_copy(
	    config->nameservers, config->nameserver_count, without_dot);
	apex->nameserver_count = config->nameserver_count;
	apex->ttl = ttl;
	apex->is_self = config->dnssec == ZONE_DNSSEC_SELF;
	if (config->nsec3 != NULL && !config->nsec3->is_narrow)
		apex->nsec3 = mem_copy(config->nsec3, sizeof(*config->nsec3));
	return apex;
}

struct zone_apex *
zone_apex_copy(const struct zone_apex *apex)
{
	struct zone_apex *copy = mem_copy(apex, sizeof(*apex));

	copy->refs = 1;
	copy->name = mem_string(apex->name);
	copy->mname = mem_string(apex->mname);
	copy->rname = mem_string(apex->rname);
	copy->nameservers = servers_copy(
	    apex->nameservers, apex->nameserver_count, mem_string);
	if (apex->nsec3 != NULL)
		copy->nsec3 = mem_copy(apex->nsec3, sizeof(*apex->nsec3));
	return copy;
}

struct zone_apex *
zone_apex_new_overlay(const struct dname *dname, const char *name)
{
	struct zone_apex *apex = mem_new(sizeof(*apex));

	apex->refs = 1;
	apex->kind = ZONE_OVERLAY;
	apex->id = -1;
	apex->dname = *dname;
	apex->name = mem_string(name);
	return apex;
}

static bool
nsec3_same(const struct nsec3 *a, const struct nsec3 *b)
{
	return a == NULL || b == NULL ? a == b : nsec3_equal(a, b);
}

bool
zone_apex_equal(const struct zone_apex *a, const struct zone_apex *b)
{
	if (a->kind != b->kind || !dname_equal(&a->dname, &b->dname))
		return false;
	if (a->kind == ZONE_OVERLAY)
		return true;
	if (a->id != b->id || a->ttl != b->ttl || a->is_self != b->is_self ||
	    !content_equal(&a->dnssec, &b->dnssec) ||
	    !nsec3_same(a->nsec3, b->nsec3) ||
	    strcmp(a->mname, b->mname) != 0 ||
	    strcmp(a->rname, b->rname) != 0 ||
	    a->nameserver_count != b->nameserver_count)
		return false;
	for (size_t i = 0; i < a->nameserver_count; i++)
		if (strcmp(a->nameservers[i], b->nameservers[i]) != 0)
			return false;
	return true;
}

void
zone_apex_unref(struct zone_apex *apex)
{
	if (apex == NULL || --apex->refs > 0)
		return;
	for (size_t i = 0; i < apex->nameserver_count; i++)
		free(apex->nameservers[i]);
	free(apex->nameservers);
	free(apex->name);
	free(apex->mname);
	free(apex->nsec3);
	free(apex->rname);
	free(apex);
}

static void
owner_value_free(void *value)
{
	owner_free(value);
}

bool
content_equal(const struct content *a, const struct content *b)
{
	return a->part[0] == b->part[0] && a->part[1] == b->part[1];
}

static void
content_add(struct content *sum, const struct content *more)
{
	sum->part[0] += more->part[0];
	sum->part[1] += more->part[1];
}

static void
content_subtract(struct content *sum, const struct content *less)
{
	sum->part[0] -= less->part[0];
	sum->part[1] -= less->part[1];
}

static struct content
content_of(const struct buf *text)
{
	uint8_t digest[32];
	struct content content;

	if (EVP_Digest(
		text->data, text->len, digest, NULL, EVP_sha256(), NULL) != 1)
		abort();
	memcpy(&content, digest, sizeof(content));
	return content;
}

void
owner_seal(struct owner *owner, const struct dname *dname)
{
	struct buf text = { 0 };

	dname_format(dname->key, dname->len, &text);
	buf_add_format(&text, " %u %d", owner->ttl, owner->is_unknown);
	for (size_t i = 0; i < owner->count; i++) {
		buf_add_string(&text, "\n");
		buf_add_string(&text, owner->rdata[i]->text);
	}
	owner->content = content_of(&text);
	buf_fini(&text);
}

/* The apex counts without the id, which is a matter between us and PowerDNS. */
static struct content
apex_content(const struct zone_apex *apex)
{
	struct content content;
	struct buf text = { 0 };

	buf_add_format(&text, "%s %u %s %s %d %d %d %d", apex->name, apex->ttl,
	    apex->mname != NULL ? apex->mname : "",
	    apex->rname != NULL ? apex->rname : "", SOA_REFRESH, SOA_RETRY,
	    SOA_EXPIRE, SOA_MINIMUM);
	for (size_t i = 0; i < apex->nameserver_count; i++)
		buf_add_format(&text, "\n%s", apex->nameservers[i]);
	content = content_of(&text);
	content_add(&content, &apex->dnssec);
	buf_fini(&text);
	return content;
}

/* How the names of the zone are hashed, as long as it has this apex. */
static struct hashing
hashing_of(const struct zone *zone)
{
	return (struct hashing){
		.nsec3 = zone->apex->nsec3,
		.apex = &zone->apex->dname,
		.owners = &zone->owners,
	};
}

static void
hashes_begin(struct zone *zone)
{
	struct hashing how = hashing_of(zone);

	hashes_init(&zone->hashes, &how);
}

struct zone *
zone_new(struct zone_apex *apex)
{
	struct zone *zone = mem_new(sizeof(*zone));

	zone->apex = apex;
	zone->content = apex_content(apex);
	trie_init(&zone->owners, owner_value_free);
	hashes_begin(zone);
	return zone;
}

struct zone *
zone_copy(const struct zone *zone)
{
	struct zone *copy = mem_new(sizeof(*copy));

	copy->apex = zone->apex;
	copy->apex->refs++;
	copy->serial = zone->serial;
	copy->content = zone->content;
	trie_copy(&zone->owners, &copy->owners);
	trie_copy(&zone->hashes, &copy->hashes);
	return copy;
}

void
zone_free(struct zone *zone)
{
	if (zone == NULL)
		return;
	zone_apex_unref(zone->apex);
	trie_fini(&zone->owners);
	trie_fini(&zone->hashes);
	free(zone);
}

/* One piece of memory: the owner, its rdata, and the times. */
struct owner *
owner_new(uint32_t ttl, size_t count)
{
	size_t times = sizeof(struct owner) + count * sizeof(struct tlsa *);
	struct owner *owner = mem_new(times + count * sizeof(struct rr_times));

	assert(count <= UINT16_MAX);
	owner->ttl = ttl;
	owner->count = (uint16_t)count;
	owner->times = (struct rr_times *)(void *)((char *)owner + times);
	return owner;
}

struct owner *
owner_copy(const struct owner *owner)
{
	struct owner *copy = owner_new(owner->ttl, owner->count);

	copy->is_unknown = owner->is_unknown;
	copy->content = owner->content;
	copy->lowered = owner->lowered;
	for (size_t i = 0; i < owner->count; i++) {
		copy->rdata[i] = tlsa_ref(owner->rdata[i]);
		copy->times[i] = owner->times[i];
	}
	return copy;
}

void
owner_free(struct owner *owner)
{
	if (owner == NULL)
		return;
	for (size_t i = 0; i < owner->count; i++)
		tlsa_unref(owner->rdata[i]);
	free(owner);
}

uint32_t
rr_time(int64_t seconds)
{
	if (seconds < 0)
		return 0;
	return seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
}

/* When no cache has an answer with the longer TTL any more. */
static int64_t
lowered_end(const struct lowered *lowered)
{
	return lowered->ttl != 0 ? (int64_t)lowered->at + lowered->ttl : 0;
}

int64_t
lowered_hold(const struct lowered *lowered, int64_t since, int64_t hold)
{
	int64_t at = lowered->at < since ? lowered->at : since;
	int64_t end = at + lowered->ttl;

	return lowered->ttl != 0 && end - since > hold ? end - since : hold;
}

void
owner_follow(struct owner *owner, const struct owner *last, int64_t now)
{
	struct lowered lowered = { 0 };

	if (last == NULL || last->is_unknown)
		return;
	if (lowered_end(&last->lowered) > now)
		lowered = last->lowered;
	if (last->ttl > owner->ttl && now + last->ttl > lowered_end(&lowered))
		lowered = (struct lowered){ last->ttl, rr_time(now) };
	owner->lowered = lowered;
}

bool
owner_equal(const struct owner *a, const struct owner *b)
{
	/* Equal RDATA is one object (answer/tlsa.h). */
	return a->ttl == b->ttl && a->is_unknown == b->is_unknown &&
	       a->count == b->count &&
	       memcmp(a->rdata, b->rdata, a->count * sizeof(a->rdata[0])) == 0;
}

void
zone_set(struct zone *zone, const struct dname *dname, struct owner *owner)
{
	const struct owner *before = zone_get(zone, dname);
	struct hashing how = hashing_of(zone);

	if (before != NULL)
		content_subtract(&zone->content, &before->content);
	content_add(&zone->content, &owner->content);
	trie_set(&zone->owners, dname->key, dname->len, owner);
	hashes_add(&zone->hashes, &how, dname->key, dname->len);
}

void
zone_remove(struct zone *zone, const struct dname *dname)
{
	const struct owner *before = zone_get(zone, dname);
	struct hashing how = hashing_of(zone);

	if (before == NULL)
		return;
	content_subtract(&zone->content, &before->content);
	(void)trie_remove(&zone->owners, dname->key, dname->len);
	hashes_remove(&zone->hashes, &how, dname->key, dname->len);
}

void
zone_set_apex(struct zone *zone, struct zone_apex *apex)
{
	struct content before = apex_content(zone->apex);
	struct content after = apex_content(apex);

	bool same = nsec3_same(zone->apex->nsec3, apex->nsec3);

	content_subtract(&zone->content, &before);
	content_add(&zone->content, &after);
	zone_apex_unref(zone->apex);
	zone->apex = apex;
	if (!same) {
		trie_fini(&zone->hashes);
		hashes_begin(zone);
	}
}

const struct owner *
zone_get(const struct zone *zone, const struct dname *dname)
{
	return trie_get(&zone->owners, dname->key, dname->len);
}

enum found
zone_find(const struct zone *zone, const struct dname *dname,
    const struct owner **ret_owner)
{
	const struct owner *owner;

	assert(dname_is_within(dname, &zone->apex->dname));
	if (dname->len == zone->apex->dname.len)
		return zone->apex->kind == ZONE_OWN ? FOUND_APEX
						    : FOUND_NOTHING;
	owner = zone_get(zone, dname);
	if (owner != NULL) {
		*ret_owner = owner;
		return owner->is_unknown ? FOUND_UNKNOWN : FOUND_OWNER;
	}
	if (trie_has_below(&zone->owners, dname->key, dname->len))
		return FOUND_EMPTY_NON_TERMINAL;
	return FOUND_NOTHING;
}

void
zone_neighbours(const struct zone *zone, const struct dname *dname,
    struct buf *before, struct buf *after)
{
	const struct dname *apex = &zone->apex->dname;
	struct trie_entry entry;

	if (zone_get(zone, dname) != NULL)
		dname_format_relative(
		    dname->key, dname->len, apex->len, before);
	else if (trie_below(&zone->owners, dname->key, dname->len, &entry))
		dname_format_relative(entry.key, entry.len, apex->len, before);
	else
		buf_add_string(before, ".");
	if (trie_above(&zone->owners, dname->key, dname->len, &entry))
		dname_format_relative(entry.key, entry.len, apex->len, after);
	else
		buf_add_string(after, ".");
}

void
zone_soa_content(const struct zone *zone, struct buf *content)
{
	const uint32_t numbers[] = { zone->serial, SOA_REFRESH, SOA_RETRY,
		SOA_EXPIRE, SOA_MINIMUM };

	/* PowerDNS asks for it with every query: not by a format. */
	buf_add_string(content, zone->apex->mname);
	buf_add_string(content, " ");
	buf_add_string(content, zone->apex->rname);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		buf_add_string(content, " ");
		buf_add_number(content, numbers[i]);
	}
}

void
zone_neighbours_hashed(const struct zone *zone, const uint8_t *hash,
    struct buf *unhashed, struct buf *before, struct buf *after)
{
	hashes_neighbours(&zone->hashes, hash, unhashed, before, after);
}
