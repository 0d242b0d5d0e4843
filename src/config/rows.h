/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_ROWS_H
#define CONFIG_ROWS_H

/*
 * The keys of pdns-tlsa.yaml(5), one row for each: what may be written there,
 * what it is if nothing is, and what of struct config says so.  They feed the
 * reader, the defaults, `config show`, and the test of the manual.  Constants.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "config/config.h"
#include "type.h"

enum row_kind {
	ROW_VALUE,
	ROW_LIST,   /* of values, one at least; shown in one line */
	ROW_LINES,  /* of values; shown one a line */
	ROW_PART,   /* a mapping with rows of its own */
	ROW_PARTS,  /* a list of such */
	ROW_EITHER, /* a mapping, or the value of its first row alone */
};

enum row_need { OPTIONAL, REQUIRED };

/* Offsets are those in the structure that the row's mapping fills. */
struct row {
	const char *key;
	enum row_kind kind;
	enum row_need need;      /* wherever the mapping is written */
	const struct type *type; /* of each value */
	size_t member;           /* offset of the value, the array, the part */
	size_t count;            /* offset of the number of an array's items */
	const struct rows *rows; /* of each mapping */
	/*
	 * What it is if it is not written, the items of a list separated by
	 * ", ".  It does not count within ROW_PARTS.
	 */
	const char *fallback;
};

/* The rows of a mapping, in the order of the manual and of `config show`. */
struct rows {
	const struct row *list;
	size_t count;
	size_t size; /* of the structure that an item of ROW_PARTS fills */
	/* What is there before anything is read; NULL: zeroes. */
	void (*begin)(struct config *config, void *part);
	/* Whether a key may be written, or else `problem`; NULL: it may. */
	bool (*may)(const void *part, const char *key, struct problem *problem);
	/*
	 * What remains to be done after all was read.  Returns NULL; or the
	 * key that is refused, with `problem`.
	 */
	const char *(*end)(void *part, struct problem *problem);
};

/* The whole file, which fills a struct config. */
extern const struct rows config_rows;

#endif
