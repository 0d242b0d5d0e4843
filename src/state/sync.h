/* SPDX-License-Identifier: MIT */
#ifndef STATE_SYNC_H
#define STATE_SYNC_H

/*
 * The thread that waits for the disk: fdatasync(2) after each commit, and the
 * rewriting of the journal.  It is started with its first job.
 * Threads: those functions are for one thread.
 */

#include <stdbool.h>

#include "base/status.h"
#include "state/directory.h"

struct state_sync;

/* `directory` is borrowed. */
struct state_sync *state_sync_new(const struct state_directory *directory);

/* Wait until the jobs are done, and end it.  NULL is legal. */
void state_sync_free(struct state_sync *sync);

/* Bring the file open at `fd` (borrowed) to the disk. */
void state_sync_data(struct state_sync *sync, int fd);

/*
 * Rewrite the journal open at `fd` (borrowed), and then give up the lock,
 * which the caller has and leaves to the thread.
 */
void state_sync_rewrite(struct state_sync *sync, int fd);

/* Return true while the thread has the lock. */
bool state_sync_has_lock(struct state_sync *sync);

/*
 * Return true, and say what in `problem`, if something has gone wrong since
 * the last call.
 */
bool state_sync_take_problem(struct state_sync *sync, struct problem *problem);

/*
 * Return true after fdatasync(2) failed, until a journal was rewritten: what
 * it could not write the kernel has given up, and will not try again.
 */
bool state_sync_is_lost(struct state_sync *sync);

#endif
