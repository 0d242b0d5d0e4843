/* SPDX-License-Identifier: MIT */
#ifndef ANSWER_ZONE_H
#define ANSWER_ZONE_H

/*
 * One zone of ours, or the overlay of one zone of another backend: owner
 * names with their TLSA RRsets, in canonical order.  A zone is changed only
 * while it is being built; a snapshot holds it constant from then on.
 * Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/tlsa.h"
#include "base/buf.h"
#include "dns/dname.h"
#include "dns/nsec3.h"
#include "sets/trie.h"

/* Ids of other backends start at 1, so ours start far above (int32). */
enum { ZONE_ID_FIRST = 0x40000000 };

/* SOA timers, in seconds; RFC 1912 s2.2 gives the usual ranges. */
enum {
	SOA_REFRESH = 900,
	SOA_RETRY = 300,
	SOA_EXPIRE = 1209600,
	SOA_MINIMUM = 300, /* a new service is denied no longer */
};

enum zone_kind {
	ZONE_OWN,     /* we are authoritative: SOA and NS are ours */
	ZONE_OVERLAY, /* another backend is; we add TLSA RRsets below */
};

/*
 * What a zone answers, its serial aside, as a number: the sum of the digests
 * of each owner and of the apex, so that a change costs what it changes.
 */
struct content {
	uint64_t part[2];
};

/* What stays the same over all versions of a zone; shared. */
struct zone_apex {
	unsigned refs;
	enum zone_kind kind;
	int32_t id; /* ZONE_OWN only */
	struct dname dname;
	char *name;         /* presentation form, final dot */
	char *mname;        /* first name server, without final dot */
	char *rname;        /* hostmaster, without final dot */
	char **nameservers; /* without final dots; see zone_apex_new() */
	size_t nameserver_count;
	uint32_t ttl; /* of SOA and NS, seconds */
	/*
	 * How PowerDNS denies names in this zone; owned.  NULL: by NSEC, or
	 * it needs no neighbours (narrow).
	 */
	struct nsec3 *nsec3;
	bool is_self; /* PowerDNS keeps its keys and metadata with us */
	struct content dnssec; /* of those; zero while unknown */
};

/*
 * Since when an RR has been published without a break, and since when every
 * name server of its zone was seen to answer it; 0: was not seen.  Seconds
 * since 1970, which lasts until 2106.
 */
struct rr_times {
	uint32_t since;
	uint32_t seen;
};

/* Return `seconds` since 1970 as a time of struct rr_times. */
uint32_t rr_time(int64_t seconds);

/*
 * The TTL that an RRset had before a shorter one took its place at the time
 * `at`, as long as a cache may hold an answer with it; `ttl` 0: none.
 */
struct lowered {
	uint32_t ttl; /* seconds */
	uint32_t at;  /* seconds since 1970 */
};

/*
 * Return how long after `since` an RR that is published since then is in all
 * caches, where that takes `hold` by the TTL of today; all in seconds.
 */
int64_t lowered_hold(
    const struct lowered *lowered, int64_t since, int64_t hold);

/*
 * The RRset of one owner name; constant.  The times of each RR go with it, but
 * are no part of the answer.
 */
struct owner {
	uint32_t ttl;     /* seconds */
	bool is_unknown;  /* what belongs here cannot be told now */
	bool is_recorded; /* the record has it just so, with its times */
	uint16_t count;   /* RRs in rdata */
	struct lowered lowered;
	struct content content;
	struct rr_times *times; /* of each RR */
	struct tlsa *rdata[];   /* owned references */
};

struct zone {
	struct zone_apex *apex; /* owned reference */
	uint32_t serial;        /* 0: never published */
	struct content content;
	struct trie owners; /* key of the name -> struct owner */
	struct trie hashes; /* if apex->nsec3: hash -> struct hashed */
};

/* What there is at a name. */
enum found {
	FOUND_NOTHING,
	FOUND_APEX,
	FOUND_OWNER,
	FOUND_EMPTY_NON_TERMINAL, /* RFC 4592 s2.2.2 */
	FOUND_UNKNOWN,            /* cannot tell */
};

/*
 * Make the constant part of an own zone.  Names in SOA and NS content go
 * without a final dot, for PowerDNS's check-zone warns about it otherwise.
 */
struct zone_apex *zone_apex_new(
    const struct config_zone *config, int32_t id, uint32_t ttl);

/* Make the constant part of an overlay; `name` in presentation form. */
struct zone_apex *zone_apex_new_overlay(
    const struct dname *dname, const char *name);

/* Return a copy that belongs to nobody else yet. */
struct zone_apex *zone_apex_copy(const struct zone_apex *apex);

/* Return true if both would publish the same SOA (but for serial) and NS. */
bool zone_apex_equal(const struct zone_apex *a, const struct zone_apex *b);

void zone_apex_unref(struct zone_apex *apex);

/* Return a zone without owners; the reference to `apex` passes to it. */
struct zone *zone_new(struct zone_apex *apex);

/* Return a second version that shares all owners, in constant time. */
struct zone *zone_copy(const struct zone *zone);

void zone_free(struct zone *zone);

/*
 * Return a new owner with room for `count` RRs in rdata, which the caller
 * fills with references, before it is put into a zone.
 */
struct owner *owner_new(uint32_t ttl, size_t count);

/* Return another one that gives the same answer. */
struct owner *owner_copy(const struct owner *owner);

void owner_free(struct owner *owner);

/* Take the place of `last` (may be NULL) now: its TTL may have been longer. */
void owner_follow(struct owner *owner, const struct owner *last, int64_t now);

/* Return true if both would give the same answer. */
bool owner_equal(const struct owner *a, const struct owner *b);

/* Compute owner->content, when rdata is complete and it is to be at `dname`. */
void owner_seal(struct owner *owner, const struct dname *dname);

/* Return true if both contents are equal. */
bool content_equal(const struct content *a, const struct content *b);

/* Put `owner` (sealed; ownership passes) at `dname`, or remove what is there.
 */
void zone_set(
    struct zone *zone, const struct dname *dname, struct owner *owner);
void zone_remove(struct zone *zone, const struct dname *dname);

/* Exchange the constant part; the reference to `apex` passes. */
void zone_set_apex(struct zone *zone, struct zone_apex *apex);

/* Return the owner at `dname`, borrowed, or NULL. */
const struct owner *zone_get(
    const struct zone *zone, const struct dname *dname);

/*
 * Say what there is at `dname`, which must be at or below the apex; with
 * FOUND_OWNER *ret_owner is borrowed from the zone.  The apex of an overlay
 * belongs to the other backend: nothing there.
 */
enum found zone_find(const struct zone *zone, const struct dname *dname,
    const struct owner **ret_owner);

/*
 * Find the neighbours of `dname` for an NSEC record (RFC 4034 s4): the last
 * name at or before it and the first after it in canonical order, the apex
 * following the last name.  Empty non-terminals have no NSEC and are left out.
 * The names are appended relative to the apex, with final dot ("." is the
 * apex).
 */
void zone_neighbours(const struct zone *zone, const struct dname *dname,
    struct buf *before, struct buf *after);

/*
 * The same for an NSEC3 record (RFC 5155 s7.1): the neighbours of `hash` are
 * appended as labels, and the name whose hash is `before` to `unhashed`,
 * whole.  Empty non-terminals count.  The zone must have apex->nsec3.
 */
void zone_neighbours_hashed(const struct zone *zone, const uint8_t *hash,
    struct buf *unhashed, struct buf *before, struct buf *after);

/* Append the content of the SOA record (RFC 1035 s3.3.13). */
void zone_soa_content(const struct zone *zone, struct buf *content);

#endif
