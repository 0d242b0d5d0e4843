/* SPDX-License-Identifier: MIT */
#ifndef STATE_WATCH_H
#define STATE_WATCH_H

/*
 * Be woken when another process appends to the journal or renames a new one
 * over it.  Private to state*.c.  Threads: one at a time.
 */

#include "state_directory.h"
#include "status.h"

struct state_watch {
	int fd;      /* of inotify(7) */
	int journal; /* watch descriptor of the file, or -1 */
};

/*
 * Watch the directory.  Returns STATUS_OK: end it with state_watch_fini(); or
 * STATUS_IO with `problem`.
 */
enum status state_watch_open(const struct state_directory *directory,
    struct state_watch *ret_watch, struct problem *problem);

void state_watch_fini(struct state_watch *watch);

/*
 * Watch the journal that is there now; call it with the lock.  Returns
 * STATUS_OK or STATUS_IO with `problem`.
 */
enum status state_watch_journal(const struct state_directory *directory,
    struct state_watch *watch, struct problem *problem);

/* Forget what was seen, so that the descriptor is no longer readable. */
void state_watch_drain(const struct state_watch *watch);

#endif
