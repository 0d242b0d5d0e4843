/* SPDX-License-Identifier: MIT */
#ifndef TIMELINE_WIRE_H
#define TIMELINE_WIRE_H

/*
 * A timeline on its way from the daemon to a command, as JSON:
 *
 *	{"now", "from", "to", "bars": [{"data", "why", "class", "since",
 *	  "hold", "until"}], "marks": [{"event", "when"}]}
 *
 * Times are seconds since 1970; "until" is null while it is open.
 * Threads: any, nothing is shared.
 */

#include <jansson.h>

#include "timeline/timeline.h"

/* Return it as JSON, new. */
json_t *timeline_json(const struct timeline *timeline);

/*
 * Read what timeline_json() made, or anything else: false if it is none that
 * could be drawn.  To be ended by timeline_fini().
 */
bool timeline_read(const json_t *json, struct timeline *ret_timeline);

#endif
