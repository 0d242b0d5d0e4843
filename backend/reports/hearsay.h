/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_HEARSAY_H
#define REPORTS_HEARSAY_H

/*
 * What a look at all reports found, as it crosses from who reads mail to who
 * answers: each sender, each failure, and what could not be read is a message
 * (wall/channel.h), and the numbers are the last one.  What comes is believed
 * no further than its form; of more than there is room for the worst came.
 * Threads: one at a time.
 */

#include <jansson.h>

#include "collection.h"
#include "wall/channel.h"

enum {
	HEARSAY_SENDERS = 500,
	HEARSAY_FAULTS = 500,
	HEARSAY_UNREAD = 32,
	HEARSAY_RECENT = 50, /* failures that somebody is called for */
	/*
	 * Seconds.  A report is of a day and comes within another one, so that
	 * between two of the same failure there may be no more.
	 */
	HEARSAY_DAY = 2 * 86400,
};

/* Nothing that is in it was made by us.  Zeroed: nothing was seen. */
struct hearsay {
	struct collection collection; /* its lists: the worst first */
	/* The worst of those that ended lately: numbers of failures. */
	size_t recent[HEARSAY_RECENT];
	size_t recent_count;
};

/*
 * Tell all of a collection that has ended, by `put`, which is given each
 * message with its object, new.
 */
void hearsay_tell(const struct collection *collection,
    void (*put)(enum message message, json_t *object, void *arg), void *arg);

/*
 * Take such a message as of `now` (seconds since 1970).  False: it makes no
 * sense, or there are too many.  With MESSAGE_HEARD it is whole.
 */
bool hearsay_take(
    struct hearsay *hearsay, enum message message, json_t *object, int64_t now);

/*
 * Add to `findings` what failed lately at a host, by its name with or without
 * final dot, in lower case.
 */
void hearsay_find(const struct hearsay *hearsay, const char *host, int64_t now,
    struct findings *findings);

void hearsay_fini(struct hearsay *hearsay);

#endif
