/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_POSTBOX_H
#define REPORTS_POSTBOX_H

/*
 * What who answers has of TLS reports: another process reads them (see
 * reports/clerk.h), anew whenever something arrives, and is made again when it
 * dies of a mail; a mail that it died of twice is left alone.  What was seen
 * last stays meanwhile.  Nothing here opens a file.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/config.h"
#include "loop/loop.h"
#include "hearsay.h"
#include "wall/warden.h"

struct postbox;

/* Begin with nothing to be read; the arguments are borrowed. */
struct postbox *postbox_new(struct loop *loop, struct warden *warden);

/* NULL is legal. */
void postbox_free(struct postbox *postbox);

/*
 * Read what the configuration says (or nothing) from now on: all of it again,
 * and what was left alone as well.
 */
void postbox_configure(struct postbox *postbox, const struct config *config);

/* What there is to say of one that is configured. */
struct postbox_view {
	const char *path;
	int64_t since; /* seconds that are looked back */
	/* Why nothing of it can be read, or NULL. */
	const char *problem;
	int64_t
	    looked; /* when all was read last, seconds since 1970; 0: never */
	pid_t pid;  /* that reads it; 0: none does */
	unsigned locks;                /* that hold it: see wall/confine.h */
	const struct hearsay *hearsay; /* what was seen then */
};

/* False: no reports are configured (`postbox` may be NULL).  Borrowed. */
bool postbox_view(const struct postbox *postbox, struct postbox_view *ret_view);

/*
 * Return true when all was read since the start or a reload, or could not be,
 * or there is nothing to read.
 */
bool postbox_is_settled(const struct postbox *postbox);

/*
 * Add what senders saw fail lately at a host (see hearsay_find()); `postbox`
 * may be NULL.
 */
void postbox_find(const struct postbox *postbox, const char *host, int64_t now,
    struct findings *findings);

/* Add what keeps reports from being read; likewise. */
void postbox_find_problem(
    const struct postbox *postbox, struct findings *findings);

#endif
