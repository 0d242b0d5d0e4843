/* SPDX-License-Identifier: MIT */
#ifndef SCAN_UNREST_H
#define SCAN_UNREST_H

/*
 * What happens to a lineage: of ten thousand, to a few at a time, so that it
 * is kept as long as it counts.  Times are those of loop_now().
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/fingerprint.h"

struct unrest {
	int64_t since;        /* first event not yet judged, or 0 */
	int64_t failed_since; /* or 0: it is good */
	int64_t odd_since;    /* likewise, of a warning; 0: there is none */
	struct fingerprint written; /* of what was written and closed last */
	int64_t written_at;         /* when that was */
	unsigned closes;            /* since it was looked at last */
	struct fingerprint ban;     /* of a file that is left alone ... */
	int64_t banned_until;       /* ... until then */
};

/* Return it, or for NULL one of all zeros. */
const struct unrest *unrest_of(const struct unrest *unrest);

/* Return *at, made if it is NULL; unrest_settle() or free() it. */
struct unrest *unrest_make(struct unrest **at);

/* It was looked at, with nothing to follow: free what counts no more. */
void unrest_settle(struct unrest **at);

/*
 * Beside the chain, which `file` (NULL: unknown) leads to, an entry of this
 * name was written and closed; NULL: something else came, or is being written.
 */
void unrest_written(struct unrest **at, const char *file, const char *name);

/* Leave a file alone that has this fingerprint, until then. */
void unrest_ban(
    struct unrest **at, const struct fingerprint *print, int64_t until);

/* Return true if it is left alone now. */
bool unrest_bans(const struct unrest *unrest, const struct fingerprint *print);

#endif
