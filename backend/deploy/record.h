/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_RECORD_H
#define DEPLOY_RECORD_H

/*
 * What `deploy` did at one place, in a file beside the link, `.NAME.deploy`: a
 * run that was killed is gone on with, and what is removed is what was made.
 * Written aside, synced and renamed.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "place.h"

struct deploy_record {
	char *lineage; /* that is deployed there; NULL: none was yet */
	/* Where the link leads, or is about to; NULL: there was none yet. */
	char *link;
	/*
	 * The last that a server is known to have loaded, and what it had
	 * before; what a failure goes back to.  NULL: none.
	 */
	char *verified;
	char *previous;
	bool is_pending; /* nobody knows whether a server loaded `link` */
	bool is_told;    /* it did after a reload of ours */
	char **made;     /* directories that are ours */
	size_t made_count;
};

/*
 * Read that of the link at `place`, beside which it lies.  Returns
 * STATUS_OK, ended with deploy_record_fini(); STATUS_ABSENT: there is none;
 * STATUS_REFUSED: it is none of ours, or cannot be understood; or STATUS_IO;
 * with `problem`.
 */
enum status deploy_record_read(const struct deploy_place *place,
    struct deploy_record *ret_record, struct problem *problem);

/* Write it; false, with `problem`, if that fails. */
bool deploy_record_write(const struct deploy_place *place,
    const struct deploy_record *record, struct problem *problem);

void deploy_record_fini(struct deploy_record *record);

/* Put a copy of `value` (NULL: nothing) into one of the members. */
void deploy_record_set(char **member, const char *value);

/* Return true if `name` is among what was made. */
bool deploy_record_made(const struct deploy_record *record, const char *name);

/* Note that it was, or is no more. */
void deploy_record_add(struct deploy_record *record, const char *name);
void deploy_record_remove(struct deploy_record *record, const char *name);

#endif
