/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_ENTRIES_H
#define SOURCE_ENTRIES_H

/*
 * What stores have in common: directories, what their entries stand for, and
 * files that belong together.  Threads: any, nothing is shared.
 */

#include <stddef.h>

#include "source/kind.h"

/*
 * Return `file` with the beginning `from` of its last component replaced by
 * `to`, as fullchain7.pem and privkey7.pem are a pair; NULL if it begins
 * otherwise; free() it.
 */
char *source_sibling(const char *file, const char *from, const char *to);

/*
 * Call `found` for each entry of a directory that is not hidden, up to `limit`;
 * the entry's full path comes with it.
 *
 * Returns STATUS_OK, or with `problem` STATUS_ABSENT, STATUS_IO, or
 * STATUS_LIMIT if there are more.
 */
enum status source_list(const char *directory, size_t limit,
    void (*found)(const char *name, const char *path, void *arg), void *arg,
    struct problem *problem);

/*
 * Which lineage an entry of a directory stands for: its name, or NULL; free()
 * it.
 */
typedef char *source_name_of(const char *entry, const char *path);

/* Call `found` for each lineage in a directory; returns what source_list()
 * does. */
enum status source_find(const char *directory, source_name_of *name_of,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem);

/* A source_name_of: each directory, or what may be one, is a lineage. */
char *source_name_directory(const char *entry, const char *path);

/* Return NAME of the entry NAME`suffix`, or NULL: hidden or other; free() it.
 */
char *source_stem(const char *entry, const char *suffix);

/*
 * Say whether somebody removed all of `parts` from `directory`.  What is
 * missing may be about to be written again, and a directory in which nothing
 * else is left is what a file system leaves that is no longer mounted.  Where a
 * client keeps other things beside its lineages, `name_of` says what is one;
 * NULL: anything.
 *
 * Returns STATUS_ABSENT if they were removed, STATUS_OK if not, or STATUS_IO
 * with `problem`.
 */
enum status source_removed(const char *directory, const struct paths *parts,
    source_name_of *name_of, struct problem *problem);

/*
 * Locate DIRECTORY/NAME/FILE, for a store in which each lineage has a
 * directory, which is a candidate, and deleted when it was removed; `name_of`
 * as for source_removed().
 * Returns what a source's locate() does.
 */
enum status source_locate_in(const char *directory, const char *name,
    const char *file, source_name_of *name_of, struct location *ret_location,
    struct problem *problem);

/*
 * Some clients keep the next private key beside the certificate.  That is
 * never opened: a hook puts its public half there (pdns-tlsa(8)).
 */
void source_add_public(struct location *location, const char *directory);

/*
 * Return the directory with the role, for a store that keeps its lineages in
 * the directory `below` of it, or in itself if that is NULL; NULL if none has
 * it; free() it.
 */
char *source_directory(
    const char *path, const char *below, enum source_role role);

#endif
