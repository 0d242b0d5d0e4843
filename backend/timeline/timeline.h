/* SPDX-License-Identifier: MIT */
#ifndef TIMELINE_TIMELINE_H
#define TIMELINE_TIMELINE_H

/*
 * The RRset of a service over time, as whoever draws it needs it: which bars
 * there are and which marks, from when to when, and what time is where.
 * All times are seconds since 1970.  Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/* What an association matches, by its provenance; the word, in JSON. */
#define TIMELINE_CLASS_TABLE(X)                                                \
	X(TIMELINE_SERVED, "served") /* what is served now */                  \
	X(TIMELINE_NEXT, "next")     /* what may be served next */             \
	X(TIMELINE_OLD, "old")       /* what was served, and may still be */   \
	X(TIMELINE_KEPT, "kept")     /* nothing has taken its place */

enum timeline_class {
#define X(id, word) id,
	TIMELINE_CLASS_TABLE(X)
#undef X
	    TIMELINE_CLASSES,
};

/* What happens to a lineage at a point in time; class, and what is read. */
#define TIMELINE_MARK_TABLE(X)                                                 \
	X(TIMELINE_RENEWED, "renewed", "renewed")                              \
	X(TIMELINE_EXPECTED, "expected", "renewal")                            \
	X(TIMELINE_EXPIRY, "expiry", "expiry")

enum timeline_event {
#define X(id, word, text) id,
	TIMELINE_MARK_TABLE(X)
#undef X
	    TIMELINE_EVENTS,
};

/* Return the word of the class, or of the event; and what people read. */
const char *timeline_class_word(enum timeline_class class);
const char *timeline_event_word(enum timeline_event event);
const char *timeline_event_text(enum timeline_event event);

/* An association, from its first publication to its end. */
struct timeline_bar {
	char *rdata; /* "3 1 1 abc..."; owned */
	char *why;   /* the word of its provenance, or "kept"; owned */
	enum timeline_class class;
	int64_t since;
	int64_t hold;  /* nothing may be served by it alone before */
	int64_t until; /* INT64_MAX: open */
};

struct timeline_mark {
	enum timeline_event event;
	int64_t when;
};

struct timeline {
	int64_t now;
	int64_t from; /* the left end */
	int64_t to;   /* the right end, after it */
	struct timeline_bar *bars;
	size_t bar_count;            /* 0: nothing is published */
	struct timeline_mark *marks; /* between the ends, those included */
	size_t mark_count;
};

enum {
	TIMELINE_TICKS = 6, /* dates of the axis, beside the one at the left */
	TIMELINE_TICK_NOW = 2,
	TIMELINE_TICK_SIZE = 6, /* "11-29", "12:30", "now" and a NUL */
};

/* Make it as of `now`; to be ended by timeline_fini(). */
void timeline_init(
    struct timeline *timeline, const struct service_view *view, int64_t now);

/* Add a bar, or a mark, which is left out if it is beyond the ends. */
void timeline_add_bar(struct timeline *timeline, const char *rdata,
    const char *why, const struct timeline_bar *times);
void timeline_add_mark(
    struct timeline *timeline, enum timeline_event event, int64_t when);

void timeline_fini(struct timeline *timeline);

/*
 * Return where a point in time is, if the right end is at `width`: what is
 * beyond an end is at that end.
 */
int timeline_at(const struct timeline *timeline, int64_t when, int width);

/*
 * Return when the tick `i` (0..TIMELINE_TICKS) is, and write what it says: the
 * day, or the time of day if all of it is a few days.
 */
int64_t timeline_tick(
    const struct timeline *timeline, int i, char text[TIMELINE_TICK_SIZE]);

#endif
