/* SPDX-License-Identifier: MIT */
#include "save.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "row.h"

static const char *const tables[] = { "meta", "zone", "owner", "ca", "lineage",
	"alarm", "key_zone", "tsig" };

/* Copy rows from one end as far as they can be read; true: to the other. */
static bool
rows_save(struct database *old, struct database *made, const char *table,
    const char *order, int *ret_code)
{
	char *from = mem_format("SELECT * FROM %s ORDER BY 1 %s", table, order);
	struct buf into = { 0 };
	sqlite3_stmt *row = NULL;
	sqlite3_stmt *put = NULL;
	int code = sqlite3_prepare_v2(old->handle, from, -1, &row, NULL);
	int count = sqlite3_column_count(row);

	buf_add_format(&into, "REPLACE INTO %s VALUES(?", table);
	for (int i = 1; i < count; i++)
		buf_add_string(&into, ", ?");
	buf_add_string(&into, ")");
	if (code == SQLITE_OK)
		*ret_code = sqlite3_prepare_v2(
		    made->handle, buf_text(&into), -1, &put, NULL);
	while (*ret_code == SQLITE_OK && put != NULL &&
	       (code = sqlite3_step(row)) == SQLITE_ROW) {
		for (int i = 0; i < count; i++)
			(void)sqlite3_bind_value(
			    put, i + 1, sqlite3_column_value(row, i));
		(void)sqlite3_step(put);
		*ret_code = sqlite3_reset(put);
	}
	(void)sqlite3_finalize(row);
	(void)sqlite3_finalize(put);
	buf_fini(&into);
	free(from);
	return code == SQLITE_DONE;
}

static void
row_check(const struct row *row, bool is_whole, void *arg)
{
	if (!is_whole)
		(void)row_remove(row, arg);
}

/* Where the stamps go on: all is news. */
static const char stamp[] =
    "UPDATE meta SET value = 1 + max(value,"
    " (SELECT ifnull(max(stamp), 0) FROM zone),"
    " (SELECT ifnull(max(stamp), 0) FROM owner),"
    " (SELECT ifnull(max(stamp), 0) FROM lineage),"
    " (SELECT ifnull(max(stamp), 0) FROM alarm)) WHERE name = 'stamp'";

/* Unless it can be read how many there were, some are missing. */
static const char keys_begin[] =
    "UPDATE meta SET value = -1 WHERE name = 'key_rows'";
static const char keys_end[] =
    "UPDATE meta SET value = 1 WHERE name = 'keys_lost' AND"
    " (SELECT value FROM meta WHERE name = 'key_rows') IS NOT"
    " (SELECT count FROM key_rows)";

int
save_all(const char *path, struct database *made)
{
	struct database old;
	int code = database_do(made, keys_begin);

	(void)database_open(&old, path, SQLITE_OPEN_READWRITE, NULL);

	for (size_t i = 0;
	     code == SQLITE_OK && i < sizeof(tables) / sizeof(tables[0]); i++)
		if (!rows_save(&old, made, tables[i], "", &code))
			(void)rows_save(&old, made, tables[i], "DESC", &code);
	database_close(&old);
	for (enum row_table i = 0; code == SQLITE_OK && i < ROW_TABLES; i++)
		code = row_walk(made, i, -1, row_check, made);
	if (code == SQLITE_OK)
		code = database_do(made, keys_end);
	return code == SQLITE_OK ? database_do(made, stamp) : code;
}
