/* SPDX-License-Identifier: MIT */
#ifndef SCAN_PACE_H
#define SCAN_PACE_H

/* How long the scanner waits for what. */

#include <stdint.h>

/* Milliseconds. */
enum {
	SETTLE = 5,     /* of quiet before a change is judged */
	FLIPS = 20,     /* between two that are judged without quiet */
	WRITING = 1000, /* grace for a file that is being written */
	GRACE = 1000,   /* before a failure is believed */
	RESCAN = 60000, /* in case inotify lost an event */
};

/*
 * Return when to look again at what has failed since then (loop_now()): what is
 * wrong may be the machine's, such as no descriptor left, and nobody tells when
 * that ends.
 */
int64_t pace_retry_at(int64_t failed_since);

#endif
