/* SPDX-License-Identifier: MIT */
#include "pace.h"

#include "loop/loop.h"

int64_t
pace_retry_at(int64_t failed_since)
{
	int64_t now = loop_now();
	int64_t after = now - failed_since;

	if (after < GRACE)
		return failed_since + GRACE;
	return now + (after < RESCAN ? after : RESCAN);
}
