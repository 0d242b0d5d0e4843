/* SPDX-License-Identifier: MIT */
#include "read.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "rows.h"

enum {
	KEY_MAX = 32, /* octets of a key that are compared for likeness */
	TYPO_MAX = 3, /* edits between a key and the one that was meant */
};

static bool check_mapping(struct document *document, const struct row *mapping,
    const struct node *node);

/* ---- known keys ---- */

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

/* Return the key of the mapping that `text` was probably meant to be, or NULL.
 */
static const char *
closest_key(const struct row *mapping, const char *text)
{
	const char *best = NULL;
	size_t best_distance = TYPO_MAX + 1;

	if (strlen(text) > KEY_MAX)
		return NULL;
	for (size_t i = 0; i < mapping->row_count; i++) {
		const char *key = mapping->rows[i].key;
		size_t distance = edit_distance(text, key);

		/* Half of a short key must be right. */
		if (distance < best_distance && 2 * distance <= strlen(key)) {
			best = key;
			best_distance = distance;
		}
	}
	return best;
}

static void
refuse_unknown(struct document *document, const struct row *mapping,
    const struct node *node, const char *text)
{
	const char *closest = closest_key(mapping, text);
	struct buf hint = { 0 };

	if (closest != NULL)
		buf_add_format(&hint, "did you mean '%s'?", closest);
	else
		buf_add_string(&hint, "known here: ");
	for (size_t i = 0; closest == NULL && i < mapping->row_count; i++)
		buf_add_format(
		    &hint, "%s%s", i > 0 ? ", " : "", mapping->rows[i].key);
	(void)document_refuse(document, node, "unknown key '%s'; %s",
	    type_quote(text).text, buf_text(&hint));
	buf_fini(&hint);
}

/* Find the row of a key, and refuse a key that has none: NULL. */
static const struct row *
find_row(struct document *document, const struct row *mapping,
    const struct node *node)
{
	const char *text = node->text;

	if (node->kind != NODE_TEXT) {
		(void)document_refuse(
		    document, node, "a key must be a word, not a collection");
		return NULL;
	}
	if (strlen(text) != node->count)
		text = "\\0";
	for (size_t i = 0; i < mapping->row_count; i++) {
		if (strcmp(mapping->rows[i].key, text) == 0)
			return &mapping->rows[i];
	}
	refuse_unknown(document, mapping, node, text);
	return NULL;
}

/* ---- the shape ---- */

static bool
check_text(struct document *document, const char *key, const struct node *node)
{
	if (node->kind != NODE_TEXT)
		return document_refuse(document, node,
		    "'%s' must be a single value, not a list or mapping", key);
	if (node->count == 0)
		return document_refuse(document, node,
		    "'%s' is empty; write a value or remove it", key);
	for (size_t i = 0; i < node->count; i++) {
		unsigned char octet = (unsigned char)node->text[i];

		if (octet < ' ' || octet == 0x7f)
			return document_refuse(document, node,
			    "a control character (0x%02x) in the value of "
			    "'%s'; remove it",
			    octet, key);
	}
	return true;
}

/* The node is neither the list nor the mapping that it should be. */
static bool
refuse_kind(struct document *document, const char *key, const struct node *node,
    enum node_kind kind)
{
	if (node->kind == NODE_TEXT && node->count == 0)
		return document_refuse(document, node,
		    "'%s' is empty; write something below it or remove it",
		    key);
	if (kind == NODE_LIST)
		return document_refuse(document, node,
		    "'%s' must be a list; write it as [...] or as lines that "
		    "begin with '- '",
		    key);
	return document_refuse(document, node,
	    "'%s' must be 'key: value' pairs, indented below it", key);
}

/* Check a value or a mapping, which may be an item of a list. */
static bool
check_item(
    struct document *document, const struct row *row, const struct node *node)
{
	if (node->kind == NODE_MAPPING && row->rows != NULL)
		return check_mapping(document, row, node);
	if (row->rows != NULL && row->kind != ROW_EITHER)
		return refuse_kind(document, row->key, node, NODE_MAPPING);
	return check_text(document, row->key, node);
}

static bool
check_value(
    struct document *document, const struct row *row, const struct node *node)
{
	if (!row_is_list(row))
		return check_item(document, row, node);
	if (node->kind != NODE_LIST)
		return refuse_kind(document, row->key, node, NODE_LIST);
	if (node->count == 0 &&
	    (row->kind == ROW_LIST || row->need == REQUIRED))
		return document_refuse(document, node,
		    "'%s' is an empty list; it needs at least one item",
		    row->key);
	for (size_t i = 0; i < node->count; i++) {
		if (!check_item(document, row, &node->items[i]))
			return false;
	}
	return true;
}

static bool
check_pair(struct document *document, const struct row *mapping,
    const struct node *pair, const struct node **seen)
{
	const struct row *row = find_row(document, mapping, pair);
	const struct node **first;

	if (row == NULL)
		return false;
	first = &seen[row - mapping->rows];
	if (*first != NULL)
		return document_refuse(document, pair,
		    "key '%s' is there twice; the first is in line %u",
		    row->key, (unsigned)(*first)->line);
	*first = pair;
	return check_value(document, row, pair + 1);
}

static bool
check_mapping(struct document *document, const struct row *mapping,
    const struct node *node)
{
	const struct node **seen = mem_array(mapping->row_count, sizeof(*seen));
	bool good = true;

	for (size_t i = 0; good && i < node->count; i += 2)
		good = check_pair(document, mapping, &node->items[i], seen);
	for (size_t i = 0; good && i < mapping->row_count; i++) {
		if (seen[i] == NULL && mapping->rows[i].need == REQUIRED)
			good = document_refuse(document, node,
			    "key '%s' is missing", mapping->rows[i].key);
	}
	free(seen);
	return good;
}

/* ---- the values ---- */

/* What all the functions here share. */
struct reading {
	struct document *document;
	struct config *config;
};

static const struct node nothing = { .kind = NODE_MAPPING };

static bool read_rows(const struct reading *reading, const struct row *mapping,
    const struct node *node, char *part);

/* Read a value or a mapping, which may be an item of a list. */
static bool
read_item(const struct reading *reading, const struct row *row,
    const struct node *node, char *member)
{
	struct document *document = reading->document;

	if (node->kind == NODE_MAPPING)
		return read_rows(reading, row, node, member);
	if (row->kind == ROW_EITHER) {
		row = row->rows;
		member += row->member;
	}
	return type_read(row->type, node->text, member, document->problem) ||
	       document_blame(document, node);
}

/* Return the first of `count` new items of a list. */
static char *
list_begin(const struct row *row, size_t count, char *part)
{
	char *array = mem_array(count, row_item_size(row));

	memcpy(part + row->member, &array, sizeof(array));
	memcpy(part + row->count, &count, sizeof(count));
	return array;
}

static bool
read_list(const struct reading *reading, const struct row *row,
    const struct node *list, char *part)
{
	char *item = list_begin(row, list->count, part);

	for (size_t i = 0; i < list->count; i++, item += row_item_size(row)) {
		if (!read_item(reading, row, &list->items[i], item))
			return false;
	}
	return true;
}

/* Nothing is written at the key. */
static void
read_usual(const struct row *row, char *part)
{
	size_t count = 0;
	char *item = part + row->member;

	while (row->usual[count] != NULL)
		count++;
	if (row_is_list(row))
		item = list_begin(row, count, part);
	for (size_t i = 0; i < count; i++, item += row_item_size(row)) {
		bool good = type_read(row->type, row->usual[i], item, NULL);

		assert(good);
		(void)good;
	}
}

/* `node` is what is written at the key, or NULL. */
static bool
read_row(const struct reading *reading, const struct row *row,
    const struct node *node, char *part)
{
	if (node == NULL && row->usual != NULL)
		read_usual(row, part);
	/* Where nothing is written, all below has what is usual. */
	if (node == NULL && row->rows != NULL && !row_is_list(row))
		node = &nothing;
	if (node == NULL)
		return true;
	return row_is_list(row)
		   ? read_list(reading, row, node, part)
		   : read_item(reading, row, node, part + row->member);
}

static bool
read_rows(const struct reading *reading, const struct row *mapping,
    const struct node *node, char *part)
{
	struct document *document = reading->document;
	const char *blamed = NULL;

	if (mapping->begin != NULL)
		mapping->begin(reading->config, part);
	for (size_t i = 0; i < mapping->row_count; i++) {
		const struct row *row = &mapping->rows[i];
		const struct node *value = node_at(node, row->key);
		struct problem *problem = document->problem;
		bool good = true;

		if (value == node)
			value = NULL;
		if (mapping->may == NULL || mapping->may(part, row->key,
						value != NULL ? problem : NULL))
			good = read_row(reading, row, value, part);
		else if (value != NULL)
			good = document_blame(document, value);
		if (!good)
			return false;
	}
	if (mapping->end != NULL)
		blamed = mapping->end(part, document->problem);
	return blamed == NULL ||
	       document_blame(document, node_at(node, blamed));
}

bool
config_read(struct document *document, struct config *config)
{
	struct reading reading = { document, config };
	const struct node *root = &document->root;

	if (root->kind != NODE_MAPPING)
		return document_refuse(document, root,
		    "the file must hold 'key: value' pairs; it needs at least "
		    "'sources'");
	return check_mapping(document, &config_row, root) &&
	       read_rows(&reading, &config_row, root, (char *)config);
}
