/* SPDX-License-Identifier: MIT */
#ifndef ANSWER_SNAPSHOT_H
#define ANSWER_SNAPSHOT_H

/*
 * The frozen answer data of one moment: all that readers ever see.  Shared by
 * reference counting; the next one shares with it what did not change.
 * Pure.  Threads: one at a time.
 */

#include "answer/zone.h"
#include "dns/dname.h"
#include "sets/trie.h"

struct snapshot {
	unsigned refs;
	struct trie zones; /* key of the apex -> struct zone */
};

/* Freeze a version of `zones` (shared, not changed). */
struct snapshot *snapshot_freeze(const struct trie *zones);

struct snapshot *snapshot_ref(struct snapshot *snapshot);

/* Drop a reference; NULL is legal. */
void snapshot_unref(struct snapshot *snapshot);

/* Return the zone with exactly this apex, or NULL. */
const struct zone *snapshot_zone(
    const struct snapshot *snapshot, const struct dname *apex);

/* Return the zone, own or overlay, that `dname` is in, or NULL. */
const struct zone *snapshot_zone_of(
    const struct snapshot *snapshot, const struct dname *dname);

#endif
