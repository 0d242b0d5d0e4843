/* SPDX-License-Identifier: MIT */
#include "sync.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "schema.h"
#include "state/database.h"

enum { PATIENCE = 10 * 1000 /* milliseconds; nobody waits for us */ };

struct sync {
	char *path;
	struct database database; /* the thread's */
	pthread_t thread;
	bool is_checked;
	bool is_started;
	pthread_mutex_t mutex; /* of everything below */
	pthread_cond_t wake;
	bool is_wanted;
	bool is_ending;
	bool has_problem;
	bool is_damaged;
	struct problem problem;
};

/* CA certificates that nobody refers to any more. */
#define CA_UNUSED                                                              \
	" FROM ca WHERE id NOT IN (SELECT id.value FROM lineage,"              \
	" json_each(list) generation, json_each(generation.value, '$.ca') id)"

/*
 * SQLite writes the -wal from its beginning once all of it is in the database,
 * and the first commit that does so waits for the disk, by no setting not: that
 * is this one, and none of the loop's.
 */
/* clang-format off */
#define TURN                                                                   \
	"BEGIN IMMEDIATE;"                                                     \
	SCHEMA_FORGET("owner")                                                 \
	SCHEMA_FORGET("lineage")                                               \
	SCHEMA_FORGET("alarm")                                                 \
	"UPDATE meta SET value = value + 1 WHERE name = 'turns';"              \
	"COMMIT"
/* clang-format on */

/* Look at the whole file before anything of it is written on. */
static enum status
check(struct sync *sync, struct problem *problem)
{
	struct database *database = &sync->database;
	sqlite3_stmt *row = database_statement(
	    database, "PRAGMA quick_check(1)");
	enum status status = STATUS_OK;

	/* Not to be able to look is not to find something. */
	if (row == NULL || sqlite3_step(row) != SQLITE_ROW)
		status = database_problem(database, sync->path, problem);
	else if (database_value(row, 0).len != strlen("ok")) {
		problem_set(problem, "%s: damaged", sync->path);
		status = STATUS_MALFORMED;
	}
	(void)sqlite3_reset(row);
	if (status != STATUS_OK)
		return status;
	sync->is_checked = true;
	if (database_number(database, "SELECT 1" CA_UNUSED) == 1)
		(void)database_do(database, "DELETE" CA_UNUSED);
	return STATUS_OK;
}

static enum status
job_do(struct sync *sync, struct problem *problem)
{
	struct database *database = &sync->database;
	enum status status = sync->is_checked ? STATUS_OK
					      : check(sync, problem);

	if (status != STATUS_OK)
		return status;
	if (sqlite3_wal_checkpoint_v2(database->handle, "main",
		SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) != SQLITE_OK ||
	    database_do(database, TURN) != SQLITE_OK) {
		status = database_problem(database, sync->path, problem);
		if (sqlite3_get_autocommit(database->handle) == 0)
			(void)database_do(database, "ROLLBACK");
	}
	/* Who writes now will come back to us. */
	return status == STATUS_BUSY ? STATUS_OK : status;
}

static void *
thread_main(void *arg)
{
	struct sync *sync = arg;

	(void)pthread_mutex_lock(&sync->mutex);
	while (sync->is_wanted || !sync->is_ending) {
		struct problem problem = { "" };
		enum status status;

		if (!sync->is_wanted) {
			(void)pthread_cond_wait(&sync->wake, &sync->mutex);
			continue;
		}
		sync->is_wanted = false;
		(void)pthread_mutex_unlock(&sync->mutex);
		status = job_do(sync, &problem);
		database_rest(&sync->database);
		(void)pthread_mutex_lock(&sync->mutex);
		if (status != STATUS_OK) {
			sync->has_problem = true;
			sync->problem = problem;
			sync->is_damaged |= status == STATUS_MALFORMED;
		}
	}
	(void)pthread_mutex_unlock(&sync->mutex);
	return NULL;
}

enum status
sync_new(const char *path, struct sync **ret_sync, struct problem *problem)
{
	struct sync *sync = mem_new(sizeof(*sync));
	int failed = pthread_mutex_init(&sync->mutex, NULL) |
		     pthread_cond_init(&sync->wake, NULL);
	enum status status;

	assert(failed == 0);
	sync->path = mem_string(path);
	if (database_open(&sync->database, path, SQLITE_OPEN_READWRITE, NULL) ==
		SQLITE_OK &&
	    sqlite3_busy_timeout(sync->database.handle, PATIENCE) ==
		SQLITE_OK &&
	    database_do(&sync->database,
		"PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=0") ==
		SQLITE_OK) {
		*ret_sync = sync;
		return STATUS_OK;
	}
	status = database_problem(&sync->database, path, problem);
	sync_free(sync);
	return status;
}

void
sync_start(struct sync *sync)
{
	sigset_t all;
	sigset_t before;

	(void)pthread_mutex_lock(&sync->mutex);
	sync->is_wanted = true;
	(void)pthread_cond_signal(&sync->wake);
	(void)pthread_mutex_unlock(&sync->mutex);
	if (sync->is_started)
		return;
	/* Signals are for the other threads. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	sync->is_started = pthread_create(
			       &sync->thread, NULL, thread_main, sync) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool
sync_take_problem(struct sync *sync, bool *ret_damaged, struct problem *problem)
{
	bool has_problem;

	(void)pthread_mutex_lock(&sync->mutex);
	has_problem = sync->has_problem;
	if (has_problem)
		problem_set(problem, "%s", sync->problem.text);
	*ret_damaged = sync->is_damaged;
	sync->has_problem = false;
	(void)pthread_mutex_unlock(&sync->mutex);
	return has_problem;
}

void
sync_free(struct sync *sync)
{
	if (sync == NULL)
		return;
	(void)pthread_mutex_lock(&sync->mutex);
	sync->is_ending = true;
	(void)pthread_cond_signal(&sync->wake);
	(void)pthread_mutex_unlock(&sync->mutex);
	if (sync->is_started)
		(void)pthread_join(sync->thread, NULL);
	database_close(&sync->database);
	(void)pthread_cond_destroy(&sync->wake);
	(void)pthread_mutex_destroy(&sync->mutex);
	free(sync->path);
	free(sync);
}
