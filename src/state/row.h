/* SPDX-License-Identifier: MIT */
#ifndef STATE_ROW_H
#define STATE_ROW_H

/*
 * Things as rows of tables, and back.  Threads: one at a time.
 */

#include <stdbool.h>

#include "sets/trie.h"
#include "state/database.h"
#include "state/thing.h"

enum { ROW_VALUES = 12, ROW_SUM = 16 };

enum row_table {
	ROW_ZONE,
	ROW_OWNER,
	ROW_CA,
	ROW_LINEAGE,
	ROW_ALARM,
	ROW_TABLES
};

struct row {
	enum row_table table;
	struct value values[ROW_VALUES];
	void *owned; /* memory of some of them */
};

/* What the row of a CA certificate goes by. */
struct ca_key {
	struct cert *cert; /* one reference, or another one might lie there */
	char *text;
};

/*
 * What `row` points to is the thing's own, but for `owned`: row_fini().
 * `keys`: a struct ca_key for each CA certificate of the lineage (ca_keys.h).
 */
void row_of_zone(const struct state_zone *zone, struct row *ret);
void row_of_owner(const struct state_owner *owner, struct row *ret);
void row_of_lineage(const struct state_lineage *lineage,
    const struct trie *keys, struct row *ret);
void row_of_alarm(const struct state_alarm *alarm, struct row *ret);
void row_of_ca(const struct cert *cert, struct row *ret);
void row_fini(struct row *row);

/* Return a copy that points to nothing else; row_free() it. */
struct row *row_copy(const struct row *row);
void row_free(void *row);

/* Return its octets: how much memory it takes. */
size_t row_size(const struct row *row);

/* Return true if the thing is gone. */
bool row_is_gone(const struct row *row);

/* Append what tells the thing from all others. */
void row_key(const struct row *row, struct buf *key);

/* Write it, unless it is on record just so.  Returns an SQLite code. */
int row_write(const struct row *row, struct database *database);

/*
 * Call `visit` with each row of `table` that a commit after `stamp` (-1: all)
 * wrote, and whether it is what its sum says.  Returns an SQLite code.
 */
int row_walk(struct database *database, enum row_table table, int64_t stamp,
    void (*visit)(const struct row *row, bool is_whole, void *arg), void *arg);

/* Take it off the record.  Returns an SQLite code. */
int row_remove(const struct row *row, struct database *database);

#endif
