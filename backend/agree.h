/* SPDX-License-Identifier: MIT */
#ifndef AGREE_H
#define AGREE_H

/*
 * Whether every name server of the zones concerned serves an RRset that the
 * newest generation of a lineage matches, for `wait --servers` and `deploy
 * --servers`.  Blocks.
 * Threads: one at a time.
 */

#include "config.h"
#include "newest.h"
#include "resolver.h"
#include "status.h"

/*
 * Ask for each service of the lineage, again and again until all serve it or
 * loop_now() has come to `end`, but once at least.
 *
 * Returns STATUS_OK; STATUS_BUSY if one does not serve it yet, or does not
 * answer; or STATUS_IO if nothing can be asked at all; with `problem`.
 */
enum status servers_await(const struct config *config,
    const struct newest *newest, const struct resolver_origin *origin,
    int64_t end, struct problem *problem);

#endif
