/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_PROGRESS_H
#define DEPLOY_PROGRESS_H

/*
 * What people see of a lineage that is waited for: a line that changes on a
 * terminal, else one in the log about each new reason.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *lineage; /* its name; borrowed */
	bool is_terminal;
	char told[512]; /* the reason that is in the log */
};

void progress_begin(struct progress *progress, const char *lineage);

/*
 * It is not safe yet, but in `remaining` seconds (0: nobody knows), because of
 * `state`.  `is_news`: that is for the log as well.
 */
void progress_show(struct progress *progress, int64_t remaining,
    const char *state, bool is_news);

void progress_end(const struct progress *progress);

#endif
