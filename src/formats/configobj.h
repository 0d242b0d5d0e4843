/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_CONFIGOBJ_H
#define FORMATS_CONFIGOBJ_H

/*
 * The dialect of Python's ConfigObj, in which certbot keeps its settings:
 * "key = value" lines, "#" comments, quotes around values, lists with commas,
 * values in triple quotes over several lines, [section] and [[subsection]].
 * Interpolation - %(name)s - is not done.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* One key and its value; valid during the call that shows it. */
struct configobj_entry {
	const char *path;  /* names of its sections, a NUL behind each; key */
	size_t path_len;   /* octets without the NUL behind the key */
	const char *key;   /* where in `path` the key begins; NUL-terminated */
	const char *value; /* without quotes; of a list: its first member */
	size_t value_len;  /* octets; none of them is NUL */
	bool is_list;
};

typedef enum status configobj_take(
    const struct configobj_entry *entry, void *arg, struct problem *problem);

/*
 * Read `len` octets of text and show each key to `take`, in order, until it
 * returns something else than STATUS_OK.
 *
 * Returns STATUS_OK, or what `take` returned, or STATUS_MALFORMED: NUL octet,
 * quote that is not closed, brackets that do not match, name of a section or
 * key that is twice in its section or longer than 1024 octets with those of
 * the sections around it, line that is neither comment nor header nor key =
 * value.  `problem` begins with the number of the line.
 */
enum status configobj_read(const char *text, size_t len, configobj_take *take,
    void *arg, struct problem *problem);

#endif
