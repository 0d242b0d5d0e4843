/* SPDX-License-Identifier: MIT */
#include "import.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/wire.h"
#include "row.h"

enum { JOURNAL_VERSION = 1, KEYS_VERSION = 2 };

/* ---- the journal ---- */

static struct value
text_of(const json_t *object, const char *name)
{
	return value_text(wire_octets(json_object_get(object, name)));
}

static struct value
number_of(const json_t *object, const char *name)
{
	return value_number(json_integer_value(json_object_get(object, name)));
}

/* Digests of 0, as a version without them leaves it, for what is none. */
static struct value
digest_of(const json_t *object, const char *name, uint8_t *digest, size_t len)
{
	memset(digest, 0, len);
	(void)wire_read_hex(json_object_get(object, name), digest, len);
	return value_octets(digest, len);
}

/* Make the row of a line, which must outlive it; false if it has none. */
static bool
line_read(json_t *line, struct row *row, uint8_t *digest)
{
	const json_t *key = json_object_get(line, "lineage");
	const json_t *list = json_object_get(line, "list");
	char *text = json_dumps(list != NULL ? list : line, JSON_COMPACT);
	struct value json = value_text(list != NULL ? text : NULL);
	struct fingerprint print = { 0 };

	(void)wire_read_print(json_object_get(line, "print"), &print);
	*row = (struct row){ ROW_LINEAGE,
		{ value_text(wire_octets(json_array_get(key, 0))),
		    value_text(wire_octets(json_array_get(key, 1))),
		    text_of(line, "file"), value_number((int64_t)print.device),
		    value_number((int64_t)print.inode),
		    value_number(print.size), value_number(print.modified),
		    value_number(print.changed), text_of(line, "remark"),
		    number_of(line, "deleted"),
		    digest_of(line, "deployed", digest, 32), json },
		NULL };
	if (json_object_get(line, "zone") != NULL)
		*row = (struct row){ ROW_ZONE,
			{ text_of(line, "zone"), number_of(line, "id"),
			    number_of(line, "serial"),
			    number_of(line, "notified"),
			    digest_of(line, "content", digest, STATE_DIGEST) },
			NULL };
	else if (json_object_get(line, "owner") != NULL)
		*row = (struct row){ ROW_OWNER,
			{ text_of(line, "owner"), number_of(line, "ttl"),
			    json },
			NULL };
	else if (json_is_string(json_object_get(line, "ca")))
		*row = (struct row){ ROW_CA,
			{ text_of(line, "ca"), value_text(text) }, NULL };
	row->owned = text;
	return row->values[0].data != NULL && row->values[1].type != VALUE_NONE;
}

static enum status
journal_import(char *text, struct database *made, struct problem *problem)
{
	for (char *next = text, *at; (at = strsep(&next, "\n")) != NULL;) {
		json_t *line = json_loads(at, JSON_REJECT_DUPLICATES, NULL);
		uint8_t digest[32];
		struct row row = { .owned = NULL };
		int code = SQLITE_OK;

		if (json_integer_value(json_object_get(line, "version")) >
		    JOURNAL_VERSION) {
			json_decref(line);
			problem_set(problem,
			    "was written by a later version of pdns-tlsa");
			return STATUS_REFUSED;
		}
		if (line != NULL && line_read(line, &row, digest))
			code = row_write(&row, made);
		row_fini(&row);
		json_decref(line);
		if (code != SQLITE_OK)
			return database_problem(made,
			    sqlite3_db_filename(made->handle, "main"), problem);
	}
	return STATUS_OK;
}

/* ---- the keys ---- */

/* It is plain JSON, which SQLite can take apart. */
static const char *const keys_import[] = {
	"INSERT INTO key_zone SELECT key, value"
	" FROM json_each(?1, '$.zones')",
	"INSERT INTO tsig SELECT json_extract(value, '$.name'),"
	" json_extract(value, '$.algorithm'), json_extract(value, '$.secret')"
	" FROM json_each(?1, '$.tsig')",
};

static enum status
keyring_import(char *text, struct database *made, struct problem *problem)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	json_int_t version = json_integer_value(
	    json_object_get(json, "version"));
	struct value value = value_text(text);
	int code = SQLITE_OK;

	json_decref(json);
	if (version > KEYS_VERSION) {
		problem_set(
		    problem, "was written by a later version of pdns-tlsa");
		return STATUS_REFUSED;
	}
	if (version < 1) {
		problem_set(problem, "has no version and zones");
		return STATUS_MALFORMED;
	}
	for (size_t i = 0; code == SQLITE_OK && i < 2; i++)
		code = database_run(made, keys_import[i], &value, 1);
	if (code == SQLITE_OK)
		code = database_do(made,
		    "UPDATE meta SET value = (SELECT count FROM key_rows)"
		    " WHERE name = 'key_rows'");
	return code == SQLITE_OK
		   ? STATUS_OK
		   : database_problem(made,
			 sqlite3_db_filename(made->handle, "main"), problem);
}

/* ---- both ---- */

static const struct {
	const char *name;
	enum status (*import)(
	    char *text, struct database *made, struct problem *problem);
} files[] = {
	{ "state.jsonl", journal_import },
	{ "dnssec.json", keyring_import },
};

/* The whole file, or NULL with errno; free() it. */
static char *
text_read(const char *path)
{
	FILE *stream = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (stream == NULL)
		return NULL;
	errno = 0;
	/* Up to a NUL, which neither has: all of it. */
	if (getdelim(&text, &room, '\0', stream) < 0 && errno == 0) {
		free(text);
		text = mem_string("");
	}
	(void)fclose(stream);
	return text;
}

enum status
import_all(
    const char *directory, struct database *made, struct problem *problem)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < 2; i++) {
		char *path = mem_format("%s/%s", directory, files[i].name);
		char *text = text_read(path);

		if (text == NULL && errno != ENOENT)
			status = problem_errno(problem, path);
		if (text != NULL) {
			size_t len = strlen(text);

			status = files[i].import(text, made, problem);
			if (status != STATUS_OK)
				problem_prefix(problem, "%s", path);
			explicit_bzero(text, len);
		}
		free(text);
		free(path);
	}
	return status;
}

void
import_done(const char *directory)
{
	for (size_t i = 0; i < 2; i++) {
		char *path = mem_format("%s/%s", directory, files[i].name);
		char *old = mem_format("%s.old", path);

		(void)rename(path, old);
		free(old);
		free(path);
	}
}
