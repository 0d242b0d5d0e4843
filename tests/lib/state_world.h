/* SPDX-License-Identifier: MIT */
#ifndef STATE_WORLD_H
#define STATE_WORLD_H

/*
 * A state directory with two handles on it, as two processes would have, what
 * each of them was told, and what should be on record.  Whatever goes wrong
 * here ends the test.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "ledger.h"
#include "state/database.h"
#include "state/state.h"

struct state_world {
	char *directory;
	struct ledger expected;
	struct ledger told[2];
	struct state *state[2];
};

/* Of cmocka: *state becomes the struct state_world. */
int state_world_setup(void **state);
int state_world_teardown(void **state);

/* Begin and commit with nothing put. */
void state_world_hear(struct state_world *world, size_t who);

/* Open the directory once more: exactly what is expected must be told. */
void state_world_check(const struct state_world *world);

/* Ask the file of `directory` itself: the first value, or -1. */
int64_t state_number(const char *directory, const char *sql);

/* The number of the last commit. */
#define STAMP "SELECT value FROM meta WHERE name = 'stamp'"

/* Remove the file, and what SQLite lays beside it. */
void state_remove(const char *directory);

/* Copy a file within the directory. */
void file_copy(const char *directory, const char *from, const char *to);

/* Make an empty directory below $TMPDIR or /tmp; free() it. */
char *temporary_new(void);

/* Remove it with the files in it. */
void temporary_remove(char *directory);

/* Read a file, or write it anew; len may be NULL.  free() what was read. */
char *file_content(const char *directory, const char *name, size_t *ret_len);
void file_fill(
    const char *directory, const char *name, const char *data, size_t len);

/* Open the state; ends the test if that fails, or gives a warning. */
struct state *state_opened(const char *directory, struct ledger *ledger);

/* state_begin(), while it is busy; ends the test if it fails. */
void state_begun(struct state *state);

/* state_commit(); ends the test if it fails. */
void state_committed(struct state *state);

/* Put a zone that has just a serial. */
void put_serial(struct state *state, const char *name, uint32_t serial);

/* Put an owner with one association. */
void put_owner(struct state *state, const char *name, const char *rdata);

#endif
