/* SPDX-License-Identifier: MIT */
#include "state/database.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "files/directory.h"

struct value
value_text(const char *text)
{
	return (struct value){ text != NULL ? VALUE_TEXT : VALUE_NONE, 0, text,
		text != NULL ? strlen(text) : 0 };
}

int
database_open(
    struct database *database, const char *path, int flags, const char *vfs)
{
	int persists = 1;
	int code;

	*database = (struct database){ 0 };
	code = sqlite3_open_v2(path, &database->handle,
	    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, vfs);
	/* Who answers may make no file but in the state directory. */
	if (code == SQLITE_OK)
		code = sqlite3_exec(database->handle,
		    "PRAGMA temp_store=MEMORY", NULL, NULL, NULL);
	/*
	 * Who closes last would remove the -wal by its name, and the name may
	 * be another file's by then.
	 */
	if (code == SQLITE_OK)
		(void)sqlite3_file_control(database->handle, "main",
		    SQLITE_FCNTL_PERSIST_WAL, &persists);
	return code;
}

void
database_close(struct database *database)
{
	for (size_t i = 0; i < DATABASE_STATEMENTS; i++)
		(void)sqlite3_finalize(database->kept[i].statement);
	(void)sqlite3_close(database->handle);
	*database = (struct database){ 0 };
}

sqlite3_stmt *
database_statement(struct database *database, const char *sql)
{
	size_t i = 0;

	while (database->kept[i].sql != NULL && database->kept[i].sql != sql) {
		i++;
		assert(i < DATABASE_STATEMENTS);
	}
	if (database->kept[i].statement == NULL &&
	    sqlite3_prepare_v3(database->handle, sql, -1,
		SQLITE_PREPARE_PERSISTENT, &database->kept[i].statement,
		NULL) == SQLITE_OK)
		database->kept[i].sql = sql;
	return database->kept[i].statement;
}

static void
value_bind(sqlite3_stmt *statement, int at, const struct value *value)
{
	if (value->type == VALUE_NUMBER)
		(void)sqlite3_bind_int64(statement, at, value->number);
	else if (value->type == VALUE_TEXT)
		(void)sqlite3_bind_text64(statement, at, value->data,
		    value->len, SQLITE_STATIC, SQLITE_UTF8);
	else if (value->type == VALUE_OCTETS)
		(void)sqlite3_bind_blob64(
		    statement, at, value->data, value->len, SQLITE_STATIC);
	else
		(void)sqlite3_bind_null(statement, at);
}

int
database_run(struct database *database, const char *sql,
    const struct value *values, size_t count)
{
	sqlite3_stmt *statement = database_statement(database, sql);

	if (statement == NULL)
		return sqlite3_errcode(database->handle);
	for (size_t i = 0; i < count; i++)
		value_bind(statement, (int)i + 1, &values[i]);
	if (sqlite3_step(statement) == SQLITE_ROW) {
		(void)sqlite3_reset(statement);
		return SQLITE_ROW;
	}
	return sqlite3_reset(statement);
}

int
database_do(struct database *database, const char *sql)
{
	return sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
}

int64_t
database_number(struct database *database, const char *sql)
{
	sqlite3_stmt *statement = database_statement(database, sql);
	int64_t number = -1;

	if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_reset(statement);
	return number;
}

struct value
database_value(sqlite3_stmt *row, int column)
{
	struct value value = { .type = VALUE_NONE };
	int type = sqlite3_column_type(row, column);

	if (type == SQLITE_NULL)
		return value;
	if (type == SQLITE_INTEGER)
		return value_number(sqlite3_column_int64(row, column));
	/* An empty BLOB is NULL here, and no text is without its NUL. */
	if (type == SQLITE_BLOB)
		return value_octets(sqlite3_column_blob(row, column),
		    (size_t)sqlite3_column_bytes(row, column));
	value.type = VALUE_TEXT;
	value.data = sqlite3_column_text(row, column);
	value.len = (size_t)sqlite3_column_bytes(row, column);
	return value;
}

void
database_rest(struct database *database)
{
	(void)sqlite3_db_release_memory(database->handle);
}

enum status
database_problem(
    const struct database *database, const char *path, struct problem *problem)
{
	int code = sqlite3_errcode(database->handle) & 0xff;
	int last = errno;
	int error = 0;

	if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN)
		error = sqlite3_system_errno(database->handle);
	/* A commit does not note it. */
	if (code == SQLITE_IOERR && error == 0)
		error = last;
	else if (code == SQLITE_FULL)
		error = ENOSPC;
	else if (code == SQLITE_READONLY)
		error = access(path, W_OK) != 0 ? errno : EACCES;
	if (error != 0)
		return directory_problem(path, error, problem);
	switch (code) {
	case SQLITE_BUSY:
		problem_set(problem,
		    "%s: held by another process; fuser(1) finds it", path);
		return STATUS_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		problem_set(problem, "%s: damaged (%s); put a copy of it back",
		    path, sqlite3_errmsg(database->handle));
		return STATUS_MALFORMED;
	default:
		problem_set(
		    problem, "%s: %s", path, sqlite3_errmsg(database->handle));
		return STATUS_IO;
	}
}
