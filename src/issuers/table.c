/* SPDX-License-Identifier: MIT */
#include "issuers/issuer.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "row.h"

/* A table while it is being read. */
struct table {
	struct issuer_set *set;
	bool has_end;
	bool has_staging;
	struct problem *problem;
};

static enum status
header_text(struct table *table, const char *value, char **member)
{
	if (*member != NULL)
		return issuer_blame(table->problem, value,
		    "is the second one of this key; leave one of them");
	*member = mem_string(value);
	return STATUS_OK;
}

static enum status
header_provider(struct table *table, const char *value)
{
	return header_text(table, value, &table->set->provider);
}

static enum status
header_source(struct table *table, const char *value)
{
	return header_text(table, value, &table->set->source);
}

static enum status
header_date(struct table *table, const char *value)
{
	char *text = mem_format("%sT00:00:00Z", value);
	enum status status;
	int64_t date = 0;

	status = issuer_time_read(text, &date);
	free(text);
	if (status != STATUS_OK || date <= 0)
		return issuer_blame(
		    table->problem, value, "is not a date such as 2026-11-23");
	if (table->set->date != 0)
		return issuer_blame(table->problem, value,
		    "is the second date; leave one of them");
	table->set->date = date;
	return STATUS_OK;
}

static enum status
header_server(struct table *table, const char *value)
{
	return issuer_server_read(table->set, value, table->problem);
}

static enum status
header_staging(struct table *table, const char *value)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return issuer_blame(
		    table->problem, value, "is neither 'yes' nor 'no'");
	if (table->has_staging)
		return issuer_blame(table->problem, value,
		    "is the second one of this key; leave one of them");
	table->has_staging = true;
	table->set->is_staging = yes;
	return STATUS_OK;
}

static const struct {
	const char *key;
	enum status (*read)(struct table *table, const char *value);
} headers[] = {
	{ "provider", header_provider },
	{ "source", header_source },
	{ "date", header_date },
	{ "server", header_server },
	{ "staging", header_staging },
};

/* Read "key: value", which is cut up. */
static enum status
header_read(struct table *table, char *line)
{
	char *value = strstr(line, ": ");

	if (value == NULL)
		return issuer_blame(table->problem, line,
		    "is neither 'key: value' nor a row of fields with a tab "
		    "between them");
	*value = '\0';
	value += 2;
	value += strspn(value, " ");
	if (*value == '\0')
		return issuer_blame(table->problem, line, "has no value");
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (strcmp(headers[i].key, line) == 0)
			return headers[i].read(table, value);
	}
	return issuer_blame(table->problem, line,
	    "is not a key; known are provider, source, date, server and "
	    "staging");
}

/* Check that a line without its end is text. */
static enum status
line_check(const char *line, size_t len, struct problem *problem)
{
	const uint8_t *octets = (const uint8_t *)line;
	uint32_t character;
	size_t size;

	for (size_t i = 0; i < len; i += size) {
		size = utf8_decode(octets + i, len - i, &character);
		if (size == 0) {
			problem_set(
			    problem, "not UTF-8; save the file as UTF-8");
			return STATUS_MALFORMED;
		}
		if (character != '\t' && utf8_is_control(character)) {
			problem_set(problem,
			    "a control character (0x%02x); remove it",
			    (unsigned)character);
			return STATUS_MALFORMED;
		}
	}
	return STATUS_OK;
}

/* Read one line, which has a NUL instead of its end. */
static enum status
line_read(struct table *table, char *line, size_t len)
{
	enum status status;

	if (len > 0 && line[len - 1] == '\r')
		line[--len] = '\0';
	status = line_check(line, len, table->problem);
	if (status != STATUS_OK || len == 0 || line[0] == '#')
		return status;
	if (table->has_end) {
		problem_set(table->problem, "something behind the line 'end'");
		return STATUS_MALFORMED;
	}
	if (strcmp(line, "end") == 0) {
		table->has_end = true;
		return STATUS_OK;
	}
	return strchr(line, '\t') != NULL
		   ? issuer_row_read(table->set, line, table->problem)
		   : header_read(table, line);
}

/* What can only be said when all is read. */
static enum status
table_check(const struct table *table)
{
	const struct issuer_set *set = table->set;
	const char *complaint = NULL;

	if (!table->has_end)
		complaint = "the file is cut short: its last line must be "
			    "'end'";
	else if (set->provider == NULL)
		complaint = "the line 'provider: NAME' is missing";
	else if (set->date == 0)
		complaint = "the line 'date: YYYY-MM-DD' is missing";
	else if (set->count == 0)
		complaint = "no CA; write one row for each";
	if (complaint == NULL)
		return STATUS_OK;
	problem_set(table->problem, "%s", complaint);
	return STATUS_MALFORMED;
}

/* Read a copy of the text; *line counts. */
static enum status
table_read(struct table *table, char *text, size_t len, size_t *line)
{
	char *end = text + len;
	enum status status;
	char *eol;

	do {
		eol = memchr(text, '\n', (size_t)(end - text));
		if (eol == NULL)
			eol = end;
		*eol = '\0';
		status = line_read(table, text, (size_t)(eol - text));
		if (status != STATUS_OK)
			return status;
		text = eol + 1;
		++*line;
	} while (text < end);
	--*line;
	return table_check(table);
}

enum status
issuer_set_parse(const char *name, const char *file, const char *text,
    size_t len, struct issuer_set **ret_set, struct problem *problem)
{
	struct table table = { .problem = problem };
	enum status status;
	size_t line = 1;
	char *copy;

	if (len > LIMIT_ISSUER_FILE) {
		problem_set(problem, "%s: larger than %d octets", file,
		    LIMIT_ISSUER_FILE);
		return STATUS_LIMIT;
	}
	table.set = issuer_set_new(name, file);
	copy = mem_copy(text, len);
	status = table_read(&table, copy, len, &line);
	free(copy);
	if (status != STATUS_OK) {
		problem_prefix(problem, "%s:%zu", file, line);
		issuer_set_unref(table.set);
		return status;
	}
	*ret_set = table.set;
	return STATUS_OK;
}
