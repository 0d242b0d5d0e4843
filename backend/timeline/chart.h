/* SPDX-License-Identifier: MIT */
#ifndef TIMELINE_CHART_H
#define TIMELINE_CHART_H

/*
 * A timeline in characters, for a terminal: a line for each bar, above them
 * what the marks are, below them dates.  Pure.  Threads: any, nothing is
 * shared.
 */

#include "base/buf.h"
#include "cli/terminal.h"
#include "timeline/timeline.h"

enum {
	CHART_LEAST = 40, /* columns; in fewer nothing is drawn */
	CHART_MOST = 132, /* that are used */
};

/*
 * Append the lines, indented by two columns, if anything is published and the
 * terminal is one, and wide enough.
 */
void chart_add(struct buf *text, const struct timeline *timeline,
    const struct terminal *terminal);

/* The same to a stream. */
void chart_print(const struct timeline *timeline,
    const struct terminal *terminal, FILE *stream);

#endif
