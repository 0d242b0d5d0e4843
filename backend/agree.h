/* SPDX-License-Identifier: MIT */
#ifndef AGREE_H
#define AGREE_H

/*
 * Whether every name server of the zones concerned serves an RRset that the
 * newest generation of a lineage matches, for `wait --servers`.  Blocks.
 * Threads: one at a time.
 */

#include "config.h"
#include "newest.h"
#include "status.h"

/*
 * Ask, once, for each service of the lineage, from the trust anchor down
 * (NULL: the system's).
 *
 * Returns STATUS_OK; STATUS_BUSY if one does not serve it yet, or does not
 * answer; or STATUS_IO if nothing can be asked at all; with `problem`.
 */
enum status servers_agree(const struct config *config,
    const struct newest *newest, const char *trust_anchor,
    struct problem *problem);

#endif
