/* SPDX-License-Identifier: MIT */
#ifndef SCAN_HOOKS_H
#define SCAN_HOOKS_H

#include "report/report.h"

/* What the scanner tells its owner. */
struct scan_hooks {
	/*
	 * The file of a lineage is going to be read, and what comes of it is
	 * the next call; NULL: nobody asks.
	 */
	void (*looking)(unsigned source, const char *name, const char *file,
	    const struct fingerprint *print, void *arg);
	/* Nothing can be said of it yet; NULL as well. */
	void (*idle)(void *arg);
	/* A lineage was looked at; what is in `report` may be taken out. */
	void (*looked)(struct report *report, void *arg);
	/* A source cannot be read (`problem`), or can again (NULL). */
	void (*source)(unsigned source, const char *problem, void *arg);
	/* Every lineage has been looked at once since scan_start(). */
	void (*complete)(void *arg);
	void *arg;
};

#endif
