/* SPDX-License-Identifier: MIT */
#ifndef WAIT_H
#define WAIT_H

/*
 * Waiting until the newest generation of a lineage is safe to serve, as the
 * running daemon says; for `wait` and `deploy`.
 */

#include "config.h"
#include "newest.h"

/*
 * Wait at most `timeout` seconds (-1: as long as it takes), with a line of
 * progress on a terminal.
 *
 * Returns STATUS_OK and what is safe, ended with newest_fini(); STATUS_BUSY:
 * not yet; or what hinders, with `problem`.
 */
enum status wait_until_safe(const struct config *config, const char *lineage,
    int64_t timeout, struct newest *ret_newest, struct problem *problem);

#endif
