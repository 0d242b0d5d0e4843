/* SPDX-License-Identifier: MIT */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

/*
 * Finds lineages, loads one per turn of the loop, follows inotify, waits until
 * what is being written is complete, and looks again from time to time in case
 * an event got lost.  What it finds it reports; it knows no store.
 * Threads: one at a time.
 */

#include <stdbool.h>

#include "files/watch.h"
#include "loop/loop.h"
#include "pki/ca_pool.h"
#include "report/reading.h"
#include "scan/hooks.h"

struct scan;

/*
 * Make a scanner; all arguments are borrowed and must outlive it.  Where
 * `watch` tells nothing, or not of all, it looks by itself.
 */
struct scan *scan_new(struct loop *loop, struct watch *watch,
    const struct reading *reading, struct ca_pool *pool,
    const struct scan_hooks *hooks);

void scan_free(struct scan *scan);

/*
 * What was found of a lineage before, as it is on record; `known` is emptied.
 * What this scanner found by itself counts more.
 */
void scan_know(
    struct scan *scan, unsigned source, const char *name, struct known *known);

/* The source could not be read when it was last looked at. */
void scan_know_problem(struct scan *scan, unsigned source);

/* Whether all that is on record is known; at first, yes. */
void scan_set_memory(struct scan *scan, bool has_memory);

/*
 * Leave the lineage's file alone for as long as it has this fingerprint, but
 * not beyond `until` (loop_now()): it may have been no fault of its.
 */
void scan_ban(struct scan *scan, unsigned source, const char *name,
    const struct fingerprint *print, int64_t until);

/*
 * Begin: look for lineages in all sources and load each.  `again`: another
 * scanner did that before, and what is odd is believed only when it lasts.
 */
void scan_start(struct scan *scan, bool again);

#endif
