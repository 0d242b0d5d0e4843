/* SPDX-License-Identifier: MIT */
#ifndef PDNS_CONTROL_H
#define PDNS_CONTROL_H

/*
 * Telling PowerDNS at once, through its control socket, that there are other
 * zones now, which names to drop from its caches and which zones to notify the
 * secondaries of.  One command a connection, one after the other, without
 * waiting for anything: answers go on meanwhile.  What fails is logged once and
 * not tried again: caches end by themselves within a minute, PowerDNS looks for
 * new serials as often, and for zones each five minutes.
 * Threads: one at a time.
 */

#include "loop/loop.h"

struct pdns_control;

/*
 * Of what changed until *ret_late, in seconds since 1970, PowerDNS may not have
 * been told: kept up to date as long as there is a control, which has no
 * socket yet.
 */
struct pdns_control *pdns_control_new(struct loop *loop, int64_t *ret_late);

void pdns_control_free(struct pdns_control *control);

/*
 * Use another socket from now on; `path` is copied.  NULL: there is none, and
 * nothing is done.
 */
void pdns_control_set_path(struct pdns_control *control, const char *path);

/* Let PowerDNS ask for the list of zones, before anything else. */
void pdns_control_rediscover(struct pdns_control *control);

/*
 * The next command is a greeting: nobody needs to be there to hear it, for a
 * PowerDNS that starts later asks by itself.
 */
void pdns_control_greet(struct pdns_control *control);

/*
 * Purge a name, in presentation form without a final dot; with "$" behind it
 * everything below as well.  Names that are asked for in one turn of the loop
 * are sent together, each once; and a second later once more, for an answer
 * that was on its way meanwhile is cached after the first time.
 */
void pdns_control_purge(struct pdns_control *control, const char *name);

/* Notify the secondaries of a zone, after all that is to be purged. */
void pdns_control_notify(struct pdns_control *control, const char *zone);

/*
 * The same for a zone with one name server: secondaries that nobody sees may
 * be there, but a PowerDNS that is no primary is nothing to complain of.
 */
void pdns_control_notify_alone(struct pdns_control *control, const char *zone);

#endif
