/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

/*
 * The configuration file as a tree of YAML in which each node knows where it
 * stood, and what is wrong with it.  Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum node_kind {
	NODE_TEXT,
	NODE_LIST,
	NODE_MAPPING,
};

struct node {
	enum node_kind kind;
	uint32_t line; /* from 1, as people count; so does the column */
	uint32_t column;
	uint32_t count; /* octets of a text; items; keys and values */
	union {
		char *text;         /* with a NUL behind it, maybe within */
		struct node *items; /* of a mapping: a key, its value, ... */
	};
};

/* A text that was read, or the reason why it cannot be used. */
struct document {
	const char *path; /* borrowed; the name in messages */
	struct node root;
	struct problem *problem; /* "FILE:LINE:COLUMN: reason"; may be NULL */
};

/*
 * Read `len` octets of UTF-8 and YAML 1.1, as one document without control
 * characters, anchors, aliases and tags, and no deeper than LIMIT_CONFIG_DEPTH.
 *
 * document: path and problem are set, the rest is zero; end it with
 * document_fini() in any case.  Returns false if it was refused.
 */
bool document_read(struct document *document, const char *text, size_t len);

void document_fini(struct document *document);

/*
 * Return the value at `key` of a mapping, or item `index` of a list; `node`
 * itself if it has none: the nearest thing that was written.
 */
const struct node *node_at(const struct node *node, const char *key);
const struct node *node_item(const struct node *node, size_t index);

/* Say why `node` is refused; returns false, for the caller to return. */
bool document_refuse(const struct document *document, const struct node *node,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same with the reason that the problem has already. */
bool document_blame(const struct document *document, const struct node *node);

#endif
