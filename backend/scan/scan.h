/* SPDX-License-Identifier: MIT */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

/*
 * Keeps the store in step with the files: finds lineages, loads one per turn
 * of the loop, follows inotify, waits until what is being written is
 * complete, and looks again from time to time in case an event got lost.
 */

#include <stdbool.h>

#include "config/config.h"
#include "files/watch.h"
#include "loop/loop.h"
#include "pki/chain.h"
#include "scan/hooks.h"
#include "store/store.h"

struct scan;

/*
 * Make a scanner that feeds `store`; all arguments are borrowed and must
 * outlive it.  Where `watch` tells nothing, or not of all, it looks by itself.
 */
struct scan *scan_new(struct loop *loop, struct watch *watch,
    const struct config *config, struct ca_pool *pool, struct store *store,
    const struct scan_hooks *hooks);

void scan_free(struct scan *scan);

/*
 * Let the first look be a whole one, even at what is on record and has not
 * changed: for who only looks, and then says what will happen next.
 */
void scan_be_thorough(struct scan *scan);

/* Begin: look for lineages in all sources and load each. */
void scan_start(struct scan *scan);

/* Look at everything again now. */
void scan_again(struct scan *scan);

/* Return true once the first look is complete. */
bool scan_is_complete(const struct scan *scan);

#endif
