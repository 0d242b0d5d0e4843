/* SPDX-License-Identifier: MIT */
#ifndef POLICY_COVER_H
#define POLICY_COVER_H

/*
 * The smallest regret: of units of records, of which only so many records fit,
 * those that cover as many demands as can be, the first ones before all.
 * Knows nothing of certificates.  Pure.  Threads: any.
 */

#include <stdbool.h>
#include <stddef.h>

/* Numbers of records, each once: all are chosen, or the unit is not. */
struct cover_unit {
	const unsigned *records;
	size_t count;
	bool is_forced; /* chosen whatever the room */
};

/* Units each of which covers it, the one that is liked best first. */
struct cover_demand {
	const unsigned *units;
	size_t count;
	/* Covered beyond the room if need be; such are the first ones. */
	bool is_must;
};

struct cover {
	const struct cover_unit *units;
	size_t unit_count;
	const struct cover_demand *demands; /* in order of priority */
	size_t demand_count;
	const unsigned *extras; /* units for the room that is left, in order */
	size_t extra_count;
	size_t record_count;
	size_t room; /* records */
};

/* Looks at a demand, of all searches in one call of cover_choose(). */
enum { COVER_LOOKS = 1000000 };

/*
 * Choose: set ret_chosen[record] and ret_covered[demand].  A demand is given up
 * only if no choice of at most `room` records, or of no more than what is
 * forced or must be, covers it and all those before it that are covered; or if
 * COVER_LOOKS were not enough to find one, which takes some dozens of demands
 * that no one unit covers together.  Time: that of COVER_LOOKS, and of a few
 * looks more at each demand and unit.
 */
void cover_choose(
    const struct cover *cover, bool *ret_chosen, bool *ret_covered);

#endif
