/* SPDX-License-Identifier: MIT */
#ifndef LOOP_CLOCK_H
#define LOOP_CLOCK_H

/*
 * Whether somebody set the clock: the time of day against the time since boot,
 * which goes on in sleep and is never set.  What was found is kept in a file of
 * the state directory, `clock`, so that a clock that was set while nobody ran
 * is noticed as well.
 *
 * After a boot nobody can tell how long the machine was off: the hardware clock
 * may be days ahead until NTP sets it.  That time counts as if the clock had
 * been set by all of it, so that nothing on record grows older by it; what is
 * retained stays for so much longer, and what waits goes on waiting.
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
 * Return the time of day, seconds since 1970, without a step that clock_step()
 * has not told of yet: what is compared with times that go along with steps
 * must be of the same side of each.
 */
int64_t clock_now(const struct clock *clock);

/*
 * Return by how many seconds the clock was set since the last call that
 * returned some; 0 for what may be a drift.
 */
int64_t clock_step(struct clock *clock);

/* What is to be said of the time since clock_keep(). */
enum clock_known {
	CLOCK_UNKNOWN, /* nothing was kept */
	CLOCK_SET,     /* by so many seconds, 0 for what may be a drift */
	/* So many seconds ago, by a clock nobody vouches for; or an uptime. */
	CLOCK_BOOTED,
};

enum clock_known clock_kept_step(
    const struct clock *clock, const char *directory, int64_t *ret_step);

/* Keep how the clock is now; false: what was kept before is, and is wrong. */
bool clock_keep(const struct clock *clock, const char *directory);

#endif
