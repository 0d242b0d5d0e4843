/* SPDX-License-Identifier: MIT */
#ifndef STATE_DATABASE_H
#define STATE_DATABASE_H

/*
 * A connection to an SQLite database: statements that are prepared once, the
 * values that go into them, and what failures mean.
 * Threads: one at a time for each connection; no process may use one that
 * began before it was forked.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { DATABASE_STATEMENTS = 32 };

struct database {
	sqlite3 *handle; /* NULL: closed */
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} kept[DATABASE_STATEMENTS];
};

/* One value; what it points to is borrowed. */
struct value {
	enum { VALUE_NONE, VALUE_NUMBER, VALUE_TEXT, VALUE_OCTETS } type;
	int64_t number;
	const void *data;
	size_t len;
};

static inline struct value
value_number(int64_t number)
{
	return (struct value){ .type = VALUE_NUMBER, .number = number };
}

/* Any octets but NUL; NULL is none. */
struct value value_text(const char *text);

static inline struct value
value_octets(const void *data, size_t len)
{
	/* An empty BLOB comes back as NULL. */
	return (
	    struct value){ len > 0 ? VALUE_OCTETS : VALUE_NONE, 0, data, len };
}

/*
 * Open the file at `path`, which is made only if SQLITE_OPEN_CREATE is in
 * `flags`.  `vfs` may be NULL.  Returns an SQLite code; in any case end it with
 * database_close().
 */
int database_open(
    struct database *database, const char *path, int flags, const char *vfs);

/* Legal also for one that is zeroed or closed. */
void database_close(struct database *database);

/*
 * Return the statement, ready to be bound, or NULL; it stays the connection's:
 * sqlite3_reset() it after use.  `sql` must live as long as the connection.
 */
sqlite3_stmt *database_statement(struct database *database, const char *sql);

/*
 * Run it with these values for ?1, ?2, ...  Returns an SQLite code: SQLITE_OK,
 * or SQLITE_ROW if it finds something.
 */
int database_run(struct database *database, const char *sql,
    const struct value *values, size_t count);

/* Run statements one after the other. */
int database_do(struct database *database, const char *sql);

/* Return the first value of the first row; -1 if there is none. */
int64_t database_number(struct database *database, const char *sql);

/* Return what is in a column, borrowed until the next step. */
struct value database_value(sqlite3_stmt *row, int column);

/*
 * Keep no page of what was read and written: a whole look at a record, or a
 * first one at ten thousand lineages, fills a cache of 2 MB, and what follows
 * needs a dozen pages of it.
 */
void database_rest(struct database *database);

/*
 * Say in `problem` what the code of the connection's last call means for the
 * file at `path`.  Returns STATUS_BUSY; STATUS_MALFORMED if it is damaged, or
 * no database; or STATUS_IO.
 */
enum status database_problem(
    const struct database *database, const char *path, struct problem *problem);

#endif
