/* SPDX-License-Identifier: MIT */
#ifndef VIA_SEND_H
#define VIA_SEND_H

/*
 * The sending side: the lineage goes to another host, whose daemon publishes
 * it, and comes into service here when that says so.  A connection that breaks
 * is taken up again.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "config/config.h"
#include "deploy/newest.h"

struct send_wish {
	const struct config *config;
	const char *lineage;     /* its name, or its directory */
	const char *destination; /* as ssh_parse() made it */
	bool is_servers;         /* until every name server serves it */
	int64_t end; /* loop_now() when it is given up; INT64_MAX: never */
};

/*
 * Read `--via`; see ssh_parse().  Returns false with `problem`.
 */
bool send_parse(
    const char *text, char **ret_destination, struct problem *problem);

/*
 * Send the newest generation, and wait until it is safe, with progress as
 * wait_until_safe() shows it.  What is newer meanwhile is sent instead.
 *
 * Returns STATUS_OK and what is safe, ended with newest_fini(); STATUS_BUSY:
 * not yet; STATUS_REFUSED: the other host will not have it; STATUS_IO: it
 * cannot be talked to; or what reading the lineage returned; with `problem`.
 */
enum status send_until_safe(const struct send_wish *wish,
    struct newest *ret_newest, struct problem *problem);

/*
 * Report that servers present it; `is_unsure`: a run before was killed while it
 * told one.  Returns STATUS_OK, or the same with `problem`.
 */
enum status send_report(const struct send_wish *wish,
    const struct newest *newest, bool is_unsure, struct problem *problem);

#endif
