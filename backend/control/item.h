/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_ITEM_H
#define CONTROL_ITEM_H

/*
 * What the daemon says of itself, of a lineage, a service, a zone: each a JSON
 * object, as JSON OF STATUS in pdns-tlsa(8) has it.  Threads: one at a time.
 */

#include <jansson.h>

#include "engine/engine.h"
#include "reports/postbox.h"

/* Goes up when a member leaves, or means something else. */
enum { ITEM_SCHEMA = 1 };

/* Who is asked. */
struct control {
	struct engine *engine;
	int64_t started;               /* seconds since 1970 */
	unsigned locks;                /* that hold us: see wall/confine.h */
	const struct postbox *postbox; /* TLS reports; may be NULL */
};

/* Return what is said of the daemon as of `now` (seconds since 1970), new. */
json_t *item_status(const struct control *control, int64_t now);

/* Or a part of it, if `scope` has no room for more; see control/parts.h. */
json_t *item_lineage(const struct control *control,
    const struct lineage *lineage, const struct safety_scope *scope);

/* Of the service number `at` of the store. */
json_t *item_service(const struct control *control, size_t at, int64_t now);

/* Its RRset over time; see timeline/wire.h, with "port" and "transport". */
json_t *item_timeline(const struct control *control, size_t at, int64_t now);

/* Of the zone number `at` of the configuration; NULL: nothing is published. */
json_t *item_zone(const struct control *control, size_t at);

#endif
