/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXTS_H
#define BASE_TEXTS_H

/*
 * A set of short texts, such as the RDATA of one RRset in presentation form,
 * made for comparing two of them.  Pure.  Threads: one at a time.
 * A zeroed struct is an empty set.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct texts {
	char **list; /* owned, in strcmp() order, each once */
	size_t count;
};

void texts_fini(struct texts *texts);

/* Add a copy of `text` in lower case (ASCII), unless it is there. */
void texts_add(struct texts *texts, const char *text);

/* Add it as it is, where case matters: texts_has() may not find it then. */
void texts_add_exact(struct texts *texts, const char *text);

/* Return true if `text`, in lower case, is there. */
bool texts_has(const struct texts *texts, const char *text);

/* Return true if both hold the same. */
bool texts_equal(const struct texts *a, const struct texts *b);

/* Return how many of `some` are missing from `from`. */
size_t texts_missing(const struct texts *some, const struct texts *from);

/*
 * Append the texts that `except` (may be NULL) does not hold, each in quotes,
 * with a comma between them; "nothing" if there are none.
 */
void texts_format(
    const struct texts *texts, const struct texts *except, struct buf *line);

#endif
