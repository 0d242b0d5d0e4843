/* SPDX-License-Identifier: MIT */
#ifndef CLOCK_H
#define CLOCK_H

/*
 * Whether somebody set the clock: the time of day against the time since boot,
 * which goes on in sleep and is never set.  Threads: one at a time.
 */

#include <stdint.h>

struct clock {
	int64_t offset; /* of one to the other, seconds */
};

void clock_begin(struct clock *clock);

/*
 * Return by how many seconds the clock was set since the last call that
 * returned some; 0 for what may be a drift.
 */
int64_t clock_step(struct clock *clock);

#endif
