/* SPDX-License-Identifier: MIT */
#ifndef PAGE_PAGES_H
#define PAGE_PAGES_H

/*
 * What the daemon shows to those who look: pages for people, and texts for
 * programs.  All of it is made from memory, a little at a time.
 *
 *	/ /lineages /issuers /zones /reports	HTML; ?page=N
 *	/status.json			JSON OF STATUS in pdns-tlsa(8)
 *	/metrics			Prometheus' text format
 *	/healthz			200 when all was read once, else 503
 *
 * Threads: one at a time.
 */

#include "control/item.h"
#include "http/http.h"
#include "loop/loop.h"

struct pages;

/*
 * Make them of what `control` (borrowed) tells.  `ready` is called when those
 * who had to wait (OUTCOME_WAIT) may ask again.
 */
struct pages *pages_new(struct loop *loop, const struct control *control,
    void (*ready)(void *arg), void *arg);

/* NULL is fine. */
void pages_free(struct pages *pages);

/* See http_look_fn; `arg` is a struct pages. */
enum outcome pages_look(
    void *arg, const struct http_wish *wish, struct http_sight *ret_sight);

#endif
