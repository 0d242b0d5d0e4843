/* SPDX-License-Identifier: MIT */
#ifndef FILES_DIRECTORY_H
#define FILES_DIRECTORY_H

/*
 * The state directory, and a lock in it.  A lock is flock(2) on a file of its
 * own, for what it guards is renamed over; it goes with the process that held
 * it.  Nobody else may open that file: on the directory, or on a file that
 * others may read, anybody could hold us up.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"

enum { DIRECTORY_FILE_MODE = 0640 };

struct directory {
	char *path; /* absolute; owned */
	int fd;
	const char *lock; /* its name */
	int lock_fd;
};

/*
 * Make the directory if it is missing (not those above it), and open it and
 * the lock of this name, which must outlive it.  Returns STATUS_OK: end it with
 * directory_fini(); or STATUS_IO with `problem` if it cannot be made, read or
 * written.
 */
enum status directory_open(const char *path, const char *lock,
    struct directory *ret_directory, struct problem *problem);

void directory_fini(struct directory *directory);

/*
 * Take the lock, waiting up to a second if `is_patient`.  Returns STATUS_OK,
 * or with `problem` STATUS_BUSY if another one holds it, or STATUS_IO.
 */
enum status directory_lock(
    struct directory *directory, bool is_patient, struct problem *problem);

void directory_unlock(const struct directory *directory);

/*
 * Make a new file `name` with these permissions and return its descriptor, or
 * -1 with errno.  Made by root, it belongs to the owner of the directory: a
 * command of root's must not lock the daemon out of its own record.
 */
int directory_create(
    const struct directory *directory, const char *name, mode_t mode);

/*
 * Replace the file `name`, or make it, with this text: a reader finds the old
 * one or the new one.  `is_synced`: wait until the disk has it.  Who may
 * write at the same time as others has a lock for it.  Returns STATUS_OK, or
 * STATUS_IO with `problem`: what was there before is there still.
 */
enum status directory_replace(const struct directory *directory,
    const char *name, mode_t mode, const struct buf *text, bool is_synced,
    struct problem *problem);

/* Wait until the disk has the names in it; false with errno. */
bool directory_sync(const struct directory *directory);

/*
 * Fill in `problem` from the errno `error` about the file at `path`, with the
 * remedy if it is known.  Returns STATUS_IO.
 */
enum status directory_problem(
    const char *path, int error, struct problem *problem);

#endif
