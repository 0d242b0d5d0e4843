/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <time.h>

enum { STEP = 10 /* seconds that are no drift */ };

static int64_t
offset_now(void)
{
	struct timespec boot;

	(void)clock_gettime(CLOCK_BOOTTIME, &boot);
	return (int64_t)time(NULL) - boot.tv_sec;
}

void
clock_begin(struct clock *clock)
{
	clock->offset = offset_now();
}

int64_t
clock_step(struct clock *clock)
{
	int64_t offset = offset_now();
	int64_t step = offset - clock->offset;

	if (step <= STEP && step >= -STEP)
		return 0;
	clock->offset = offset;
	return step;
}
