/* SPDX-License-Identifier: MIT */
#include "plain.h"

#include <string.h>

/* Digits that cannot overflow. */
enum { DIGITS_MAX = 15 };

struct reader {
	char *at; /* the line ends with a NUL, which stops everything */
};

static void
skip_space(struct reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\t')
		reader->at++;
}

/* Pass over the character `c` and the space around it. */
static bool
read_char(struct reader *reader, char c)
{
	skip_space(reader);
	if (*reader->at != c)
		return false;
	reader->at++;
	skip_space(reader);
	return true;
}

/* Read a string of printable ASCII without escapes; ends it with a NUL. */
static bool
read_string(struct reader *reader, const char **ret_text)
{
	char *start = reader->at + 1;
	char *c = start;

	if (*reader->at != '"')
		return false;
	while (*c >= ' ' && *c < 0x7f && *c != '"' && *c != '\\')
		c++;
	if (*c != '"')
		return false;
	*c = '\0';
	reader->at = c + 1;
	*ret_text = start;
	return true;
}

static bool
read_number(struct reader *reader, int64_t *ret_number)
{
	bool negative = *reader->at == '-';
	const char *start = reader->at + negative;
	const char *c = start;
	int64_t number = 0;

	while (*c >= '0' && *c <= '9' && c - start < DIGITS_MAX)
		number = 10 * number + (*c++ - '0');
	/* A leading zero or a fraction is for jansson to judge. */
	if (c == start || (*start == '0' && c - start > 1) ||
	    strchr(" \t,}", *c) == NULL || *c == '\0')
		return false;
	reader->at += c - reader->at;
	*ret_number = negative ? -number : number;
	return true;
}

static bool
read_word(struct reader *reader, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

static bool
read_value(struct reader *reader, struct plain_field *field)
{
	if (*reader->at == '"')
		return read_string(reader, &field->text);
	field->is_number = read_number(reader, &field->number);
	return field->is_number || read_word(reader, "true") ||
	       read_word(reader, "false");
}

const struct plain_field *
plain_find(const struct plain *plain, const char *name)
{
	for (size_t i = 0; i < plain->field_count; i++)
		if (plain->fields[i].name[0] == name[0] &&
		    strcmp(plain->fields[i].name, name) == 0)
			return &plain->fields[i];
	return NULL;
}

static bool
read_parameters(struct reader *reader, struct plain *plain)
{
	if (!read_char(reader, '{'))
		return false;
	if (read_char(reader, '}'))
		return true;
	do {
		struct plain_field field = { 0 };

		/* The same name twice is an error: let jansson say so. */
		if (plain->field_count == PLAIN_FIELDS ||
		    !read_string(reader, &field.name) ||
		    plain_find(plain, field.name) != NULL ||
		    !read_char(reader, ':') || !read_value(reader, &field))
			return false;
		plain->fields[plain->field_count++] = field;
	} while (read_char(reader, ','));
	return read_char(reader, '}');
}

bool
plain_read(const char *line, size_t len, struct plain *plain)
{
	struct reader reader;
	bool has_parameters = false;

	plain->method = NULL;
	plain->field_count = 0;
	if (len > PLAIN_MAX)
		return false;
	memcpy(plain->line, line, len);
	plain->line[len] = '\0';
	reader = (struct reader){ plain->line };
	if (!read_char(&reader, '{'))
		return false;
	do {
		const char *name;

		if (!read_string(&reader, &name) || !read_char(&reader, ':'))
			return false;
		if (strcmp(name, "method") == 0 && plain->method == NULL) {
			if (!read_string(&reader, &plain->method))
				return false;
		} else if (strcmp(name, "parameters") == 0 && !has_parameters) {
			has_parameters = true;
			if (!read_parameters(&reader, plain))
				return false;
		} else {
			return false;
		}
	} while (read_char(&reader, ','));
	return read_char(&reader, '}') && plain->method != NULL &&
	       reader.at == plain->line + len;
}
