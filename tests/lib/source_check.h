/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_CHECK_H
#define SOURCE_CHECK_H

/*
 * What the unit tests of all kinds of stores do.  The store is the root of the
 * tree.  A failure inside fails the test that runs.
 */

#include <stdbool.h>
#include <stddef.h>

#include "source/source.h"
#include "tree.h"

/* The source at `path`, as the configuration has it by default; borrowed. */
struct config_source source_check_source(char *path);

/* The teardown of a test whose state is the tree. */
int source_check_end(void **state);

/*
 * Return what is found, sorted and with a blank behind each name: "mail web ";
 * free() it.
 */
char *source_check_discover(const struct source_ops *ops,
    const struct tree *tree, enum status expected);

/* A store that does not exist is told from an empty one. */
void source_check_absent(const struct source_ops *ops, const struct tree *tree);

/* It must be just these. */
void source_check_found(const struct source_ops *ops, const struct tree *tree,
    const char *expected);

/* The same, with this status, while `name` is closed to us; it may skip. */
void source_check_found_locked(const struct source_ops *ops,
    const struct tree *tree, const char *name, enum status status,
    const char *expected);

/* A status other than STATUS_OK must leave *ret_location alone. */
enum status source_check_locate(const struct source_ops *ops,
    const struct tree *tree, const char *name, struct location *ret_location);

/* Return that status alone. */
enum status source_check_status(
    const struct source_ops *ops, const struct tree *tree, const char *name);

/*
 * Locate it; its file and where links lead must be these names below the tree,
 * both watched, without a warning.
 */
void source_check_located(const struct source_ops *ops, const struct tree *tree,
    const char *name, const char *file, const char *target);

/* The paths below the tree must be just these names, with a blank behind each.
 */
void source_check_paths(
    const struct tree *tree, const struct paths *paths, const char *expected);

/* Return true if `name` below the tree is one of the paths. */
bool source_check_has(
    const struct tree *tree, const struct paths *paths, const char *name);

/* What an entry of a directory of the store means. */
struct source_check_entry {
	const char *why;
	enum source_role role;
	const char *entry;
	const char *lineage; /* or NULL */
	bool discover;
};

void source_check_entries(const struct source_ops *ops,
    const struct source_check_entry *cases, size_t count);

/* The plan in words: "unknown", "new key", "reused key"; then ", " and "RSA" or
 * "ECDSA"; then ", " and the server. */
void source_check_plan(const struct source_ops *ops, const struct tree *tree,
    const char *name, const char *expected);

/* Where the key of the chain at `file` is, both names below the tree. */
void source_check_key(const struct source_ops *ops, const struct tree *tree,
    const char *name, const char *file, const char *expected);

/*
 * Become somebody without rights while `name` has the mode.  Returns false if
 * that is not possible: skip then.
 */
bool source_check_lock(
    const struct tree *tree, const char *name, unsigned mode);
void source_check_unlock(const struct tree *tree, const char *name);

#endif
