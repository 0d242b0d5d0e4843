/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_EDITION_H
#define ENGINE_EDITION_H

/*
 * What depends on one version of the configuration: made whole, and exchanged
 * whole at a reload.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "pki/chain.h"
#include "scan/issuers.h"
#include "scan/scan.h"
#include "store/store.h"

/* What depends on one version of the configuration. */
struct edition {
	struct config *config;
	struct issuer_watch *issuers;
	struct store *store;
	struct scan *scan;
	bool has_begun; /* its first snapshot was made */
};

/* Who is told, and what all editions share. */
struct edition_hooks {
	struct loop *loop;
	struct watch *watch;
	struct tlsa_pool *tlsas;
	struct ca_pool *cas;
	int64_t (*now)(void *arg); /* see struct scan_hooks */
	void (*scan_changed)(void *arg);
	void (*scan_complete)(void *arg);
	void (*issuers_changed)(void *arg);
	void *arg;
};

/* Make all that depends on `config`, which passes. */
void edition_init(const struct edition_hooks *hooks, struct config *config,
    struct edition *ret_edition);

/*
 * The same from the file that `last` came from, read again, and kept (see
 * config/kept.h).  False, with `problem`, also if the file cannot be used,
 * which `last` then knows (its config->fault).
 */
bool edition_again(const struct edition_hooks *hooks,
    const struct edition *last, struct edition *ret_edition,
    struct problem *problem);

void edition_fini(struct edition *edition);

#endif
