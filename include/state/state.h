/* SPDX-License-Identifier: MIT */
#ifndef STATE_STATE_H
#define STATE_STATE_H

/*
 * What must survive a restart, and what several processes of one state
 * directory must agree on: zone ids and serials, the generations of each
 * lineage, and since when each association has been published.
 *
 * It is in state.db (state/file.h).  A commit writes to the page cache alone;
 * a thread of its own brings it to the disk: nobody waits for that.  Names may
 * hold any octets but NUL.
 * Threads: one at a time.
 */

#include <stdbool.h>

#include "base/status.h"
#include "files/file.h"
#include "state/thing.h"

struct state;

/*
 * Open the state of `directory`, which is made if it is missing, and tell
 * `hooks` all of it: zones, owners, lineages, then alarms, each thing once.
 * Certificates come without X.509 objects; CA certificates that several
 * generations share are one object.  Who `is_patient` waits up to a second for
 * others; they keep nobody from reading what is there.
 *
 * A file that is damaged is set aside as state.db.damaged-TIME; what is whole
 * of it is used, and *ret_warning (free(), or NULL) says so.  One that is
 * missing is a beginning.
 *
 * Returns STATUS_OK; or what state_file_open() does, without a state.
 */
enum status state_open(const char *directory, bool is_patient,
    const struct state_hooks *hooks, struct state **ret_state,
    char **ret_warning, struct problem *problem);

/*
 * Tell of what is on record in a directory that cannot be written, or locked,
 * as on a file system that is mounted read-only.  Nothing is made or changed.
 * Returns STATUS_OK; or with `problem` STATUS_ABSENT if there is nothing to be
 * read, or what state_open() returns.
 */
enum status state_look(const char *directory, const struct state_hooks *hooks,
    struct problem *problem);

/* Return true if there is a file that state_open() may write to. */
bool state_is_usable(const char *directory);

/* Wait until the disk has it, and free it.  NULL is legal. */
void state_close(struct state *state);

/* Add what changes when others write, or replace the file: to be watched. */
void state_watch(const char *directory, struct paths *paths);

/*
 * Return true if another process has written, or the file was replaced, since
 * the last commit.
 */
bool state_has_news(struct state *state);

/*
 * Begin to write, and tell `hooks` what others wrote meanwhile.  What is gone
 * is told with a count of 0 and stays on record for a day.
 *
 * Returns STATUS_OK: put what has changed, then call state_commit().
 * STATUS_BUSY: another process, or our own thread, writes at the moment; try
 * again some milliseconds later, without being woken.  STATUS_IO with
 * `problem`, and nothing is begun; also once to report damage that was
 * repaired, or what the thread could not do.
 */
enum status state_begin(struct state *state, struct problem *problem);

/*
 * Return true once after a begin that found another file than before, or one
 * that was mended: all that memory holds is to be put.
 */
bool state_wants_all(struct state *state);

/*
 * Between begin and commit: put on record; what is on record just so will not
 * be written.  Chains are as chain_parse() makes them.  Also after a begin that
 * failed: then the commit fails too, and what was put waits for one that does
 * not.
 */
void state_put_zone(struct state *state, const struct state_zone *zone);
void state_put_owner(struct state *state, const struct state_owner *owner);
void state_put_lineage(
    struct state *state, const struct state_lineage *lineage);
void state_put_alarm(struct state *state, const struct state_alarm *alarm);

/*
 * The same for that somebody has asked who writes this, and so may have what he
 * answered in a cache; nothing else changes by it.
 */
void state_put_asked(struct state *state);

/* Return true if that is on record. */
bool state_was_asked(struct state *state);

/*
 * Write what was put, all of it or nothing.  Returns STATUS_OK; or STATUS_IO
 * with `problem` (full disk): what was put is kept and tried again by the next
 * commit, except a thing that the hooks were told of before: another process
 * has put it later.
 */
enum status state_commit(struct state *state, struct problem *problem);

#endif
