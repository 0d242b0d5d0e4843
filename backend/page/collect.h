/* SPDX-License-Identifier: MIT */
#ifndef PAGE_COLLECT_H
#define PAGE_COLLECT_H

/*
 * The texts for programs, /status.json and /metrics, collected in a sweep.
 * Threads: one at a time.
 */

#include "base/buf.h"
#include "control/metrics.h"
#include "sweep.h"

/* Of more services, or lineages, than this, programs are told of none. */
enum { COLLECT_MAX = 100000 };

enum collect_list { LIST_LINEAGES, LIST_SERVICES, LIST_ZONES, LISTS };

struct collect {
	const struct control *control;
	bool is_metrics; /* else JSON */
	struct metrics metrics;
	struct buf lists[LISTS]; /* items of JSON with commas */
};

/* Begin as of `now`, seconds since 1970. */
void collect_begin(struct collect *collect, const struct control *control,
    bool is_metrics, int64_t now);

/* What a sweep calls. */
void collect_lineage(void *arg, const struct lineage *lineage, int64_t now);
void collect_service(void *arg, size_t at, int64_t now);
void collect_zone(void *arg, size_t at);

/* Append all of it to `text` (NULL: forget it), and end. */
void collect_end(struct collect *collect, int64_t now, struct buf *text);

#endif
