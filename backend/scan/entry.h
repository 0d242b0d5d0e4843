/* SPDX-License-Identifier: MIT */
#ifndef SCAN_ENTRY_H
#define SCAN_ENTRY_H

/* One lineage: when to look at it, and what follows from what is found. */

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"
#include "place.h"
#include "report/reading.h"
#include "unrest.h"

/* One lineage that was found. */
struct entry {
	struct subject subject;
	struct scan *scan;
	struct loop_timer timer;
	char *name;
	struct known known;    /* of what was found before */
	struct unrest *unrest; /* NULL: nothing that counts */
	int64_t flipped_at;    /* loop_now() of the last time */
	int64_t rest;          /* loop_now() before which it is not looked at */
	unsigned source;
	bool is_first;   /* the first scan waits for it */
	bool is_urgent;  /* load, whatever the fingerprint */
	bool is_awaited; /* its source is readable again, and waits */
	bool is_flipped; /* it is judged without waiting for quiet */
};

/*
 * Return the entry of a lineage; one not seen before gets an entry.  NULL if
 * there are too many.
 */
struct entry *entry_get(struct place *place, const char *name);

/*
 * This was known of it before; `known` is emptied unless a chain was found
 * since, which counts more.  It is looked at soon, once the scan has begun.
 */
void entry_know(struct entry *entry, struct known *known);

/* Free an entry of scan->entries. */
void entry_free(void *value);

/* Look at it at `when` (loop_now()); `urgent`: load it in any case. */
void entry_schedule(struct entry *entry, int64_t when, bool urgent);

/* Judge it after `quiet` milliseconds, but do not put it off for ever. */
void entry_disturb(struct entry *entry, int64_t quiet);

/*
 * The file of this name, where the chain lies, was written and closed: as long
 * as it is as it is now, it is not half-done.  NULL: something else came, or is
 * being written.
 */
void entry_written(struct entry *entry, const char *name);

/*
 * What leads to the chain was put into its place, as a link is: that is whole
 * when it is seen.  Judge it now, unless it was flipped a moment ago as well.
 */
void entry_flip(struct entry *entry);

#endif
