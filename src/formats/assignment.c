/* SPDX-License-Identifier: MIT */
#include "formats/assignment.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

/* A line under way; lines end with a NUL here. */
struct scanner {
	const char *at;
	struct buf name;
	struct buf value;
	bool is_unknown; /* a shell would make something else of it */
};

static bool
is_name(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (!first && c >= '0' && c <= '9');
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
blanks_skip(struct scanner *scanner)
{
	while (is_blank(*scanner->at))
		scanner->at++;
}

static void
octet_take(struct scanner *scanner)
{
	buf_add(&scanner->value, scanner->at++, 1);
}

/*
 * $NAME and ${NAME}; anything else with a dollar may have quotes of its own,
 * so that nobody but a shell knows where it ends.
 */
static bool
expansion_scan(struct scanner *scanner)
{
	bool braces = scanner->at[1] == '{';
	const char *end = scanner->at + 1 + braces;

	if (!is_name(*end, true))
		return false;
	while (is_name(*end, false))
		end++;
	if (braces && *end++ != '}')
		return false;
	scanner->at = end;
	scanner->is_unknown = true;
	return true;
}

/* A backslash and what is behind it, which is not the end of the line. */
static bool
escape_scan(struct scanner *scanner)
{
	scanner->is_unknown = true;
	if (scanner->at[1] == '\0')
		return false;
	scanner->at += 2;
	return true;
}

static bool
single_scan(struct scanner *scanner)
{
	const char *end = strchr(++scanner->at, '\'');

	if (end == NULL)
		return false;
	buf_add(&scanner->value, scanner->at, (size_t)(end - scanner->at));
	scanner->at = end + 1;
	return true;
}

static bool
double_scan(struct scanner *scanner)
{
	bool good = true;

	scanner->at++;
	while (good && *scanner->at != '"') {
		switch (*scanner->at) {
		case '\0':
		case '`':
			return false;
		case '$':
			good = expansion_scan(scanner);
			break;
		case '\\':
			good = escape_scan(scanner);
			break;
		default:
			octet_take(scanner);
		}
	}
	scanner->at += good;
	return good;
}

/* A word of a shell, as far as it is one. */
static bool
word_scan(struct scanner *scanner)
{
	bool good = true;

	/* Somebody's home directory. */
	scanner->is_unknown = *scanner->at == '~';
	while (good && *scanner->at != '\0' && !is_blank(*scanner->at)) {
		switch (*scanner->at) {
		case '\'':
			good = single_scan(scanner);
			break;
		case '"':
			good = double_scan(scanner);
			break;
		case '$':
			good = expansion_scan(scanner);
			break;
		case '\\':
			good = escape_scan(scanner);
			break;
		case '`':
		case ';':
		case '&':
		case '|':
		case '<':
		case '>':
		case '(':
		case ')':
			return false;
		default:
			octet_take(scanner);
		}
	}
	return good;
}

static void
export_skip(struct scanner *scanner)
{
	static const char word[] = "export";
	size_t len = sizeof(word) - 1;

	if (strncmp(scanner->at, word, len) != 0 || !is_blank(scanner->at[len]))
		return;
	scanner->at += len;
	blanks_skip(scanner);
}

/* Returns false unless the line is empty, a comment or an assignment. */
static bool
line_scan(struct scanner *scanner, assignment_take *take, void *arg)
{
	blanks_skip(scanner);
	if (*scanner->at == '\0' || *scanner->at == '#')
		return true;
	export_skip(scanner);
	buf_clear(&scanner->name);
	buf_clear(&scanner->value);
	while (is_name(*scanner->at, scanner->name.len == 0))
		buf_add(&scanner->name, scanner->at++, 1);
	if (scanner->name.len == 0 || *scanner->at++ != '=' ||
	    !word_scan(scanner))
		return false;
	blanks_skip(scanner);
	if (*scanner->at != '\0' && *scanner->at != '#')
		return false;
	take(buf_text(&scanner->name),
	    scanner->is_unknown ? NULL : buf_text(&scanner->value), arg);
	return true;
}

enum status
assignments_read(const char *text, size_t len, assignment_take *take, void *arg,
    struct problem *problem)
{
	struct scanner scanner = { 0 };
	struct buf line = { 0 };
	size_t number = 0;
	bool good = true;

	while (good && len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t size = end != NULL ? (size_t)(end - text) : len;

		number++;
		buf_clear(&line);
		buf_add(&line, text, size);
		scanner.at = buf_text(&line);
		good = memchr(text, '\0', size) == NULL &&
		       line_scan(&scanner, take, arg);
		size += end != NULL;
		text += size;
		len -= size;
	}
	if (!good)
		problem_set(problem,
		    "line %zu: is more than the assignment of a value", number);
	buf_fini(&line);
	buf_fini(&scanner.name);
	buf_fini(&scanner.value);
	return good ? STATUS_OK : STATUS_MALFORMED;
}
