/* SPDX-License-Identifier: MIT */
#include "document.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/limit.h"

struct place
place_top(const char *key)
{
	return (struct place){ NULL, PLACE_NONE, key, PLACE_NONE, NULL };
}

struct place
place_mapping(const char *mapping)
{
	return (struct place){ mapping, PLACE_NONE, NULL, PLACE_NONE, NULL };
}

struct place
place_item(const char *list, size_t item)
{
	return (struct place){ list, (long)item, NULL, PLACE_NONE, NULL };
}

struct place
place_key(struct place at, const char *key)
{
	at.key = key;
	return at;
}

/*
 * yaml_document_get_node() wants a document that it may change; the nodes lie
 * in an array, counted from 1.
 */
const yaml_node_t *
document_node(const struct document *document, int index)
{
	const yaml_node_t *first = document->yaml.nodes.start;

	assert(index >= 1 && index <= document->yaml.nodes.top - first);
	return first + index - 1;
}

/* Go from *node to its value at `key`; false: it is not there. */
static bool
descend_key(
    const struct document *document, const char *key, const yaml_node_t **node)
{
	const yaml_node_t *mapping = *node;

	if (key == NULL)
		return true;
	if (mapping->type != YAML_MAPPING_NODE)
		return false;
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = document_node(document, pair->key);

		if (strcmp((const char *)name->data.scalar.value, key) != 0)
			continue;
		*node = document_node(document, pair->value);
		return true;
	}
	return false;
}

/* Go from *node to its item `index`; false: it is not there. */
static bool
descend_item(
    const struct document *document, long index, const yaml_node_t **node)
{
	const yaml_node_t *list = *node;

	if (index == PLACE_NONE)
		return true;
	if (list->type != YAML_SEQUENCE_NODE ||
	    index >=
		list->data.sequence.items.top - list->data.sequence.items.start)
		return false;
	*node = document_node(document, list->data.sequence.items.start[index]);
	return true;
}

/* Find the node at `place`; false: *ret_node is the last one on the way. */
static bool
place_find(const struct document *document, struct place place,
    const yaml_node_t **ret_node)
{
	*ret_node = document_node(document, 1);
	return descend_key(document, place.list, ret_node) &&
	       descend_item(document, place.item, ret_node) &&
	       descend_key(document, place.key, ret_node) &&
	       descend_item(document, place.index, ret_node) &&
	       descend_key(document, place.part, ret_node);
}

/* libyaml counts lines and columns from 0, people from 1. */
static void
blame_mark(const char *path, yaml_mark_t mark, struct problem *problem)
{
	problem_prefix(
	    problem, "%s:%zu:%zu", path, mark.line + 1, mark.column + 1);
}

void
document_blame_node(const struct document *document, const yaml_node_t *node,
    struct problem *problem)
{
	blame_mark(document->path, node->start_mark, problem);
}

void
document_blame(const struct document *document, struct place place,
    struct problem *problem)
{
	const yaml_node_t *node;

	(void)place_find(document, place, &node);
	document_blame_node(document, node, problem);
}

bool
document_has(const struct document *document, struct place place)
{
	const yaml_node_t *node;

	return place_find(document, place, &node);
}

const char *
document_text(const struct document *document, struct place place)
{
	const yaml_node_t *node;

	return place_find(document, place, &node) &&
		       node->type == YAML_SCALAR_NODE
		   ? (const char *)node->data.scalar.value
		   : NULL;
}

size_t
document_line(const struct document *document, struct place place)
{
	const yaml_node_t *node;

	(void)place_find(document, place, &node);
	return node->start_mark.line + 1;
}

/* Turn the failure of libyaml into a problem with line and column. */
static enum status
report_parser(
    const yaml_parser_t *parser, const char *path, struct problem *problem)
{
	const char *what = parser->problem != NULL ? parser->problem
						   : "cannot be parsed";

	if (parser->error == YAML_MEMORY_ERROR) {
		problem_set(problem, "%s: out of memory", path);
		return STATUS_LIMIT;
	}
	if (parser->context != NULL)
		problem_set(problem,
		    "not valid YAML: %s %s of line %zu; check indentation and "
		    "quotes",
		    what, parser->context, parser->context_mark.line + 1);
	else
		problem_set(problem,
		    "not valid YAML: %s; check indentation and quotes", what);
	blame_mark(path, parser->problem_mark, problem);
	return STATUS_MALFORMED;
}

/* What an event does to the depth of collections. */
static int
event_depth(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return 1;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return -1;
	default:
		return 0;
	}
}

/*
 * Return what is wrong with an event, or NULL.  Anchors and aliases are no
 * use here and let a short text stand for a huge one; a tag would be passed
 * over in silence.
 */
static const char *
event_complaint(const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL;
	const yaml_char_t *tag = NULL;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return "an alias ('*') is not allowed here; repeat the value";
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	default:
		break;
	}
	if (anchor != NULL)
		return "an anchor ('&') is not allowed here; remove it, or "
		       "quote the value";
	if (tag != NULL)
		return "a tag ('!') is not allowed here; remove it, or quote "
		       "the value";
	return NULL;
}

/* Look at one event; *depth and *documents count along. */
static enum status
scan_event(const yaml_event_t *event, const char *path, int *depth,
    int *documents, struct problem *problem)
{
	const char *complaint = event_complaint(event);
	enum status status = STATUS_OK;

	*depth += event_depth(event);
	if (event->type == YAML_DOCUMENT_START_EVENT)
		(*documents)++;
	if (complaint != NULL) {
		problem_set(problem, "%s", complaint);
		status = STATUS_REFUSED;
	} else if (*depth > LIMIT_CONFIG_DEPTH) {
		problem_set(problem,
		    "lists and mappings nested more than %d deep",
		    LIMIT_CONFIG_DEPTH);
		status = STATUS_LIMIT;
	} else if (*documents > 1) {
		problem_set(problem,
		    "a second YAML document begins; the file must hold one, "
		    "so remove this '---'");
		status = STATUS_REFUSED;
	}
	if (status != STATUS_OK)
		blame_mark(path, event->start_mark, problem);
	return status;
}

/*
 * Read the whole text as events, which neither recurse nor keep anything, so
 * that the tree is made of a harmless text only.
 */
static enum status
scan_events(
    const char *path, const char *text, size_t len, struct problem *problem)
{
	enum status status = STATUS_OK;
	yaml_parser_t parser;
	int documents = 0;
	bool end = false;
	int depth = 0;

	if (!yaml_parser_initialize(&parser)) {
		problem_set(problem, "%s: out of memory", path);
		return STATUS_LIMIT;
	}
	yaml_parser_set_input_string(&parser, (const uint8_t *)text, len);
	while (status == STATUS_OK && !end) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			status = report_parser(&parser, path, problem);
			break;
		}
		status = scan_event(&event, path, &depth, &documents, problem);
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (status == STATUS_OK && documents == 0) {
		problem_set(problem,
		    "%s:1:1: the file says nothing; it needs at least "
		    "'sources'",
		    path);
		status = STATUS_MALFORMED;
	}
	return status;
}

enum status
document_load(const char *path, const char *text, size_t len,
    struct document *ret_document, struct problem *problem)
{
	struct document document = { .path = path };
	enum status status;
	yaml_parser_t parser;

	status = scan_events(path, text, len, problem);
	if (status != STATUS_OK)
		return status;
	if (!yaml_parser_initialize(&parser)) {
		problem_set(problem, "%s: out of memory", path);
		return STATUS_LIMIT;
	}
	yaml_parser_set_input_string(&parser, (const uint8_t *)text, len);
	if (yaml_parser_load(&parser, &document.yaml))
		*ret_document = document;
	else
		status = report_parser(&parser, path, problem);
	yaml_parser_delete(&parser);
	return status;
}

void
document_fini(struct document *document)
{
	yaml_document_delete(&document->yaml);
}
