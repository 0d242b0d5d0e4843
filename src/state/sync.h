/* SPDX-License-Identifier: MIT */
#ifndef STATE_SYNC_H
#define STATE_SYNC_H

/*
 * The thread that waits for the disk: after each commit it brings the -wal
 * into the database, and both to the disk.  It has a connection of its own.
 * Threads: those functions are for one thread.
 */

#include <stdbool.h>

#include "base/status.h"

struct sync;

/*
 * Open the file, while it is known to be the right one; no thread is begun
 * before the first job.  Returns STATUS_OK, or as database_problem().
 */
enum status sync_new(
    const char *path, struct sync **ret_sync, struct problem *problem);

/* Wait until the jobs are done, and end it.  NULL is legal. */
void sync_free(struct sync *sync);

void sync_start(struct sync *sync);

/*
 * Return true, and say what in `problem`, if something has gone wrong since
 * the last call; *ret_damaged, that the file has to be mended.
 */
bool sync_take_problem(
    struct sync *sync, bool *ret_damaged, struct problem *problem);

#endif
