/* SPDX-License-Identifier: MIT */
#ifndef TREE_H
#define TREE_H

/*
 * A temporary directory with what a test puts into it.  All names are below
 * the root of the tree.  A failure inside fails the test that runs.
 */

#include <stddef.h>

struct tree {
	char *root; /* absolute, no trailing slash */
};

void tree_init(struct tree *tree);

/* Remove it with everything in it. */
void tree_fini(struct tree *tree);

/* Return the full path of `name`; free() it. */
char *tree_path(const struct tree *tree, const char *name);

/* Make a directory and those above it. */
void tree_make(const struct tree *tree, const char *name);

/* Write a file in place, a new one or over what is there. */
void tree_write(const struct tree *tree, const char *name, const char *text);
void tree_write_octets(
    const struct tree *tree, const char *name, const void *data, size_t len);

/* Append to a file. */
void tree_append(const struct tree *tree, const char *name, const char *text);

/* Make a symbolic link to `target`, which is taken as it is. */
void tree_link(const struct tree *tree, const char *target, const char *name);

void tree_rename(const struct tree *tree, const char *from, const char *to);
void tree_chmod(const struct tree *tree, const char *name, unsigned mode);

/* Remove a file, a link, or a directory with everything in it. */
void tree_remove(const struct tree *tree, const char *name);

#endif
