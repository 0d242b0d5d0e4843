/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

/*
 * The configuration file as a YAML tree that still knows where everything
 * stood, which what libcyaml loads does not.  Private to config_*.c.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>

#include <yaml.h>

#include "base/status.h"

struct document {
	yaml_document_t yaml;
	const char *path; /* borrowed; the name in messages */
};

enum { PLACE_NONE = -1 };

/*
 * The path to one value: `list` and `item` (the mapping's key and, if it is a
 * list of mappings, the item), then `key` and `index` or `part` (its own key,
 * if it is a mapping) within that mapping.
 */
struct place {
	const char *list; /* or NULL: the top level itself */
	long item;        /* or PLACE_NONE */
	const char *key;  /* or NULL: the mapping itself */
	long index;       /* or PLACE_NONE */
	const char *part; /* or NULL */
};

/* Return the place of a key of the top level, of a mapping or an item of a
 * list there, */
struct place place_top(const char *key);
struct place place_mapping(const char *mapping);
struct place place_item(const char *list, size_t item);

/* and of a key of the mapping `at`. */
struct place place_key(struct place at, const char *key);

/*
 * Read `len` octets of YAML 1.1, checked by config_octets_check(), as one
 * document without anchors, aliases and tags, and no deeper than
 * LIMIT_CONFIG_DEPTH.
 *
 * Returns STATUS_OK, or STATUS_MALFORMED, STATUS_REFUSED or STATUS_LIMIT with
 * a `problem` that has file, line and column.  `path` and `text` must stay
 * while the document is used; end it with document_fini().
 */
enum status document_load(const char *path, const char *text, size_t len,
    struct document *ret_document, struct problem *problem);

void document_fini(struct document *document);

/*
 * Put "FILE:LINE:COLUMN: " in front of `problem`: of a node, or of the
 * nearest thing to `place` that was written (a default has no place).
 */
void document_blame_node(const struct document *document,
    const yaml_node_t *node, struct problem *problem);
void document_blame(const struct document *document, struct place place,
    struct problem *problem);

/* Return true if something was written at `place`. */
bool document_has(const struct document *document, struct place place);

/* Return the one value that was written at `place`, borrowed, or NULL. */
const char *document_text(const struct document *document, struct place place);

/* Return the line (from 1) that document_blame() would name. */
size_t document_line(const struct document *document, struct place place);

/* Return the node at `index` of a pair or an item; never NULL. */
const yaml_node_t *document_node(const struct document *document, int index);

#endif
