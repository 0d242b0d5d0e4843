/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_KEYS_H
#define ENGINE_KEYS_H

/*
 * Keys and metadata of the zones with `dnssec: self`: from the state directory
 * at the start, to it when PowerDNS changes them, and to the store, which has
 * to know how a zone denies existence.  Threads: one at a time.
 */

#include <stdbool.h>

#include "config/config.h"
#include "keyring/file.h"
#include "remote/method.h"
#include "store/store.h"

struct keys {
	const struct config *config; /* borrowed */
	struct keyring keyring;
	struct keyring_file file;
	struct method_keys door; /* for the methods */
	bool is_failing;         /* the log knows */
	void (*changed)(void *arg);
	void *arg;
};

/*
 * Open the keys of `config`, and make a key pair for each zone that has none
 * on record.  What fails is logged, and then nothing can be told of the zones
 * concerned.  `changed` is called when a method has changed something.  The
 * structure must not move.
 */
void keys_open(struct keys *keys, const struct config *config,
    void (*changed)(void *arg), void *arg);

void keys_close(struct keys *keys);

/* Another version of the configuration may have zones that are new here. */
void keys_set_config(struct keys *keys, const struct config *config);

/* Read again what another process has changed; true if anything was. */
bool keys_refresh(struct keys *keys);

/* Tell the store of each zone. */
void keys_apply(const struct keys *keys, struct store *store);

/* Return what methods need, or NULL if there is no such zone. */
const struct method_keys *keys_door(const struct keys *keys);

#endif
