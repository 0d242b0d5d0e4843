/* SPDX-License-Identifier: MIT */
#ifndef WALL_FOCUS_H
#define WALL_FOCUS_H

/*
 * Which file is read now, in memory that who reads has in common with who
 * answers: it says so when who reads has died of it, and costs no message while
 * he lives.  What is in it is believed no more than a message.
 * Threads: one at a time in each process.
 */

#include <stdbool.h>

#include "base/fingerprint.h"

struct focus;

/*
 * Make one, with nothing in it, and a descriptor to map it by in a program that
 * is executed; NULL with errno.  Processes that are forked have it.
 */
struct focus *focus_new(int *ret_fd);

/* The same memory by its descriptor, which stays; or NULL with errno. */
struct focus *focus_map(int fd);

void focus_unmap(struct focus *focus);

/*
 * The file of the lineage `name`, of LIMIT_NAME octets at most, is going to be
 * read; focus_end(): it was.
 */
void focus_begin(struct focus *focus, unsigned source, const char *name,
    const struct fingerprint *print);
void focus_end(struct focus *focus);

/*
 * Take out what is read, and leave nothing in it; false: nothing is, or what
 * is there makes no sense.  free() *ret_name.
 */
bool focus_take(struct focus *focus, unsigned source_count,
    unsigned *ret_source, char **ret_name, struct fingerprint *ret_print);

#endif
