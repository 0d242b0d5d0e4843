/* SPDX-License-Identifier: MIT */
#ifndef VIA_RECEIVE_H
#define VIA_RECEIVE_H

/*
 * The receiving side of one conversation with `deploy --via` on another host:
 * takes a lineage into the store of a source of type `remote`, waits with the
 * running daemon until it is safe, and hands on the report that it is served.
 * Says nothing of anything else here.  Threads: one at a time.
 */

#include <stdbool.h>

#include "config/config.h"
#include "net/resolver.h"
#include "via/bounds.h"

struct receive_wish {
	const struct config *config;
	const struct config_source *source; /* one of its own */
	const struct bounds *bounds;
	const struct resolver_origin *origin; /* where look-ups begin */
};

/*
 * Have the conversation over the two descriptors.  Returns true if the other
 * side got what it came for; else it was told, or is gone, and so is the log.
 */
bool receive_run(const struct receive_wish *wish, int in, int out);

/* Say no more than that it is refused, for what is wrong on this side. */
void receive_refuse(int out, const char *text);

#endif
