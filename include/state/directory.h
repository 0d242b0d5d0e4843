/* SPDX-License-Identifier: MIT */
#ifndef STATE_DIRECTORY_H
#define STATE_DIRECTORY_H

/*
 * The state directory, and the locks of what is in it.  A lock is flock(2) on
 * a file of its own, for what it guards is renamed over; it goes with the
 * process that held it.  Nobody else may open that file: on the directory, or
 * on a file that others may read, anybody could hold us up.
 * Threads: one at a time; the one that has the lock may be another than the
 * one that took it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"

#define STATE_JOURNAL     "state.jsonl"
#define STATE_JOURNAL_NEW "state.jsonl.new"
#define STATE_LOCK        "state.lock" /* of the journal */

enum {
	STATE_FILE_MODE = 0640,
	STATE_LOCK_MODE = 0600,
	STATE_DIRECTORY_MODE = 0750,
};

struct state_directory {
	char *path; /* absolute; owned */
	int fd;
	const char *lock; /* its name */
	int lock_fd;
};

/*
 * Make the directory if it is missing (not those above it), and open it and
 * the lock of this name, which must outlive it.  Returns STATUS_OK: end it with
 * state_directory_fini(); or
 * STATUS_IO with `problem` if it cannot be made, read or written.
 */
enum status state_directory_open(const char *path, const char *lock,
    struct state_directory *ret_directory, struct problem *problem);

/*
 * The same, but to read alone: nothing is made, and there is no lock.  The
 * journal is opened to be read where it cannot be written.
 */
enum status state_directory_look(const char *path,
    struct state_directory *ret_directory, struct problem *problem);

void state_directory_fini(struct state_directory *directory);

/*
 * Take the lock.  Returns STATUS_OK, STATUS_BUSY if another one holds it, or
 * STATUS_IO with `problem`.
 */
enum status state_directory_lock(
    struct state_directory *directory, struct problem *problem);

/* The same, but wait for it up to a second; with `problem` in any case. */
enum status state_directory_wait(
    struct state_directory *directory, struct problem *problem);

void state_directory_unlock(const struct state_directory *directory);

/*
 * Make a new file `name` with these permissions and return its descriptor, or
 * -1 with errno.  Made by root, it belongs to the owner of the directory: a
 * command of root's must not lock the daemon out of its own journal.
 */
int state_directory_create(
    const struct state_directory *directory, const char *name, mode_t mode);

/*
 * Replace the file `name`, or make it, with this text: a reader finds the old
 * one or the new one.  `is_synced`: wait until the disk has it.  Who may
 * write at the same time as others has a lock for it.  Returns STATUS_OK, or
 * STATUS_IO with `problem`: what was there before is there still.
 */
enum status state_directory_replace(const struct state_directory *directory,
    const char *name, mode_t mode, const struct buf *text, bool is_synced,
    struct problem *problem);

/*
 * Open the journal to read and write it.  Returns STATUS_OK, STATUS_ABSENT,
 * or STATUS_IO with `problem`.
 */
enum status state_directory_journal(const struct state_directory *directory,
    int *ret_fd, struct problem *problem);

/*
 * Fill in `problem` from the errno `error` about the file `name` of the
 * directory, with the remedy if it is known.  Returns STATUS_IO.
 */
enum status state_directory_problem(const struct state_directory *directory,
    const char *name, int error, struct problem *problem);

/* Put the path of the journal in front. */
void state_directory_prefix(
    const struct state_directory *directory, struct problem *problem);

#endif
