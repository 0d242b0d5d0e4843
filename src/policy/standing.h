/* SPDX-License-Identifier: MIT */
#ifndef POLICY_STANDING_H
#define POLICY_STANDING_H

/*
 * Where the generations of one lineage stand for one service: who may present
 * them now, and until when.  Pure.
 * Threads: one at a time.
 */

#include "policy/association.h"

struct standing {
	const struct policy_input *input; /* borrowed */
	const struct lineage *lineage;    /* borrowed */
	const struct generation *current; /* NULL: none is accepted */
	int64_t end; /* when all of it goes, for it was deleted */
};

struct standing standing_of(
    const struct policy_input *input, const struct lineage *lineage);

/* A generation that was replaced, and is accepted. */
bool standing_is_old(
    const struct standing *standing, const struct generation *generation);

/* How long it stays: INT64_MAX, or seconds since 1970. */
int64_t standing_until(
    const struct standing *standing, const struct generation *generation);

/*
 * Who waits until a renewal is safe still serves what was there before: every
 * generation down to the first that was current for the hold time.  One that
 * is not published is never safe.
 */
bool standing_is_awaited(
    const struct standing *standing, const struct generation *generation);

/* When the current generation is safe by itself; INT64_MAX: never. */
int64_t standing_safe(const struct standing *standing);

#endif
