/* SPDX-License-Identifier: MIT */
#include "shape.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/value.h"

enum {
	KEY_MAX = 32, /* octets of a key that are compared for likeness */
	TYPO_MAX = 3, /* edits between a key and the one that was meant */
};

static enum status check_value(const struct document *document,
    const yaml_node_t *node, const struct cyaml_schema_value *schema,
    const char *key, struct problem *problem);

/* Set the problem's text before, blame the node, and return `status`. */
static enum status
blame(const struct document *document, const yaml_node_t *node,
    enum status status, struct problem *problem)
{
	document_blame_node(document, node, problem);
	return status;
}

static size_t
smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Return the number of edits from `a` to `b` (Levenshtein), both short. */
static size_t
edit_distance(const char *a, const char *b)
{
	size_t row[KEY_MAX + 1];
	size_t width = strlen(b);

	assert(width <= KEY_MAX);
	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < width; j++) {
			size_t above = row[j + 1];

			row[j + 1] = smallest(
			    above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
			diagonal = above;
		}
	}
	return row[width];
}

/* Return the key of `fields` that `text` was probably meant to be, or NULL. */
static const char *
closest_key(const struct cyaml_schema_field *fields, const char *text)
{
	const char *best = NULL;
	size_t best_distance = TYPO_MAX + 1;

	if (strlen(text) > KEY_MAX)
		return NULL;
	for (; fields->key != NULL; fields++) {
		size_t distance = edit_distance(text, fields->key);

		/* Half of a short key must be right. */
		if (distance < best_distance &&
		    2 * distance <= strlen(fields->key)) {
			best = fields->key;
			best_distance = distance;
		}
	}
	return best;
}

static void
unknown_key(const struct cyaml_schema_field *fields, const char *text,
    struct problem *problem)
{
	const char *closest = closest_key(fields, text);
	struct buf known = { 0 };

	if (closest != NULL) {
		problem_set(problem, "unknown key '%s'; did you mean '%s'?",
		    value_quote(text).text, closest);
		return;
	}
	for (; fields->key != NULL; fields++) {
		if (known.len > 0)
			buf_add_string(&known, ", ");
		buf_add_string(&known, fields->key);
	}
	problem_set(problem, "unknown key '%s'; known here: %s",
	    value_quote(text).text, buf_text(&known));
	buf_fini(&known);
}

/* Find the row of a key, and refuse a key that has none. */
static enum status
check_key(const struct document *document, const yaml_node_t *node,
    const struct cyaml_schema_field *fields, size_t *ret_row,
    struct problem *problem)
{
	const char *text;
	size_t row = 0;

	if (node->type != YAML_SCALAR_NODE) {
		problem_set(problem, "a key must be a word, not a collection");
		return blame(document, node, STATUS_MALFORMED, problem);
	}
	text = (const char *)node->data.scalar.value;
	if (strlen(text) != node->data.scalar.length)
		text = "\\0";
	while (fields[row].key != NULL && strcmp(fields[row].key, text) != 0)
		row++;
	if (fields[row].key == NULL) {
		unknown_key(fields, text, problem);
		return blame(document, node, STATUS_MALFORMED, problem);
	}
	*ret_row = row;
	return STATUS_OK;
}

/* The row of a key that may have a value or a mapping, by what it has. */
static size_t
shape_row(const struct cyaml_schema_field *fields, size_t row,
    const yaml_node_t *value)
{
	if (fields[row].value.type != CYAML_IGNORE)
		return row;
	return row + (value->type == YAML_MAPPING_NODE ? 2 : 1);
}

static enum status
check_pair(const struct document *document, const yaml_node_pair_t *pair,
    const struct cyaml_schema_field *fields, const yaml_node_t **seen,
    struct problem *problem)
{
	const yaml_node_t *key = document_node(document, pair->key);
	const yaml_node_t *value = document_node(document, pair->value);
	enum status status;
	size_t row;

	status = check_key(document, key, fields, &row, problem);
	if (status != STATUS_OK)
		return status;
	if (seen[row] != NULL) {
		problem_set(problem,
		    "key '%s' is there twice; the first is in line %zu",
		    fields[row].key, seen[row]->start_mark.line + 1);
		return blame(document, key, STATUS_MALFORMED, problem);
	}
	seen[row] = key;
	row = shape_row(fields, row, value);
	return check_value(
	    document, value, &fields[row].value, fields[row].key, problem);
}

static enum status
check_mapping(const struct document *document, const yaml_node_t *node,
    const struct cyaml_schema_field *fields, struct problem *problem)
{
	enum status status = STATUS_OK;
	const yaml_node_t **seen;
	size_t count = 0;

	while (fields[count].key != NULL)
		count++;
	seen = mem_array(count, sizeof(*seen));
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     status == STATUS_OK && pair < node->data.mapping.pairs.top; pair++)
		status = check_pair(document, pair, fields, seen, problem);
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		if (seen[i] != NULL ||
		    (fields[i].value.flags & CYAML_FLAG_OPTIONAL) != 0)
			continue;
		problem_set(problem, "key '%s' is missing", fields[i].key);
		status = blame(document, node, STATUS_MALFORMED, problem);
	}
	free(seen);
	return status;
}

static enum status
check_list(const struct document *document, const yaml_node_t *node,
    const struct cyaml_schema_value *schema, const char *key,
    struct problem *problem)
{
	const yaml_node_item_t *item = node->data.sequence.items.start;
	const yaml_node_item_t *end = node->data.sequence.items.top;
	enum status status = STATUS_OK;

	if ((size_t)(end - item) < schema->sequence.min) {
		problem_set(problem,
		    "'%s' is an empty list; it needs at least one item", key);
		return blame(document, node, STATUS_MALFORMED, problem);
	}
	for (; status == STATUS_OK && item < end; item++)
		status = check_value(document, document_node(document, *item),
		    schema->sequence.entry, key, problem);
	return status;
}

static enum status
check_text(const struct document *document, const yaml_node_t *node,
    const char *key, struct problem *problem)
{
	const unsigned char *text = node->data.scalar.value;

	if (node->data.scalar.length == 0) {
		problem_set(
		    problem, "'%s' is empty; write a value or remove it", key);
		return blame(document, node, STATUS_MALFORMED, problem);
	}
	for (size_t i = 0; i < node->data.scalar.length; i++) {
		if (text[i] >= ' ' && text[i] != 0x7f)
			continue;
		problem_set(problem,
		    "a control character (0x%02x) in the value of '%s'; "
		    "remove it",
		    text[i], key);
		return blame(document, node, STATUS_MALFORMED, problem);
	}
	return STATUS_OK;
}

/* The node is not of the type that the schema wants. */
static enum status
wrong_type(const struct document *document, const yaml_node_t *node,
    const struct cyaml_schema_value *schema, const char *key,
    struct problem *problem)
{
	bool empty = node->type == YAML_SCALAR_NODE &&
		     node->data.scalar.length == 0;

	if (schema->type == CYAML_STRING)
		problem_set(problem,
		    "'%s' must be a single value, not a list or mapping", key);
	else if (empty)
		problem_set(problem,
		    "'%s' is empty; write something below it or remove it",
		    key);
	else if (schema->type == CYAML_SEQUENCE)
		problem_set(problem,
		    "'%s' must be a list; write it as [...] or as lines that "
		    "begin with '- '",
		    key);
	else
		problem_set(problem,
		    "'%s' must be 'key: value' pairs, indented below it", key);
	return blame(document, node, STATUS_MALFORMED, problem);
}

static enum status
check_value(const struct document *document, const yaml_node_t *node,
    const struct cyaml_schema_value *schema, const char *key,
    struct problem *problem)
{
	if (schema->type == CYAML_STRING && node->type == YAML_SCALAR_NODE)
		return check_text(document, node, key, problem);
	if (schema->type == CYAML_SEQUENCE && node->type == YAML_SEQUENCE_NODE)
		return check_list(document, node, schema, key, problem);
	if (schema->type == CYAML_MAPPING && node->type == YAML_MAPPING_NODE)
		return check_mapping(
		    document, node, schema->mapping.fields, problem);
	return wrong_type(document, node, schema, key, problem);
}

enum status
config_shape_check(const struct document *document,
    const struct cyaml_schema_value *schema, struct problem *problem)
{
	const yaml_node_t *root = document_node(document, 1);

	if (root->type != YAML_MAPPING_NODE) {
		problem_set(problem,
		    "the file must hold 'key: value' pairs; it needs at least "
		    "'sources'");
		return blame(document, root, STATUS_MALFORMED, problem);
	}
	return check_mapping(document, root, schema->mapping.fields, problem);
}
