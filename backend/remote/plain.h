/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_PLAIN_H
#define REMOTE_PLAIN_H

/*
 * The reader of plain request lines: flat, and without escapes; see
 * remote/request.h.  Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PLAIN_MAX = 2048,  /* octets of a line read in place */
	PLAIN_FIELDS = 12, /* parameters of a plain line */
};

/* One parameter of a plain line. */
struct plain_field {
	const char *name; /* into `line`, NUL-terminated */
	const char *text; /* the same; NULL if it is no string */
	bool is_number;
	int64_t number;
};

/* A plain line, taken apart in place; not to be moved. */
struct plain {
	char line[PLAIN_MAX + 1];
	const char *method; /* into `line` */
	struct plain_field fields[PLAIN_FIELDS];
	size_t field_count;
};

/*
 * Read a line.  Returns false, with *ret_plain in any state, if it is not
 * plain: no judgement on whether it is right.
 */
bool plain_read(const char *line, size_t len, struct plain *ret_plain);

/* Return the parameter, borrowed, or NULL. */
const struct plain_field *plain_find(
    const struct plain *plain, const char *name);

#endif
