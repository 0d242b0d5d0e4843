/* SPDX-License-Identifier: MIT */
#ifndef SCAN_HOOKS_H
#define SCAN_HOOKS_H

#include <stdint.h>

/* What the scanner tells its owner, and the time that it has from there. */
struct scan_hooks {
	/*
	 * Seconds since 1970, for what is to be noted in the store, where all
	 * that was noted before the clock was set has moved along.
	 */
	int64_t (*now)(void *arg);
	/* The store changed, so that a snapshot may differ. */
	void (*changed)(void *arg);
	/* Every lineage has been looked at once since scan_start(). */
	void (*complete)(void *arg);
	void *arg;
};

#endif
