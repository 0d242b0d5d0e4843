/* SPDX-License-Identifier: MIT */
#include "state/state.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "ca_keys.h"
#include "row.h"
#include "row_tell.h"
#include "state/file.h"
#include "sync.h"

static const char stamp_there[] = "SELECT value FROM meta WHERE name = 'stamp'";
static const char alarms_there[] =
    "SELECT count(*) FROM sqlite_master WHERE name = 'alarm'";
static const char stamp_next[] =
    "UPDATE meta SET value = value + 1 WHERE name = 'stamp'";
static const char asked_there[] = "SELECT value FROM meta WHERE name = 'asked'";
static const char asked_put[] =
    "INSERT OR REPLACE INTO meta VALUES('asked', 1)";

/* So many octets do not wait in memory for the commit. */
enum { PENDING_MAX = 1024 * 1024 };

struct state {
	struct state_file file;
	struct state_hooks hooks;
	struct sync *sync;
	int64_t stamp;       /* of the last commit that we know of; -1: none */
	int64_t written;     /* rows of this connection, at the begin */
	struct trie pending; /* key -> row */
	size_t pending_octets;
	struct trie ca_keys; /* of CAs whose rows were put for this commit */
	bool is_begun;
	bool is_ahead; /* rows were written that wait no longer */
	bool wants_all;
};

/* ---- telling ---- */

struct telling {
	struct state *state;
	struct trie cas;
	bool is_first; /* nobody knows of what is gone */
	size_t damaged;
};

static void
cert_drop(void *value)
{
	cert_unref(value);
}

static void
ca_visit(const struct row *row, bool is_whole, void *arg)
{
	struct telling *telling = arg;
	struct cert *cert = is_whole ? row_cert(row) : NULL;

	/* What is as it was written, but makes no sense, is no damage. */
	telling->damaged += !is_whole;
	if (cert != NULL)
		trie_set(&telling->cas, row->values[0].data, row->values[0].len,
		    cert);
}

static void
row_visit(const struct row *row, bool is_whole, void *arg)
{
	struct telling *telling = arg;
	struct state *state = telling->state;
	struct buf key = { 0 };

	if (!is_whole) {
		telling->damaged++;
		return;
	}
	/* Who was told of a change decides anew; our last word is outdated. */
	row_key(row, &key);
	(void)trie_remove(&state->pending, key.data, key.len);
	buf_fini(&key);
	if (!telling->is_first || !row_is_gone(row))
		(void)row_tell(row, &telling->cas, &state->hooks);
}

/* Tell of what later commits than ours wrote; in a transaction. */
static enum status
tell(struct state *state, bool is_first, struct problem *problem)
{
	static const enum row_table order[] = { ROW_ZONE, ROW_OWNER,
		ROW_LINEAGE, ROW_ALARM };
	struct database *database = &state->file.database;
	struct telling telling = { .state = state, .is_first = is_first };
	int64_t stamp = database_number(database, stamp_there);
	int code = SQLITE_OK;
	size_t tables;

	if (stamp < 0)
		return state_file_problem(&state->file, problem);
	if (stamp == state->stamp)
		return STATUS_OK;
	trie_init(&telling.cas, cert_drop);
	/* Who only looks at what an earlier version wrote finds no alarms. */
	tables = database_number(database, alarms_there) == 1 ? 4 : 3;
	code = row_walk(database, ROW_CA, -1, ca_visit, &telling);
	for (size_t i = 0; code == SQLITE_OK && i < tables; i++)
		code = row_walk(
		    database, order[i], state->stamp, row_visit, &telling);
	trie_fini(&telling.cas);
	if (code != SQLITE_OK)
		return state_file_problem(&state->file, problem);
	state->stamp = stamp;
	if (telling.damaged == 0)
		return STATUS_OK;
	problem_set(problem, "%s: damaged", state->file.path);
	return STATUS_MALFORMED;
}

/* ---- opening ---- */

static enum status
first_tell(struct state *state, struct problem *problem)
{
	enum status status = STATUS_OK;

	/* One view of it, whoever writes meanwhile. */
	if (database_do(&state->file.database, "BEGIN") != SQLITE_OK)
		return state_file_problem(&state->file, problem);
	status = tell(state, true, problem);
	(void)database_do(&state->file.database, "COMMIT");
	return status;
}

static struct state *
state_new(const struct state_hooks *hooks)
{
	struct state *state = mem_new(sizeof(*state));

	/* 0 is somebody's descriptor. */
	state->file.directory.fd = -1;
	state->file.directory.lock_fd = -1;
	state->hooks = *hooks;
	state->stamp = -1;
	trie_init(&state->pending, row_free);
	ca_keys_init(&state->ca_keys);
	return state;
}

/* What is open now is the loop's: it waits for nobody. */
static enum status
settle(struct state *state, struct problem *problem)
{
	struct database *database = &state->file.database;

	database_rest(database);
	(void)sqlite3_busy_timeout(database->handle, 0);
	if (database_do(database, "PRAGMA synchronous=NORMAL") != SQLITE_OK)
		return state_file_problem(&state->file, problem);
	return sync_new(state->file.path, &state->sync, problem);
}

enum status
state_open(const char *directory, bool is_patient,
    const struct state_hooks *hooks, struct state **ret_state,
    char **ret_warning, struct problem *problem)
{
	struct state *state = state_new(hooks);
	enum status status = state_file_open(
	    directory, is_patient, &state->file, ret_warning, problem);

	if (status != STATUS_OK) {
		state_close(state);
		return status;
	}
	status = first_tell(state, problem);
	if (status == STATUS_MALFORMED) {
		free(*ret_warning);
		status = state_file_renew(
		    &state->file, true, ret_warning, problem);
		state->stamp = -1;
		if (status == STATUS_OK)
			status = first_tell(state, problem);
	}
	if (status == STATUS_OK)
		status = settle(state, problem);
	if (status == STATUS_OK)
		*ret_state = state;
	else
		state_close(state);
	return status;
}

enum status
state_look(const char *directory, const struct state_hooks *hooks,
    struct problem *problem)
{
	struct state *state = state_new(hooks);
	enum status status = state_file_look(directory, &state->file, problem);

	if (status == STATUS_OK)
		status = first_tell(state, problem);
	/* What is damaged is told as far as it goes. */
	state_close(state);
	return status == STATUS_MALFORMED ? STATUS_OK : status;
}

bool
state_is_usable(const char *directory)
{
	char *path = mem_format("%s/" STATE_FILE, directory);
	bool is_usable = access(directory, W_OK) == 0 &&
			 access(path, R_OK | W_OK) == 0;

	free(path);
	return is_usable;
}

void
state_watch(const char *directory, struct paths *paths)
{
	static const char *const names[] = { STATE_FILE, STATE_FILE "-wal" };

	for (size_t i = 0; i < 2; i++) {
		char *path = mem_format("%s/%s", directory, names[i]);

		paths_add(paths, path);
		free(path);
	}
}

void
state_close(struct state *state)
{
	if (state == NULL)
		return;
	sync_free(state->sync);
	state_file_close(&state->file);
	trie_fini(&state->pending);
	trie_fini(&state->ca_keys);
	free(state);
}

/* ---- news ---- */

bool
state_has_news(struct state *state)
{
	return state_file_is_replaced(&state->file) ||
	       database_number(&state->file.database, stamp_there) !=
		   state->stamp;
}

/* Go over to the file that is there now, or to one that is made of it. */
static enum status
renew(struct state *state, bool is_damaged, struct problem *problem)
{
	char *warning = NULL;
	enum status status;

	sync_free(state->sync);
	state->sync = NULL;
	status = state_file_renew(&state->file, is_damaged, &warning, problem);
	if (status == STATUS_OK)
		status = settle(state, problem);
	/* Then it is tried again. */
	if (status != STATUS_OK)
		database_close(&state->file.database);
	state->stamp = -1;
	state->wants_all = true;
	/* All is well again, but somebody has to be told. */
	if (status == STATUS_OK && warning != NULL) {
		problem_set(problem, "%s", warning);
		status = STATUS_IO;
	}
	free(warning);
	return status;
}

/* What the thread met, and whether the file is still ours. */
static enum status
look_after(struct state *state, struct problem *problem)
{
	bool is_damaged = false;
	bool has_problem = state->sync != NULL &&
			   sync_take_problem(state->sync, &is_damaged, problem);

	if (is_damaged || state_file_is_replaced(&state->file))
		return renew(state, is_damaged, problem);
	return has_problem ? STATUS_IO : STATUS_OK;
}

static enum status
begin(struct state *state, struct problem *problem)
{
	struct database *database = &state->file.database;
	enum status status;

	if (database_do(database, "BEGIN IMMEDIATE") != SQLITE_OK)
		return state_file_problem(&state->file, problem);
	status = tell(state, false, problem);
	if (status != STATUS_OK)
		(void)database_do(database, "ROLLBACK");
	return status;
}

enum status
state_begin(struct state *state, struct problem *problem)
{
	enum status status;

	assert(!state->is_begun);
	status = look_after(state, problem);
	if (status == STATUS_OK)
		status = begin(state, problem);
	if (status == STATUS_MALFORMED) {
		status = renew(state, true, problem);
		if (status == STATUS_OK)
			status = begin(state, problem);
	}
	state->is_begun = status == STATUS_OK;
	state->written = state->is_begun ? sqlite3_total_changes64(
					       state->file.database.handle)
					 : 0;
	/* Others are not words that callers expect here. */
	return status == STATUS_OK || status == STATUS_BUSY ? status
							    : STATUS_IO;
}

bool
state_wants_all(struct state *state)
{
	bool wants_all = state->wants_all && state->is_begun;

	state->wants_all = state->wants_all && !wants_all;
	return wants_all;
}

/* ---- writing ---- */

bool
state_was_asked(struct state *state)
{
	return database_number(&state->file.database, asked_there) == 1;
}

void
state_put_asked(struct state *state)
{
	if (state->is_begun)
		(void)database_run(&state->file.database, asked_put, NULL, 0);
}

static bool
pending_visit(const struct trie_entry *entry, void *arg)
{
	return row_write(entry->value, arg) == SQLITE_OK;
}

/*
 * False: the transaction is of no use any more.  SQLite may have ended it when
 * something failed before; what is written then would stand by itself.
 */
static bool
pending_write(struct state *state)
{
	struct database *database = &state->file.database;

	return sqlite3_get_autocommit(database->handle) == 0 &&
	       trie_walk(&state->pending, "", 0, pending_visit, database);
}

static void
pending_clear(struct state *state)
{
	trie_fini(&state->pending);
	trie_init(&state->pending, row_free);
	state->pending_octets = 0;
}

/* Take over a row; a first start puts a million of them. */
static void
put(struct state *state, struct row *row)
{
	struct row *copy = row_copy(row);
	struct buf key = { 0 };

	row_key(row, &key);
	trie_set(&state->pending, key.data, key.len, copy);
	state->pending_octets += key.len + row_size(row);
	buf_fini(&key);
	row_fini(row);
	if (state->is_begun && state->pending_octets > PENDING_MAX &&
	    pending_write(state)) {
		pending_clear(state);
		state->is_ahead = true;
	}
}

void
state_put_zone(struct state *state, const struct state_zone *zone)
{
	struct row row;

	row_of_zone(zone, &row);
	put(state, &row);
}

void
state_put_owner(struct state *state, const struct state_owner *owner)
{
	struct row row;

	row_of_owner(owner, &row);
	put(state, &row);
}

void
state_put_lineage(struct state *state, const struct state_lineage *lineage)
{
	struct row row;

	for (size_t i = 0; i < lineage->count; i++)
		for (size_t k = 0; k < lineage->list[i].chain->ca_count; k++) {
			if (ca_keys_add(&state->ca_keys,
				lineage->list[i].chain->ca[k], &row))
				put(state, &row);
		}
	row_of_lineage(lineage, &state->ca_keys, &row);
	put(state, &row);
}

void
state_put_alarm(struct state *state, const struct state_alarm *alarm)
{
	struct row row;

	row_of_alarm(alarm, &row);
	put(state, &row);
}

/* Whatever becomes of this commit, the next one has rows of its own. */
static void
ca_keys_clear(struct state *state)
{
	trie_fini(&state->ca_keys);
	ca_keys_init(&state->ca_keys);
}

/* Write all that waits, and the number of the commit if that is anything. */
static bool
write_all(struct state *state, bool *ret_written)
{
	struct database *database = &state->file.database;

	if (!pending_write(state))
		return false;
	*ret_written = sqlite3_total_changes64(database->handle) >
		       state->written;
	return (!*ret_written ||
		   database_run(database, stamp_next, NULL, 0) == SQLITE_OK) &&
	       database_do(database, "COMMIT") == SQLITE_OK;
}

enum status
state_commit(struct state *state, struct problem *problem)
{
	bool has_written = false;
	enum status status;

	ca_keys_clear(state);
	if (!state->is_begun) {
		if (state->pending.count == 0)
			return STATUS_OK;
		problem_set(problem,
		    "%s: not recorded yet, for it could not be locked or read",
		    state->file.path);
		return STATUS_IO;
	}
	state->is_begun = false;
	if (write_all(state, &has_written)) {
		pending_clear(state);
		database_rest(&state->file.database);
		state->is_ahead = false;
		if (has_written) {
			state->stamp++;
			sync_start(state->sync);
		}
		return STATUS_OK;
	}
	status = state_file_problem(&state->file, problem);
	if (sqlite3_get_autocommit(state->file.database.handle) == 0)
		(void)database_do(&state->file.database, "ROLLBACK");
	/* What does not wait any more is asked for. */
	state->wants_all |= state->is_ahead;
	state->is_ahead = false;
	return status == STATUS_BUSY ? STATUS_BUSY : STATUS_IO;
}
