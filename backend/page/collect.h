/* SPDX-License-Identifier: MIT */
#ifndef PAGE_COLLECT_H
#define PAGE_COLLECT_H

/*
 * The texts for programs, /status.json and /metrics, collected in a sweep.
 * Threads: one at a time.
 */

#include "base/pile.h"
#include "control/metrics.h"
#include "sweep.h"

/* Of more services, or lineages, than this, programs are told of none. */
enum { COLLECT_MAX = 100000 };

enum collect_list { LIST_LINEAGES, LIST_SERVICES, LIST_ZONES, LISTS };

struct collect {
	const struct control *control;
	bool is_metrics; /* else JSON */
	struct metrics metrics;
	struct pile text;       /* JSON, as far as it has come */
	enum collect_list list; /* that is open there; LISTS: none yet */
	bool has_items;         /* so that a comma comes before the next */
	json_t *lineage; /* of which there is more to come, owned; or NULL */
};

/* Begin as of `now`, seconds since 1970. */
void collect_begin(struct collect *collect, const struct control *control,
    bool is_metrics, int64_t now);

/* What a sweep calls. */
bool collect_lineage(void *arg, const struct lineage *lineage, int64_t now);
void collect_service(void *arg, size_t at, int64_t now);
void collect_zone(void *arg, size_t at);

/* End; all of it is in *ret_text, the caller's. */
void collect_end(struct collect *collect, struct pile *ret_text);

#endif
