/* SPDX-License-Identifier: MIT */
#include "document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/utf8.h"

/* What all the functions that read share. */
struct reader {
	struct document *document;
	yaml_parser_t parser;
	int depth; /* of lists and mappings */
};

static bool read_node(
    struct reader *reader, const yaml_event_t *event, struct node *node);

/* libyaml counts lines and columns from 0, people from 1. */
static void
node_place(struct node *node, yaml_mark_t mark)
{
	node->line = (uint32_t)mark.line + 1;
	node->column = (uint32_t)mark.column + 1;
}

bool
document_blame(const struct document *document, const struct node *node)
{
	problem_prefix(document->problem, "%s:%u:%u", document->path,
	    (unsigned)node->line, (unsigned)node->column);
	return false;
}

bool
document_refuse(const struct document *document, const struct node *node,
    const char *format, ...)
{
	char text[PROBLEM_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	problem_set(document->problem, "%s", text);
	return document_blame(document, node);
}

const struct node *
node_at(const struct node *node, const char *key)
{
	for (size_t i = 0; node->kind == NODE_MAPPING && i < node->count;
	     i += 2) {
		if (strcmp(node->items[i].text, key) == 0)
			return &node->items[i + 1];
	}
	return node;
}

const struct node *
node_item(const struct node *node, size_t index)
{
	return node->kind == NODE_LIST && index < node->count
		   ? &node->items[index]
		   : node;
}

/* ---- octets ---- */

enum { BYTE_ORDER_MARK = 0xfeff };

/*
 * Return what is wrong with a character, or NULL.  libyaml takes U+0085,
 * U+2028 and U+2029 for ends of lines; no editor counts them so.
 */
static const char *
complaint(uint32_t character, bool indentation)
{
	if (character == '\t')
		return indentation ? "a tab; YAML is indented with spaces"
				   : NULL;
	if (character == '\n' || character == '\r')
		return NULL;
	if (character == 0)
		return "a zero octet; the file must be text in UTF-8";
	if (utf8_is_control(character))
		return "a control character; remove it";
	if (character == BYTE_ORDER_MARK || character == 0xfffe ||
	    character == 0xffff)
		return "a character that has no place in a text; remove it";
	return NULL;
}

/*
 * Check that the text is UTF-8 (RFC 3629) without control characters, and
 * without tabs where YAML wants spaces.  A column is a character.
 */
static bool
check_octets(struct document *document, const uint8_t *octets, size_t len)
{
	struct node place = { .line = 1, .column = 1 };
	bool indentation = true;
	const char *what = NULL;
	size_t size = 0;

	for (size_t i = 0; i < len; i += size) {
		uint32_t character = 0;

		size = utf8_decode(octets + i, len - i, &character);
		if (i == 0 && character == BYTE_ORDER_MARK)
			continue;
		what = size > 0 ? complaint(character, indentation)
				: "not UTF-8; save the file as UTF-8";
		if (what != NULL)
			break;
		if (character == '\n' ||
		    (character == '\r' &&
			(i + 1 == len || octets[i + 1] != '\n'))) {
			place.line++;
			place.column = 1;
			indentation = true;
			continue;
		}
		place.column++;
		indentation = indentation && character == ' ';
	}
	return what == NULL || document_refuse(document, &place, "%s", what);
}

/* ---- YAML ---- */

/* Turn the failure of libyaml into a problem with line and column. */
static bool
refuse_parser(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *what = parser->problem != NULL ? parser->problem
						   : "out of memory";
	struct node place = { .kind = NODE_TEXT };

	node_place(&place, parser->problem_mark);
	if (parser->context == NULL)
		return document_refuse(reader->document, &place,
		    "not valid YAML: %s; check indentation and quotes", what);
	return document_refuse(reader->document, &place,
	    "not valid YAML: %s %s of line %zu; check indentation and quotes",
	    what, parser->context, parser->context_mark.line + 1);
}

static bool
next_event(struct reader *reader, yaml_event_t *ret_event)
{
	return yaml_parser_parse(&reader->parser, ret_event) != 0 ||
	       refuse_parser(reader);
}

/*
 * Anchors and aliases are no use here and let a short text stand for a huge
 * one; a tag would be passed over in silence.
 */
static bool
check_plain(struct reader *reader, const struct node *node,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		return document_refuse(reader->document, node,
		    "an anchor ('&') is not allowed here; remove it, or quote "
		    "the value");
	if (tag != NULL)
		return document_refuse(reader->document, node,
		    "a tag ('!') is not allowed here; remove it, or quote the "
		    "value");
	return true;
}

/* Return a new item of `node`; there is room for a power of two. */
static struct node *
node_add(struct node *node)
{
	if ((node->count & (node->count - 1)) == 0)
		node->items = mem_resize(node->items,
		    node->count > 0 ? 2 * (size_t)node->count : 1,
		    sizeof(*node->items));
	node->items[node->count] = (struct node){ .kind = NODE_TEXT };
	return &node->items[node->count++];
}

/* Recursion is as deep as the text, which is limited here. */
static bool
read_items(struct reader *reader, struct node *node)
{
	yaml_event_t event;
	bool good = true;
	bool end = false;

	if (++reader->depth > LIMIT_CONFIG_DEPTH)
		return document_refuse(reader->document, node,
		    "lists and mappings nested more than %d deep",
		    LIMIT_CONFIG_DEPTH);
	while (good && !end) {
		if (!next_event(reader, &event))
			return false;
		end = event.type == YAML_SEQUENCE_END_EVENT ||
		      event.type == YAML_MAPPING_END_EVENT;
		if (!end)
			good = read_node(reader, &event, node_add(node));
		yaml_event_delete(&event);
	}
	reader->depth--;
	return good;
}

static bool
read_node(struct reader *reader, const yaml_event_t *event, struct node *node)
{
	node_place(node, event->start_mark);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		node->count = (uint32_t)event->data.scalar.length;
		node->text = mem_copy(event->data.scalar.value, node->count);
		return check_plain(reader, node, event->data.scalar.anchor,
		    event->data.scalar.tag);
	case YAML_SEQUENCE_START_EVENT:
		node->kind = NODE_LIST;
		return check_plain(reader, node,
			   event->data.sequence_start.anchor,
			   event->data.sequence_start.tag) &&
		       read_items(reader, node);
	case YAML_MAPPING_START_EVENT:
		node->kind = NODE_MAPPING;
		return check_plain(reader, node,
			   event->data.mapping_start.anchor,
			   event->data.mapping_start.tag) &&
		       read_items(reader, node);
	default:
		return document_refuse(reader->document, node,
		    "an alias ('*') is not allowed here; repeat the value");
	}
}

/* What stands between the nodes: the beginning and the end of documents. */
static bool
read_mark(struct reader *reader, const yaml_event_t *event, int *documents)
{
	struct node place = { .kind = NODE_TEXT };

	node_place(&place, event->start_mark);
	if (event->type == YAML_DOCUMENT_START_EVENT && (*documents)++ > 0)
		return document_refuse(reader->document, &place,
		    "a second YAML document begins; the file must hold one, "
		    "so remove this '---'");
	place.line = place.column = 1;
	if (event->type == YAML_STREAM_END_EVENT && *documents == 0)
		return document_refuse(reader->document, &place,
		    "the file says nothing; it needs at least 'sources'");
	return true;
}

bool
document_read(struct document *document, const char *text, size_t len)
{
	struct reader reader = { .document = document };
	int documents = 0;
	yaml_event_t event;
	bool good = true;
	bool end = false;

	if (!check_octets(document, (const uint8_t *)text, len))
		return false;
	if (!yaml_parser_initialize(&reader.parser))
		return refuse_parser(&reader);
	yaml_parser_set_input_string(
	    &reader.parser, (const uint8_t *)text, len);
	while (good && !end) {
		good = next_event(&reader, &event);
		if (!good)
			break;
		end = event.type == YAML_STREAM_END_EVENT;
		if (end || event.type == YAML_STREAM_START_EVENT ||
		    event.type == YAML_DOCUMENT_START_EVENT ||
		    event.type == YAML_DOCUMENT_END_EVENT)
			good = read_mark(&reader, &event, &documents);
		else
			good = read_node(&reader, &event, &document->root);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&reader.parser);
	return good;
}

static void
node_fini(struct node *node)
{
	for (size_t i = 0; node->kind != NODE_TEXT && i < node->count; i++)
		node_fini(&node->items[i]);
	free(node->kind == NODE_TEXT ? (void *)node->text : node->items);
}

void
document_fini(struct document *document)
{
	node_fini(&document->root);
}
