/* SPDX-License-Identifier: MIT */
#include "configobj.h"

#include <string.h>

#include "base/buf.h"
#include "sets/trie.h"

/* A guard: certbot's own names are below 40 octets, domains below 256. */
enum { PATH_LEN_MAX = 1024 };

/* A part of the text. */
struct span {
	const char *at;
	const char *end;
};

struct parser {
	struct span rest; /* lines not yet read */
	size_t line;      /* number of the last one read */
	struct buf path;  /* names of the open sections, a NUL behind each */
	struct trie seen; /* path and name of each section and key */
	configobj_take *take;
	void *arg;
	struct problem *problem;
};

/* What stands between brackets. */
struct header {
	struct span name;
	size_t opening;
	size_t closing;
};

/* What stands behind a key. */
struct value {
	struct span text; /* of a list: the first member */
	bool is_list;
};

static size_t
span_len(struct span span)
{
	return (size_t)(span.end - span.at);
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
}

static struct span
span_trim(struct span span)
{
	while (span.at < span.end && is_space(*span.at))
		span.at++;
	while (span.at < span.end && is_space(span.end[-1]))
		span.end--;
	return span;
}

/* Return true if nothing but a comment stands there. */
static bool
span_is_over(struct span span)
{
	while (span.at < span.end && is_space(*span.at))
		span.at++;
	return span.at == span.end || *span.at == '#';
}

/* Take the next line, without its end, from the text. */
static bool
parser_line(struct parser *parser, struct span *ret_line)
{
	struct span *rest = &parser->rest;
	const char *end;

	if (rest->at == rest->end)
		return false;
	parser->line++;
	end = memchr(rest->at, '\n', span_len(*rest));
	*ret_line = (struct span){ rest->at, end != NULL ? end : rest->end };
	rest->at = end != NULL ? end + 1 : rest->end;
	return true;
}

/*
 * Enter a name below the open sections and leave its path, without a final
 * NUL, in the parser.  As in ConfigObj, sections and keys share their names.
 */
static enum status
parser_enter(struct parser *parser, struct span name)
{
	struct buf *path = &parser->path;

	if (path->len + span_len(name) > PATH_LEN_MAX) {
		problem_set(parser->problem, "the name is too long");
		return STATUS_MALFORMED;
	}
	buf_add(path, name.at, span_len(name));
	if (trie_get(&parser->seen, path->data, path->len) != NULL) {
		problem_set(parser->problem, "the name is there twice");
		return STATUS_MALFORMED;
	}
	trie_set(&parser->seen, path->data, path->len, parser);
	return STATUS_OK;
}

/* Remove a pair of quotes; false if there is only an opening one. */
static bool
span_unquote(struct span *span)
{
	if (span->at == span->end || !is_quote(*span->at))
		return true;
	if (span_len(*span) < 2 || span->end[-1] != *span->at)
		return false;
	span->at++;
	span->end--;
	return true;
}

/* Take the brackets at the start of `rest`, and the spaces between them. */
static size_t
brackets_read(struct span *rest, char bracket)
{
	size_t count = 0;

	for (; rest->at < rest->end; rest->at++) {
		if (*rest->at == bracket)
			count++;
		else if (!is_space(*rest->at))
			break;
	}
	return count;
}

/*
 * Read "[name]", "[[name]]" and so on; false if it is not a header.  Brackets
 * that more than a comment follows are part of the name.
 */
static bool
header_read(struct span line, struct header *ret_header)
{
	struct header header = { .opening = brackets_read(&line, '[') };
	struct span rest = line;

	if (header.opening == 0)
		return false;
	while (rest.at < rest.end) {
		if (*rest.at != ']' || rest.at == line.at) {
			rest.at++;
			continue;
		}
		header.name = span_trim((struct span){ line.at, rest.at });
		if (!span_unquote(&header.name)) {
			rest.at++;
			continue;
		}
		header.closing = brackets_read(&rest, ']');
		if (span_is_over(rest)) {
			*ret_header = header;
			return true;
		}
	}
	return false;
}

/* Open a section, after closing those that it is not part of. */
static enum status
parser_section(struct parser *parser, const struct header *header)
{
	struct buf *path = &parser->path;
	size_t depth = 0;
	size_t keep = 0;
	enum status status;

	for (size_t i = 0; i < path->len && depth + 1 < header->opening; i++)
		if (path->data[i] == '\0') {
			depth++;
			keep = i + 1;
		}
	if (header->opening != header->closing || depth + 1 < header->opening) {
		problem_set(parser->problem,
		    "the brackets of the section do not match");
		return STATUS_MALFORMED;
	}
	path->len = keep;
	status = parser_enter(parser, header->name);
	if (status == STATUS_OK)
		buf_add(path, "", 1);
	return status;
}

/* Read "key =" and leave in *line what follows; false if it is no such line. */
static bool
key_read(struct span *line, struct span *ret_key)
{
	struct span key;

	for (const char *to = line->at; to < line->end; to++) {
		if (*to != '=')
			continue;
		if (to == line->at)
			return false;
		key = span_trim((struct span){ line->at, to });
		if (!span_unquote(&key))
			continue;
		*ret_key = key;
		*line = span_trim((struct span){ to + 1, line->end });
		return true;
	}
	return false;
}

/*
 * Read one member of a list, or a value that is not a list, up to a comma, a
 * comment or the end; false if a quote is not closed.
 */
static bool
member_read(struct span *rest, struct span *ret_member)
{
	const char *begin = rest->at;
	const char *to = begin;
	struct span after;

	if (begin == rest->end || !is_quote(*begin)) {
		while (to < rest->end && *to != ',' && *to != '#')
			to++;
		*ret_member = span_trim((struct span){ begin, to });
		rest->at = to;
		return true;
	}
	/* A quote in the text is one that nothing else makes sense of. */
	for (to++; to < rest->end; to++) {
		if (*to != *begin)
			continue;
		after = span_trim((struct span){ to + 1, rest->end });
		if (!span_is_over(after) && *after.at != ',')
			continue;
		*ret_member = (struct span){ begin + 1, to };
		*rest = after;
		return true;
	}
	return false;
}

static enum status
parser_value(struct parser *parser, struct span rest, struct value *ret_value)
{
	struct value value = { .is_list = false };
	struct span member;

	for (;;) {
		if (!member_read(&rest, &member)) {
			problem_set(parser->problem, "a quote is not closed");
			return STATUS_MALFORMED;
		}
		if (!value.is_list)
			value.text = member;
		if (rest.at == rest.end || *rest.at != ',')
			break;
		value.is_list = true;
		rest = span_trim((struct span){ rest.at + 1, rest.end });
	}
	*ret_value = value;
	return STATUS_OK;
}

static bool
is_triple_quote(const char *at, const char *end)
{
	return end - at >= 3 && is_quote(at[0]) && at[1] == at[0] &&
	       at[2] == at[0];
}

/*
 * Read a value in triple quotes, which may go on in the lines behind: its last
 * line is the first that has such quotes again.
 */
static enum status
parser_long_value(
    struct parser *parser, struct span rest, struct value *ret_value)
{
	struct value value = { .text.at = rest.at + 3 };
	size_t first_line = parser->line;
	char quote = *rest.at;
	bool is_last = false;

	rest.at += 3;
	do {
		for (const char *to = rest.at; to < rest.end; to++) {
			if (*to != quote || !is_triple_quote(to, rest.end))
				continue;
			is_last = true;
			if (!span_is_over((struct span){ to + 3, rest.end }))
				continue;
			value.text.end = to;
			*ret_value = value;
			return STATUS_OK;
		}
	} while (!is_last && parser_line(parser, &rest));
	parser->line = first_line;
	problem_set(parser->problem, "a triple quote is not closed");
	return STATUS_MALFORMED;
}

/* Take in a key and what stands behind it. */
static enum status
parser_pair(struct parser *parser, struct span key, struct span rest)
{
	struct buf *path = &parser->path;
	size_t section_len = path->len;
	struct configobj_entry entry;
	struct value value;
	enum status status;

	status = is_triple_quote(rest.at, rest.end)
		     ? parser_long_value(parser, rest, &value)
		     : parser_value(parser, rest, &value);
	if (status == STATUS_OK)
		status = parser_enter(parser, key);
	if (status == STATUS_OK) {
		entry.path = buf_text(path);
		entry.path_len = path->len;
		entry.key = entry.path + section_len;
		entry.value = value.text.at;
		entry.value_len = span_len(value.text);
		entry.is_list = value.is_list;
		status = parser->take(&entry, parser->arg, parser->problem);
	}
	path->len = section_len;
	return status;
}

static enum status
parser_take(struct parser *parser, struct span line)
{
	struct header header;
	struct span key;

	line = span_trim(line);
	if (span_is_over(line))
		return STATUS_OK;
	if (header_read(line, &header))
		return parser_section(parser, &header);
	if (key_read(&line, &key))
		return parser_pair(parser, key, line);
	problem_set(
	    parser->problem, "neither a comment nor [section] nor key = value");
	return STATUS_MALFORMED;
}

/* A NUL would end the texts early: refuse it, wherever it is. */
static enum status
parser_check(struct parser *parser)
{
	struct span rest = parser->rest;
	const char *nul = NULL;

	if (rest.at < rest.end)
		nul = memchr(rest.at, '\0', span_len(rest));
	if (nul == NULL)
		return STATUS_OK;
	parser->line = 1;
	for (; rest.at < nul; rest.at++)
		if (*rest.at == '\n')
			parser->line++;
	problem_set(parser->problem, "a NUL octet");
	return STATUS_MALFORMED;
}

/* Pass over the mark that some editors put in front of UTF-8. */
static void
parser_pass_mark(struct parser *parser)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t len = sizeof(mark) - 1;
	struct span *rest = &parser->rest;

	if (span_len(*rest) >= len && memcmp(rest->at, mark, len) == 0)
		rest->at += len;
}

enum status
configobj_read(const char *text, size_t len, configobj_take *take, void *arg,
    struct problem *problem)
{
	struct parser parser = {
		.rest = { .at = text, .end = text + len },
		.take = take,
		.arg = arg,
		.problem = problem,
	};
	enum status status;
	struct span line;

	trie_init(&parser.seen, NULL);
	parser_pass_mark(&parser);
	status = parser_check(&parser);
	while (status == STATUS_OK && parser_line(&parser, &line))
		status = parser_take(&parser, line);
	if (status != STATUS_OK)
		problem_prefix(problem, "line %zu", parser.line);
	buf_fini(&parser.path);
	trie_fini(&parser.seen);
	return status;
}
