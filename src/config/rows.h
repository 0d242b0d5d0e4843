/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_ROWS_H
#define CONFIG_ROWS_H

/*
 * The keys of pdns-tlsa.yaml(5), one row for each: what may be written there,
 * what it is if nothing is, and what of struct config says so.  They feed the
 * reader, the defaults, `config show`, what frees it all, and the test of the
 * manual.  Constants.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "config/config.h"
#include "type.h"

enum row_kind {
	ROW_VALUE,
	ROW_LIST,   /* of values, one at least; shown in one line */
	ROW_LINES,  /* of values or mappings; shown one a line */
	ROW_PART,   /* a mapping */
	ROW_EITHER, /* a mapping, or the value of its first row alone */
};

enum row_need { OPTIONAL, REQUIRED };

/* Offsets are those in the structure that the row's mapping fills. */
struct row {
	const char *key;
	enum row_kind kind;
	enum row_need need;      /* wherever the mapping is written */
	const struct type *type; /* of each value; NULL: it is a mapping */
	size_t member;           /* offset of the value, the array, the part */
	size_t count;            /* offset of the number of an array's items */
	/* What it is if it is not written: a text, or some, and NULL. */
	const char *const *usual;

	/* Of a mapping, in the order of the manual and of `config show`. */
	const struct row *rows;
	size_t row_count;
	size_t size; /* of the structure that an item of a list fills */
	/* What is there before anything is read; NULL: zeroes. */
	void (*begin)(struct config *config, void *part);
	/*
	 * Whether a key may be written, or else `problem`, and then nothing is
	 * usual; NULL: it may.
	 */
	bool (*may)(const void *part, const char *key, struct problem *problem);
	/*
	 * What remains to be done after all was read.  Returns NULL; or the
	 * key that is refused, with `problem`.
	 */
	const char *(*end)(void *part, struct problem *problem);
};

/* The whole file, a mapping which fills a struct config. */
extern const struct row config_row;

bool row_is_list(const struct row *row);

/* The octets of one item of a list. */
size_t row_item_size(const struct row *row);

/* Return how many items a list has, and where they are. */
size_t row_items(const struct row *row, const void *part, char **ret_items);

#endif
