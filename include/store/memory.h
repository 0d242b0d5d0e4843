/* SPDX-License-Identifier: MIT */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

/*
 * What a state directory remembers of former times, and what has to go there.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/zone.h"
#include "pki/lineage.h"

struct store;

/*
 * The zone had this id, serial and content, by our own record or another
 * process's.  A serial that another one gave to our content becomes ours.
 */
void store_remember_zone(struct store *store, const char *name, int32_t id,
    uint32_t serial, const struct content *content);

/* One RR of an RRset as it was on record; times in seconds since 1970. */
struct remembered_rr {
	const char *rdata; /* presentation form */
	int64_t since;     /* published without a break */
	int64_t seen;      /* at every name server; 0: was not seen */
};

/* The owner name had this RRset, and before that maybe a longer TTL. */
void store_remember_owner(struct store *store, const char *name, uint32_t ttl,
    const struct lowered *lowered, const struct remembered_rr *list,
    size_t count, int64_t now);

/* It had one, but another process withdrew it. */
void store_forget_owner(struct store *store, const char *name);

/*
 * The lineage had these generations, the current one first; a reference of
 * each chain passes.  Does nothing for one that is known already.
 */
void store_remember_lineage(struct store *store, unsigned source,
    const char *name, const char *file, const struct fingerprint *print,
    int64_t deleted, const struct generation *generations, size_t count,
    int64_t now);

/*
 * The same for a record that is found late, when the files were looked at:
 * generations that are not known are added as past ones.  A lineage that is not
 * there was deleted, by now at the latest, unless its source cannot be read.
 */
void store_remember_late(struct store *store, unsigned source, const char *name,
    const char *file, const struct fingerprint *print, int64_t deleted,
    const struct generation *generations, size_t count, int64_t now);

/* Which of its leafs are deployed, and where; to be called after that. */
void store_remember_deployed(struct store *store, unsigned source,
    const char *name, const struct deployed *list, size_t count);

/*
 * What was published before cannot be known at present (`is_lost`), or can be
 * again: what is new may then be old, and the other way round.
 */
void store_lose_memory(struct store *store, bool is_lost);
bool store_has_memory(const struct store *store);

/* All of it has to go on record. */
void store_note_all(struct store *store);

/*
 * The clock was set by `delta` seconds: move every time on record along, so
 * that what has been published or retained for an hour still has.
 */
void store_shift_times(struct store *store, int64_t delta);

/*
 * Every name server of its zone was seen to answer these RRs of the owner name
 * (RDATA in presentation form) at `now`; what it has no more is passed over.
 * Returns false if nothing is published there.
 */
bool store_set_seen(struct store *store, const char *name,
    const char *const *texts, size_t count, int64_t now);

/*
 * Call `visit` for each lineage that changed since the last call, including
 * those that were forgotten (generation_count is 0).
 */
void store_walk_changed(struct store *store,
    void (*visit)(const struct lineage *lineage, void *arg), void *arg);

/*
 * Call `visit` with each RRset whose times have changed without it since the
 * last call: by a sighting, or all of them with the clock, for those on record
 * would make it look older after a restart.
 */
void store_walk_timed(struct store *store,
    void (*visit)(const char *name, const struct owner *owner, void *arg),
    void *arg);

/*
 * Call `visit` with each owner name that is gone since the last call: nothing
 * is published there any more, because its service left the configuration.
 */
void store_walk_gone(
    struct store *store, void (*visit)(const char *name, void *arg), void *arg);

#endif
