/* SPDX-License-Identifier: MIT */
#include "keyring/file.h"

#include <stdlib.h>
#include <string.h>

static const char stamp_there[] = "SELECT value FROM meta WHERE name = 'keys'";

/* Set where a damaged file had more keys than could be read (state/schema.h).
 */
static const char lost_there[] =
    "SELECT value FROM meta WHERE name = 'keys_lost'";

static const char zones[] = "SELECT name, content FROM key_zone";
static const char tsigs[] = "SELECT name, algorithm, secret FROM tsig";

enum { PATIENCE = 1000 /* milliseconds */ };

/* ---- reading ---- */

static bool
zone_read(struct keyring *keyring, const char *const texts[3])
{
	return keyring_parse(keyring, texts[0], texts[1]);
}

static bool
tsig_read(struct keyring *keyring, const char *const texts[3])
{
	struct dname name;

	return dname_parse(texts[0], strlen(texts[0]), &name) == STATUS_OK &&
	       keyring_tsig(keyring, &name) == NULL &&
	       keyring_set_tsig(keyring, &name, texts[1], texts[2]);
}

static enum status
table_read(struct state_file *file, const char *sql, struct keyring *keyring,
    bool (*read)(struct keyring *keyring, const char *const texts[3]),
    struct problem *problem)
{
	sqlite3_stmt *row = database_statement(&file->database, sql);
	bool is_good = true;

	while (is_good && row != NULL && sqlite3_step(row) == SQLITE_ROW) {
		const char *texts[3];

		for (int i = 0; i < 3; i++) {
			texts[i] = (const char *)sqlite3_column_text(row, i);
			if (texts[i] == NULL)
				texts[i] = "";
		}
		is_good = read(keyring, texts);
		if (!is_good)
			problem_set(problem,
			    "%s: '%.200s': keys or metadata that are none, or "
			    "more than there may be",
			    file->path, texts[0]);
	}
	if (row == NULL || sqlite3_reset(row) != SQLITE_OK)
		return state_file_problem(file, problem);
	return is_good ? STATUS_OK : STATUS_MALFORMED;
}

/*
 * New keys would be made for zones without any, and what the parents have of
 * the old ones made wrong by that: nobody but the administrator may say so.
 */
static enum status
lost_tell(const struct state_file *file, struct problem *problem)
{
	problem_set(problem,
	    "%s: keys were lost when it was damaged; put a copy of it back, or "
	    "have new ones made (sqlite3 '%s' \"UPDATE meta SET value = 0 "
	    "WHERE name = 'keys_lost'\", and restart), whose DS the parent "
	    "zones need",
	    file->path, file->path);
	return STATUS_MALFORMED;
}

static enum status
all_read(struct state_file *file, struct keyring *ret_keyring,
    int64_t *ret_stamp, struct problem *problem)
{
	struct keyring keyring;
	enum status status = STATUS_OK;

	int64_t stamp = database_number(&file->database, stamp_there);

	if (stamp < 0)
		return state_file_problem(file, problem);
	if (database_number(&file->database, lost_there) != 0)
		return lost_tell(file, problem);
	keyring_init(&keyring);
	status = table_read(file, zones, &keyring, zone_read, problem);
	if (status == STATUS_OK)
		status = table_read(file, tsigs, &keyring, tsig_read, problem);
	if (status == STATUS_OK) {
		*ret_keyring = keyring;
		*ret_stamp = stamp;
	} else {
		keyring_fini(&keyring);
	}
	return status;
}

/* ---- writing ---- */

static bool
zone_write(const struct trie_entry *entry, void *database)
{
	const struct keyring_zone *zone = entry->value;
	char *text = keyring_format(zone);
	const struct value values[] = { value_text(zone->name),
		value_text(text) };
	int code = database_run(
	    database, "INSERT INTO key_zone VALUES(?1, ?2)", values, 2);

	explicit_bzero(text, strlen(text));
	free(text);
	return code == SQLITE_OK;
}

static bool
tsig_write(const struct trie_entry *entry, void *database)
{
	const struct keyring_tsig *tsig = entry->value;
	const struct value values[] = { value_text(tsig->name),
		value_text(tsig->algorithm), value_text(tsig->secret) };

	return database_run(database, "INSERT INTO tsig VALUES(?1, ?2, ?3)",
		   values, 3) == SQLITE_OK;
}

enum status
keyring_file_commit(struct keyring_file *file, const struct keyring *keyring,
    struct problem *problem)
{
	struct database *database = &file->file.database;
	enum status status;

	if (database_do(database,
		"DELETE FROM key_zone; DELETE FROM tsig;"
		"UPDATE meta SET value = value + 1 WHERE name = 'keys';"
		"UPDATE meta SET value = 0 WHERE name = 'keys_lost'") ==
		SQLITE_OK &&
	    trie_walk(&keyring->zones, "", 0, zone_write, database) &&
	    trie_walk(&keyring->tsigs, "", 0, tsig_write, database) &&
	    database_do(database,
		"UPDATE meta SET value = (SELECT count FROM key_rows)"
		" WHERE name = 'key_rows'") == SQLITE_OK &&
	    database_do(database, "COMMIT") == SQLITE_OK) {
		file->stamp = database_number(database, stamp_there);
		file->is_lost = false;
		return STATUS_OK;
	}
	status = state_file_problem(&file->file, problem);
	keyring_file_cancel(file);
	return status;
}

/* ---- the file ---- */

/* Commits here wait for others, and the disk; what is deleted is overwritten.
 */
static enum status
settle(struct keyring_file *file, struct problem *problem)
{
	struct database *database = &file->file.database;

	(void)sqlite3_busy_timeout(database->handle, PATIENCE);
	return database_do(database, "PRAGMA synchronous=FULL;"
				     "PRAGMA secure_delete=ON") == SQLITE_OK
		   ? STATUS_OK
		   : state_file_problem(&file->file, problem);
}

enum status
keyring_file_open(
    const char *path, struct keyring_file *ret_file, struct problem *problem)
{
	struct keyring_file file = { .is_open = true };
	enum status status = state_file_open(
	    path, true, &file.file, &file.warning, problem);

	if (status != STATUS_OK)
		return status;
	status = settle(&file, problem);
	if (status == STATUS_OK)
		*ret_file = file;
	else
		keyring_file_close(&file);
	return status;
}

void
keyring_file_close(struct keyring_file *file)
{
	if (file->is_open)
		state_file_close(&file->file);
	free(file->warning);
	*file = (struct keyring_file){ .is_open = false };
}

enum status
keyring_file_look(
    const char *path, struct keyring *ret_keyring, struct problem *problem)
{
	struct state_file file;
	int64_t stamp;
	enum status status = state_file_look(path, &file, problem);

	if (status == STATUS_ABSENT) {
		keyring_init(ret_keyring);
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		return status;
	status = all_read(&file, ret_keyring, &stamp, problem);
	state_file_close(&file);
	return status;
}

bool
keyring_file_is_changed(struct keyring_file *file)
{
	return file->is_lost || state_file_is_replaced(&file->file) ||
	       database_number(&file->file.database, stamp_there) !=
		   file->stamp;
}

static enum status
rows_read(
    struct keyring_file *file, struct keyring *keyring, struct problem *problem)
{
	struct keyring found = { .tsigs = { .count = 0 } };
	enum status status = all_read(
	    &file->file, &found, &file->stamp, problem);

	if (status == STATUS_OK) {
		keyring_fini(keyring);
		*keyring = found;
	} else {
		/* Nothing is begun before it was read. */
		file->stamp = -1;
	}
	return status;
}

/* Go over to the file that is there now; what memory has goes into it. */
static enum status
follow(struct keyring_file *file, const struct keyring *keyring,
    struct problem *problem)
{
	char *warning = NULL;
	enum status status = state_file_renew(
	    &file->file, false, &warning, problem);

	if (warning != NULL) {
		free(file->warning);
		file->warning = warning;
	}
	file->is_lost = file->is_lost ||
			keyring->zones.count + keyring->tsigs.count > 0;
	return status == STATUS_OK ? settle(file, problem) : status;
}

enum status
keyring_file_read(
    struct keyring_file *file, struct keyring *keyring, struct problem *problem)
{
	enum status status = STATUS_OK;

	if (state_file_is_replaced(&file->file))
		status = follow(file, keyring, problem);
	if (status == STATUS_OK && file->is_lost) {
		if (database_do(&file->file.database, "BEGIN IMMEDIATE") !=
		    SQLITE_OK)
			return state_file_problem(&file->file, problem);
		return keyring_file_commit(file, keyring, problem);
	}
	return status == STATUS_OK ? rows_read(file, keyring, problem) : status;
}

void
keyring_file_cancel(struct keyring_file *file)
{
	if (sqlite3_get_autocommit(file->file.database.handle) == 0)
		(void)database_do(&file->file.database, "ROLLBACK");
}

enum status
keyring_file_begin(
    struct keyring_file *file, struct keyring *keyring, struct problem *problem)
{
	enum status status = STATUS_OK;

	if (keyring_file_is_changed(file))
		status = keyring_file_read(file, keyring, problem);
	if (status != STATUS_OK)
		return status;
	if (database_do(&file->file.database, "BEGIN IMMEDIATE") != SQLITE_OK)
		return state_file_problem(&file->file, problem);
	/* What is begun now stays with the file that it was begun in. */
	if (database_number(&file->file.database, stamp_there) != file->stamp)
		status = rows_read(file, keyring, problem);
	if (status != STATUS_OK)
		keyring_file_cancel(file);
	return status;
}
