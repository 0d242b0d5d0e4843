/* SPDX-License-Identifier: MIT */
#ifndef SCAN_LOAD_H
#define SCAN_LOAD_H

/*
 * Reading the files of one lineage into the store, and telling the log.  When
 * that is to be done, others know: what is too fresh is left to them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "config/config.h"
#include "pki/chain.h"
#include "pki/lineage.h"
#include "scan/hooks.h"
#include "sets/trie.h"
#include "source/source.h"
#include "store/store.h"

/* What lineages are loaded with. */
struct loader {
	const struct config *config; /* borrowed, as are the next ones */
	struct ca_pool *pool;
	struct store *store;
	const struct scan_hooks *hooks;
	bool keep_all;    /* more than digests is wanted */
	bool is_complete; /* the first look is: what is fresh can wait */
	struct trie unknown_issuers; /* SHA-256 of keys the log knows of */
};

/* A lineage to be loaded, and what the log knows of it. */
struct load {
	unsigned source;
	char *name;            /* owned by who made it */
	bool is_reported;      /* its problem */
	bool is_next_reported; /* a bad staged key */
};

/* Begin with borrowed `config`, `pool`, `store` and `hooks`. */
void loader_init(struct loader *loader, const struct config *config,
    struct ca_pool *pool, struct store *store, const struct scan_hooks *hooks);
void loader_fini(struct loader *loader);

/* See struct scan_hooks. */
int64_t loader_now(const struct loader *loader);

/* Return what the store knows of it, borrowed, or NULL. */
const struct lineage *load_lineage(
    const struct loader *loader, const struct load *load);

/*
 * Read the chain into the store.  STATUS_BUSY: too fresh to be judged, load it
 * again in *ret_again milliseconds; otherwise as file_read() and chain_parse().
 */
enum status load_chain(struct loader *loader, struct load *load,
    const struct location *location, int64_t *ret_again,
    struct problem *problem);

/*
 * Read the staged keys into the store.  Returns in how many milliseconds to
 * look again, as one is too fresh to be judged, or 0.
 */
int64_t load_next(
    struct loader *loader, struct load *load, const struct location *location);

#endif
