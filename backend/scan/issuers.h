/* SPDX-License-Identifier: MIT */
#ifndef SCAN_ISSUERS_H
#define SCAN_ISSUERS_H

/*
 * The issuer sets of the configuration, read again when a file of their
 * directories changes.
 */

#include "config/config.h"
#include "files/watch.h"
#include "issuers/issuer.h"
#include "loop/loop.h"

struct issuer_watch;

/*
 * Read the sets of `config` (borrowed) and watch their directories; `changed`
 * is called after they were read again.  What is wrong with a file is logged,
 * and so is a set that somebody should look after; what was read from it
 * before, for another configuration as well (`old`, borrowed for the call, or
 * NULL), stays.  `watch` must outlive it; without inotify they are read again
 * every minute.
 */
struct issuer_watch *issuer_watch_new(struct loop *loop, struct watch *watch,
    const struct config *config, const struct issuers *old,
    void (*changed)(void *arg), void *arg);

void issuer_watch_free(struct issuer_watch *watch);

/* Return the sets, borrowed until the next change. */
const struct issuers *issuer_watch_sets(const struct issuer_watch *watch);

#endif
