/* SPDX-License-Identifier: MIT */
#ifndef CLOCK_H
#define CLOCK_H

/*
 * Whether somebody set the clock: the time of day against the time since boot,
 * which goes on in sleep and is never set.  What was found is kept in a file of
 * the state directory, `clock`, so that a clock that was set while nobody ran
 * is noticed as well, as long as the machine was not booted meanwhile.
 *
 * Threads: one at a time.
 */

#include <stdbool.h>
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

/*
 * Say by how many seconds it was set since clock_keep() in this directory; 0
 * for what may be a drift.  False: nobody knows, for nothing was kept since the
 * machine was booted.
 */
bool clock_kept_step(const char *directory, int64_t *ret_step);

/* Keep how the clock is now; what fails is not known later. */
void clock_keep(const char *directory);

#endif
