/* SPDX-License-Identifier: MIT */
#ifndef STATE_FILE_H
#define STATE_FILE_H

/*
 * state.db, the SQLite file of record and keys: made, opened, and, if it is
 * damaged, set aside and begun anew with what is whole of it.  A new one is
 * written beside it and renamed, under the lock of the directory, so that
 * whoever opens it finds it whole.  Where there is none yet, what earlier
 * versions kept in state.jsonl and dnssec.json goes into it.
 *
 * It is in WAL mode, and nobody who opens it here checkpoints on the way: the
 * record's own thread does (state/state.c).
 * Threads: one at a time for each.
 */

#include <stdbool.h>

#include "base/status.h"
#include "files/directory.h"
#include "state/database.h"

#define STATE_FILE "state.db"

struct state_file {
	struct directory directory;
	char *path;
	struct database database;
	uint64_t inode;
	uint64_t wal; /* inode of its -wal */
};

/*
 * Open the file in `directory`; both are made if they are missing.  Who
 * `is_patient` waits up to a second for others.
 *
 * Returns STATUS_OK: end it with state_file_close(), and *ret_warning (free()
 * it, or NULL) says what was damaged.  Else with `problem` STATUS_IO,
 * STATUS_BUSY, STATUS_MALFORMED (what earlier versions left cannot be
 * understood) or STATUS_REFUSED (a later version wrote it).
 */
enum status state_file_open(const char *directory, bool is_patient,
    struct state_file *ret_file, char **ret_warning, struct problem *problem);

/*
 * The same to read alone: nothing is made.  Also where nothing can be written.
 * STATUS_ABSENT if there is none.
 */
enum status state_file_look(const char *directory, struct state_file *ret_file,
    struct problem *problem);

void state_file_close(struct state_file *file);

/* Return true if another file, or none, has its name now. */
bool state_file_is_replaced(const struct state_file *file);

/*
 * Open the file that is there now, as state_file_open(), without patience; if
 * what is open turned out to be damaged, it is set aside.
 */
enum status state_file_renew(struct state_file *file, bool is_damaged,
    char **ret_warning, struct problem *problem);

/* Say in `problem` what failed last. */
enum status state_file_problem(
    const struct state_file *file, struct problem *problem);

#endif
