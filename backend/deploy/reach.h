/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_REACH_H
#define DEPLOY_REACH_H

/*
 * Where a generation of a lineage will be presented, as the configuration has
 * it.  Pure.  Threads: one at a time.
 */

#include <stddef.h>

#include "config/config.h"
#include "deploy/newest.h"

enum { REACH_MAX = 32 }; /* services of one lineage that are looked at */

struct reach_service {
	char *host; /* with final dot */
	struct port port;
};

struct reach {
	struct reach_service list[REACH_MAX];
	size_t count;
};

/*
 * Find the services that name the lineage, or that name none and whose host
 * its leaf covers; those of `discover` besides.  End it with reach_fini().
 */
void reach_find(const struct config *config, const struct newest *newest,
    struct reach *ret_reach);

void reach_fini(struct reach *reach);

#endif
