/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_WAIT_H
#define DEPLOY_WAIT_H

/*
 * Waiting until the newest generation of a lineage is safe to serve, as the
 * running daemon says and, where the hold time begins with that, as every name
 * server was seen to answer; for `wait` and `deploy`.
 */

#include "config/config.h"
#include "deploy/newest.h"
#include "net/resolver.h"

struct wait_wish {
	const struct config *config;
	const char *lineage; /* its name, or its directory */
	bool as_owner;       /* read with his rights alone (deploy/newest.h) */
	int64_t end; /* loop_now() when it is given up; INT64_MAX: never */
	/*
	 * Which services are judged by sight, beside those that the
	 * configuration wants so.  SIGHT_NOTHING: none.  SIGHT_DEFAULT: of
	 * those of which it says nothing, those whose zone has several name
	 * servers that can be found.  SIGHT_SERVERS: all, and they have to be
	 * seen now, whatever was seen before.
	 */
	enum sight see;
	const struct resolver_origin *origin; /* where look-ups begin */
	/*
	 * Told at each look what holds it up: see progress_show().  It returns
	 * false when nobody waits any more.  NULL: a person is told.
	 */
	bool (*tell)(void *arg, int64_t remaining, const char *state);
	void *arg;
};

/*
 * Wait, with a line of progress on a terminal, or one in the log about each
 * name server that is behind.
 *
 * Returns STATUS_OK and what is safe, ended with newest_fini(); STATUS_BUSY:
 * not yet; or what hinders, with `problem`.
 */
enum status wait_until_safe(const struct wait_wish *wish,
    struct newest *ret_newest, struct problem *problem);

#endif
