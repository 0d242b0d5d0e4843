/* SPDX-License-Identifier: MIT */
#ifndef KEYRING_FILE_H
#define KEYRING_FILE_H

/*
 * The keyring in the state directory: dnssec.json, which only its owner may
 * read.  It is replaced as a whole, so that a reader finds the old or the new
 * one; who changes it has the lock, a file of its own, and has read it
 * since.  It is written when somebody changes keys or metadata, and the reply
 * waits for the disk: a key that was told of must not be gone after a crash.
 * Threads: one at a time.
 */

#include <stdbool.h>

#include "base/fingerprint.h"
#include "base/status.h"
#include "keyring/keyring.h"
#include "state/directory.h"

#define KEYRING_FILE     "dnssec.json"
#define KEYRING_FILE_NEW "dnssec.json.new"

struct keyring_file {
	struct state_directory directory;
	bool is_open;
	struct fingerprint print; /* of what was read or written last */
};

/*
 * Open the state directory, which is made if it is missing.  Returns STATUS_OK:
 * end it with keyring_file_close(); or STATUS_IO with `problem`.
 */
enum status keyring_file_open(
    const char *path, struct keyring_file *ret_file, struct problem *problem);

void keyring_file_close(struct keyring_file *file);

/* Read the keyring of a state directory, as somebody who only looks. */
enum status keyring_file_look(
    const char *path, struct keyring *ret_keyring, struct problem *problem);

/* Return true if the file is another one than was read or written last. */
bool keyring_file_is_changed(const struct keyring_file *file);

/*
 * Read the file; one that is missing is an empty keyring.  `*keyring` is
 * ended and replaced only on STATUS_OK.  Else STATUS_IO, STATUS_MALFORMED,
 * STATUS_LIMIT or STATUS_REFUSED with `problem`, that names the file.
 */
enum status keyring_file_read(struct keyring_file *file,
    struct keyring *keyring, struct problem *problem);

/*
 * Take the lock, waiting up to a second, and read what others wrote.  Not
 * STATUS_OK: without the lock, STATUS_BUSY or as keyring_file_read().
 */
enum status keyring_file_begin(struct keyring_file *file,
    struct keyring *keyring, struct problem *problem);

/*
 * Write the keyring, to the disk, and give up the lock.  Returns STATUS_OK, or
 * STATUS_IO with `problem`: what was there before is there still.
 */
enum status keyring_file_commit(struct keyring_file *file,
    const struct keyring *keyring, struct problem *problem);

/* Give up the lock and leave the file as it is. */
void keyring_file_cancel(struct keyring_file *file);

#endif
