/* SPDX-License-Identifier: MIT */
#include "mail.h"

#include <string.h>
#include <strings.h>

#include "base/limit.h"
#include "gmime.h"

struct walk {
	const struct gmime *gmime;
	mail_visit *visit;
	void *arg;
	unsigned parts;
	bool is_tlsrpt; /* multipart/report; report-type=tlsrpt */
	bool is_over;   /* there are more parts than there may be */
};

static bool
is_a(const struct walk *walk, const void *object, GType type)
{
	return object != NULL &&
	       walk->gmime->g_type_check_instance_is_a(
		   (GTypeInstance *)(uintptr_t)object, type) != 0;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcasecmp(text + len - end_len, end) == 0;
}

/* Senders differ in the type; of those with a wrong one the name is right. */
static bool
is_report(const struct walk *walk, GMimePart *part)
{
	const struct gmime *gmime = walk->gmime;
	GMimeContentType *type = gmime->g_mime_object_get_content_type(
	    (GMimeObject *)part);
	const char *subtype =
	    type != NULL ? gmime->g_mime_content_type_get_media_subtype(type)
			 : NULL;
	const char *name = gmime->g_mime_part_get_filename(part);

	if (subtype != NULL && strncasecmp(subtype, "tlsrpt", 6) == 0)
		return true;
	if (name != NULL &&
	    (ends_with(name, ".json") || ends_with(name, ".json.gz")))
		return true;
	return walk->is_tlsrpt && subtype != NULL && ends_with(subtype, "gzip");
}

static void
leaf_visit(struct walk *walk, GMimePart *part)
{
	const struct gmime *gmime = walk->gmime;
	GMimeDataWrapper *content = gmime->g_mime_part_get_content(part);
	GMimeStream *stream;
	const GByteArray *octets;

	if (content == NULL)
		return;
	stream = gmime->g_mime_stream_mem_new();
	(void)gmime->g_mime_data_wrapper_write_to_stream(content, stream);
	octets = gmime->g_mime_stream_mem_get_byte_array(
	    (GMimeStreamMem *)stream);
	if (octets != NULL && octets->len > 0)
		walk->visit(
		    &(struct mail_part){ .data = (const char *)octets->data,
			.len = octets->len,
			.is_report = is_report(walk, part) },
		    walk->arg);
	gmime->g_object_unref(stream);
}

static void
type_note(struct walk *walk, GMimeObject *object)
{
	const char *type = walk->gmime
			       ->g_mime_object_get_content_type_parameter(
				   object, "report-type");

	walk->is_tlsrpt |= type != NULL && strcasecmp(type, "tlsrpt") == 0;
}

static void
object_walk(struct walk *walk, GMimeObject *object, unsigned depth)
{
	const struct gmime *gmime = walk->gmime;

	if (depth > LIMIT_MAIL_DEPTH || walk->parts >= LIMIT_MAIL_PARTS) {
		walk->is_over = true;
		return;
	}
	walk->parts++;
	if (is_a(walk, object, gmime->g_mime_multipart_get_type())) {
		GMimeMultipart *multipart = (GMimeMultipart *)object;
		int count = gmime->g_mime_multipart_get_count(multipart);

		type_note(walk, object);
		for (int i = 0; i < count && !walk->is_over; i++)
			object_walk(walk,
			    gmime->g_mime_multipart_get_part(multipart, i),
			    depth + 1);
	} else if (is_a(walk, object, gmime->g_mime_message_part_get_type())) {
		GMimeMessage *message = gmime->g_mime_message_part_get_message(
		    (GMimeMessagePart *)object);

		if (message != NULL)
			object_walk(walk,
			    gmime->g_mime_message_get_mime_part(message),
			    depth + 1);
	} else if (is_a(walk, object, gmime->g_mime_part_get_type())) {
		leaf_visit(walk, (GMimePart *)object);
	}
}

/* A name and a colon, as a field of a header begins (RFC 5322 s2.2). */
static bool
is_field(const char *line, size_t len)
{
	size_t at = 0;

	while (at < len && line[at] > ' ' && line[at] <= '~' && line[at] != ':')
		at++;
	return at > 0 && at < len && line[at] == ':';
}

/* What it would be made of costs no more than that of a mail may. */
static bool
cost_is_within(const char *data, size_t len)
{
	size_t delimiters = 0, fields = 0, parameters = 0, addresses = 0;

	while (len > 0) {
		const char *eol = memchr(data, '\n', len);
		size_t line = eol != NULL ? (size_t)(eol - data) : len;

		delimiters += line >= 2 && memcmp(data, "--", 2) == 0;
		fields += is_field(data, line);
		for (size_t i = 0; i < line; i++) {
			parameters += data[i] == ';';
			addresses += data[i] == ',';
		}
		line += eol != NULL;
		data += line;
		len -= line;
	}
	return delimiters <= LIMIT_MAIL_DELIMITERS &&
	       fields <= LIMIT_MAIL_FIELDS &&
	       parameters <= LIMIT_MAIL_PARAMETERS &&
	       addresses <= LIMIT_TLSRPT_VALUES; /* in a report as well */
}

static enum status
message_walk(struct walk *walk, GMimeMessage *message, struct problem *problem)
{
	object_walk(
	    walk, walk->gmime->g_mime_message_get_mime_part(message), 0);
	if (!walk->is_over)
		return STATUS_OK;
	problem_set(problem, "has more than %d parts, or deeper ones than %d",
	    LIMIT_MAIL_PARTS, LIMIT_MAIL_DEPTH);
	return STATUS_LIMIT;
}

enum status
mail_walk(const char *data, size_t len, mail_visit *visit, void *arg,
    struct problem *problem)
{
	struct walk walk = { .visit = visit, .arg = arg };
	enum status status = STATUS_FOREIGN;
	GMimeMessage *message;
	GMimeStream *stream;
	GMimeParser *parser;

	if (len > LIMIT_MAIL) {
		problem_set(
		    problem, "is a mail of more than %d octets", LIMIT_MAIL);
		return STATUS_LIMIT;
	}
	if (!cost_is_within(data, len)) {
		problem_set(problem, "is a mail with more parts, or longer "
				     "headers, than any report needs");
		return STATUS_LIMIT;
	}
	walk.gmime = gmime_get(problem);
	if (walk.gmime == NULL)
		return STATUS_ABSENT;
	stream = walk.gmime->g_mime_stream_mem_new_with_buffer(data, len);
	parser = walk.gmime->g_mime_parser_new_with_stream(stream);
	message = walk.gmime->g_mime_parser_construct_message(parser, NULL);
	if (message != NULL) {
		status = message_walk(&walk, message, problem);
		walk.gmime->g_object_unref(message);
	} else {
		problem_set(problem, "is neither a report nor a mail");
	}
	walk.gmime->g_object_unref(parser);
	walk.gmime->g_object_unref(stream);
	return status;
}

/* ---- mbox ---- */

static const char separator[] = "From ";

bool
mbox_is_one(const char *data, size_t len)
{
	return len >= sizeof(separator) - 1 &&
	       memcmp(data, separator, sizeof(separator) - 1) == 0;
}

/*
 * A line "From " behind an empty one begins the next: who writes an mbox quotes
 * such lines of a text.
 */
size_t
mbox_first(const char *data, size_t len, size_t *ret_line)
{
	const char *end = data + len;
	const char *line = memchr(data, '\n', len);
	bool is_empty = false;

	*ret_line = line != NULL ? (size_t)(line + 1 - data) : len;
	for (line = data + *ret_line; line < end;) {
		const char *eol = memchr(line, '\n', (size_t)(end - line));
		size_t line_len = (size_t)((eol != NULL ? eol : end) - line);

		if (is_empty && mbox_is_one(line, line_len))
			return (size_t)(line - data);
		is_empty = line_len == 0 || (line_len == 1 && *line == '\r');
		line += line_len + (eol != NULL);
	}
	return len;
}
