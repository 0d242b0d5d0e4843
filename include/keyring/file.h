/* SPDX-License-Identifier: MIT */
#ifndef KEYRING_FILE_H
#define KEYRING_FILE_H

/*
 * The keyring in the record's file, which only its owner may read.  Who changes
 * it has read what others wrote, and keeps them from writing meanwhile.  It is
 * written when somebody changes keys or metadata, and the reply waits for the
 * disk: a key that was told of must not be gone after a crash.
 * Threads: one at a time.
 */

#include <stdbool.h>

#include "base/status.h"
#include "keyring/keyring.h"
#include "state/file.h"

struct keyring_file {
	struct state_file file;
	bool is_open;
	int64_t stamp; /* of what was read or written last */
	bool is_lost;  /* what memory has is not in the file yet */
	char *warning; /* that it was damaged, for who logs; owned */
};

/*
 * Open the file of a state directory; both are made if they are missing.
 * Returns STATUS_OK: end it with keyring_file_close(); or as state_file_open().
 */
enum status keyring_file_open(
    const char *path, struct keyring_file *ret_file, struct problem *problem);

void keyring_file_close(struct keyring_file *file);

/* Read the keyring of a state directory, as somebody who only looks. */
enum status keyring_file_look(
    const char *path, struct keyring *ret_keyring, struct problem *problem);

/* Return true if others wrote since it was read or written last. */
bool keyring_file_is_changed(struct keyring_file *file);

/*
 * Read what is there.  `*keyring` is ended and replaced only on STATUS_OK; if
 * it is another file than before (an older copy, or one that was mended), what
 * `*keyring` has counts, and is written.  Else STATUS_IO, STATUS_BUSY,
 * STATUS_MALFORMED or STATUS_REFUSED with `problem`, that names the file.
 */
enum status keyring_file_read(struct keyring_file *file,
    struct keyring *keyring, struct problem *problem);

/*
 * Begin to write, waiting up to a second, and read what others wrote.  Not
 * STATUS_OK: nothing is begun; as keyring_file_read().
 */
enum status keyring_file_begin(struct keyring_file *file,
    struct keyring *keyring, struct problem *problem);

/*
 * Write the keyring, to the disk.  Returns STATUS_OK, or STATUS_IO with
 * `problem`: what was there before is there still.
 */
enum status keyring_file_commit(struct keyring_file *file,
    const struct keyring *keyring, struct problem *problem);

/* Leave it as it is. */
void keyring_file_cancel(struct keyring_file *file);

#endif
