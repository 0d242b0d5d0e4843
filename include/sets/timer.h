/* SPDX-License-Identifier: MIT */
#ifndef SETS_TIMER_H
#define SETS_TIMER_H

/*
 * Many points in time in their order; each belongs to one item.  The unit and
 * the clock are the caller's.  Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "sets/trie.h"

struct timer {
	int64_t when;         /* >= 0 */
	uint64_t number : 63; /* keeps equal times apart, first set first */
	uint64_t is_set : 1;
	void *item; /* borrowed */
};

struct timers {
	struct trie rows; /* when, number -> struct timer */
	uint64_t next_number;
};

void timers_init(struct timers *timers);
void timers_fini(struct timers *timers);

/* Set or move `timer`, which must stay in place while it is set. */
void timers_set(
    struct timers *timers, struct timer *timer, int64_t when, void *item);

/* Clear it; it need not be set. */
void timers_clear(struct timers *timers, struct timer *timer);

/* Return the earliest timer, or NULL. */
struct timer *timers_first(const struct timers *timers);

#endif
