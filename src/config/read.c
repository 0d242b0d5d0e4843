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

static bool check_mapping(struct document *document, const struct rows *rows,
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

/* Return the key of `rows` that `text` was probably meant to be, or NULL. */
static const char *
closest_key(const struct rows *rows, const char *text)
{
	const char *best = NULL;
	size_t best_distance = TYPO_MAX + 1;

	if (strlen(text) > KEY_MAX)
		return NULL;
	for (size_t i = 0; i < rows->count; i++) {
		const char *key = rows->list[i].key;
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
refuse_unknown(struct document *document, const struct rows *rows,
    const struct node *node, const char *text)
{
	const char *closest = closest_key(rows, text);
	struct buf hint = { 0 };

	if (closest != NULL)
		buf_add_format(&hint, "did you mean '%s'?", closest);
	else
		buf_add_string(&hint, "known here: ");
	for (size_t i = 0; closest == NULL && i < rows->count; i++)
		buf_add_format(
		    &hint, "%s%s", i > 0 ? ", " : "", rows->list[i].key);
	(void)document_refuse(document, node, "unknown key '%s'; %s",
	    type_quote(text).text, buf_text(&hint));
	buf_fini(&hint);
}

/* Find the row of a key, and refuse a key that has none: NULL. */
static const struct row *
find_row(
    struct document *document, const struct rows *rows, const struct node *node)
{
	const char *text = node->text;

	if (node->kind != NODE_TEXT) {
		(void)document_refuse(
		    document, node, "a key must be a word, not a collection");
		return NULL;
	}
	if (strlen(text) != node->count)
		text = "\\0";
	for (size_t i = 0; i < rows->count; i++) {
		if (strcmp(rows->list[i].key, text) == 0)
			return &rows->list[i];
	}
	refuse_unknown(document, rows, node, text);
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

static bool
check_part(
    struct document *document, const struct row *row, const struct node *node)
{
	return node->kind == NODE_MAPPING
		   ? check_mapping(document, row->rows, node)
		   : refuse_kind(document, row->key, node, NODE_MAPPING);
}

static bool
check_list(
    struct document *document, const struct row *row, const struct node *node)
{
	bool may_be_empty = row->kind == ROW_LINES ||
			    (row->kind == ROW_PARTS && row->need == OPTIONAL);
	bool good = true;

	if (node->kind != NODE_LIST)
		return refuse_kind(document, row->key, node, NODE_LIST);
	if (node->count == 0 && !may_be_empty)
		return document_refuse(document, node,
		    "'%s' is an empty list; it needs at least one item",
		    row->key);
	for (size_t i = 0; good && i < node->count; i++)
		good = row->kind == ROW_PARTS
			   ? check_part(document, row, &node->items[i])
			   : check_text(document, row->key, &node->items[i]);
	return good;
}

static bool
check_value(
    struct document *document, const struct row *row, const struct node *node)
{
	switch (row->kind) {
	case ROW_LIST:
	case ROW_LINES:
	case ROW_PARTS:
		return check_list(document, row, node);
	case ROW_PART:
		return check_part(document, row, node);
	case ROW_EITHER:
		if (node->kind == NODE_MAPPING)
			return check_part(document, row, node);
		break;
	case ROW_VALUE:
		break;
	}
	return check_text(document, row->key, node);
}

static bool
check_pair(struct document *document, const struct rows *rows,
    const struct node *pair, const struct node **seen)
{
	const struct row *row = find_row(document, rows, pair);
	const struct node **first;

	if (row == NULL)
		return false;
	first = &seen[row - rows->list];
	if (*first != NULL)
		return document_refuse(document, pair,
		    "key '%s' is there twice; the first is in line %u",
		    row->key, (unsigned)(*first)->line);
	*first = pair;
	return check_value(document, row, pair + 1);
}

static bool
check_mapping(
    struct document *document, const struct rows *rows, const struct node *node)
{
	const struct node **seen = mem_array(rows->count, sizeof(*seen));
	bool good = true;

	for (size_t i = 0; good && i < node->count; i += 2)
		good = check_pair(document, rows, &node->items[i], seen);
	for (size_t i = 0; good && i < rows->count; i++) {
		if (seen[i] == NULL && rows->list[i].need == REQUIRED)
			good = document_refuse(document, node,
			    "key '%s' is missing", rows->list[i].key);
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

/* Where nothing is written, all has its default. */
static const struct node nothing = { .kind = NODE_MAPPING };

static bool read_rows(struct reading *reading, const struct rows *rows,
    const struct node *node, bool is_item, void *part);

static bool
read_text(struct reading *reading, const struct type *type,
    const struct node *node, const char *text, void *member)
{
	struct document *document = reading->document;

	return type_read(type, text, member, document->problem) ||
	       document_blame(document, node);
}

/* Fill the array of a row with what `list` has. */
static bool
read_list(struct reading *reading, const struct row *row,
    const struct node *list, void *part)
{
	size_t size = row->type != NULL ? row->type->size : row->rows->size;
	size_t count = list->count;
	char *array = mem_array(count, size);
	bool good = true;

	memcpy((char *)part + row->member, &array, sizeof(array));
	memcpy((char *)part + row->count, &count, sizeof(count));
	for (size_t i = 0; good && i < count; i++, array += size) {
		const struct node *node = &list->items[i];

		good = row->type != NULL
			   ? read_text(
				 reading, row->type, node, node->text, array)
			   : read_rows(reading, row->rows, node, true, array);
	}
	return good;
}

/* The same with the fallback of the row. */
static bool
read_usual(struct reading *reading, const struct row *row, void *part)
{
	struct node list = { .kind = NODE_LIST };
	bool good;

	for (const char *at = row->fallback; *at != '\0';) {
		size_t len = strcspn(at, ",");

		list.items = mem_resize(
		    list.items, list.count + 1, sizeof(*list.items));
		list.items[list.count++] = (struct node){ .kind = NODE_TEXT,
			.text = mem_copy(at, len) };
		at += len + strspn(at + len, ", ");
	}
	good = read_list(reading, row, &list, part);
	for (size_t i = 0; i < list.count; i++)
		free(list.items[i].text);
	free(list.items);
	return good;
}

/* `node` is what is written at the key, or NULL; then `is_item` counts. */
static bool
read_row(struct reading *reading, const struct row *row,
    const struct node *node, bool is_item, void *part)
{
	const char *fallback = is_item ? NULL : row->fallback;
	char *member = (char *)part + row->member;

	switch (row->kind) {
	case ROW_VALUE:
		if (node != NULL)
			return read_text(
			    reading, row->type, node, node->text, member);
		return fallback == NULL || read_text(reading, row->type,
					       &nothing, fallback, member);
	case ROW_LIST:
	case ROW_LINES:
	case ROW_PARTS:
		if (node != NULL)
			return read_list(reading, row, node, part);
		return fallback == NULL || read_usual(reading, row, part);
	case ROW_EITHER:
		if (node != NULL && node->kind == NODE_TEXT)
			return read_row(
			    reading, row->rows->list, node, is_item, member);
		break;
	case ROW_PART:
		break;
	}
	return read_rows(reading, row->rows, node != NULL ? node : &nothing,
	    is_item, member);
}

static bool
read_rows(struct reading *reading, const struct rows *rows,
    const struct node *node, bool is_item, void *part)
{
	struct document *document = reading->document;
	struct problem *problem = document->problem;
	const char *blamed = NULL;
	bool good = true;

	if (rows->begin != NULL)
		rows->begin(reading->config, part);
	for (size_t i = 0; good && i < rows->count; i++) {
		const struct row *row = &rows->list[i];
		const struct node *value = node_at(node, row->key);

		if (value == node)
			value = NULL;
		else if (rows->may != NULL)
			good = rows->may(part, row->key, problem) ||
			       document_blame(document, value);
		if (good)
			good = read_row(reading, row, value, is_item, part);
	}
	if (good && rows->end != NULL)
		blamed = rows->end(part, problem);
	if (blamed != NULL)
		good = document_blame(document, node_at(node, blamed));
	return good;
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
	return check_mapping(document, &config_rows, root) &&
	       read_rows(&reading, &config_rows, root, false, config);
}
