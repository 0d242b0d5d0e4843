/* SPDX-License-Identifier: MIT */
#ifndef STATE_REWRITE_H
#define STATE_REWRITE_H

/*
 * Writing the journal anew, without what is outdated or damaged: aside, to
 * the disk, and renamed over the old one, so that at each moment one of both
 * is whole and in place.
 * Threads: one that has the lock; nothing else is shared.
 */

#include <stddef.h>

#include "base/status.h"
#include "state/directory.h"

/* What was found wrong on the way. */
struct state_damage {
	size_t lines;   /* not used; 0: nothing was wrong */
	char aside[64]; /* the name under which the old journal is kept */
};

/*
 * Write what counts in the journal open at `fd` (-1: there is none) as the
 * new journal of `directory`.  Lines are copied as they are, also those of
 * kinds that are not known; CA certificates that no lineage refers to are
 * left out, and so are things that are gone for more than a day: no process
 * is so late to hear of it.  A journal with damaged lines is kept under
 * another name.
 *
 * Returns STATUS_OK; STATUS_IO or STATUS_REFUSED (see state_index_read())
 * with `problem`, and then the journal is the old one (or, if only the
 * directory did not get to the disk, the new one).
 */
enum status state_rewrite(const struct state_directory *directory, int fd,
    struct state_damage *ret_damage, struct problem *problem);

/* Say in `problem` what was done about damage. */
void state_damage_describe(const struct state_directory *directory,
    const struct state_damage *damage, struct problem *problem);

#endif
