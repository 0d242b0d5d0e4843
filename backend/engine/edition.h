/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_EDITION_H
#define ENGINE_EDITION_H

/*
 * What depends on one version of the configuration: made whole, and exchanged
 * whole at a reload.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "intake.h"
#include "pki/ca_pool.h"
#include "report/reading.h"
#include "scan/issuers.h"
#include "store/store.h"
#include "wall/reader.h"

/* What depends on one version of the configuration. */
struct edition {
	struct config *config;
	struct issuer_watch *issuers;
	struct store *store;
	struct intake intake;
	struct reading *reading;
	struct reader *reader;
	bool has_begun; /* its first snapshot was made */
};

/* Who is told, and what all editions share. */
struct edition_hooks {
	struct loop *loop;
	struct watch *watch;
	struct tlsa_pool *tlsas;
	struct ca_pool *cas;
	struct warden *warden; /* NULL: this process reads files */
	const struct reader_hooks *reader;
	void (*issuers_changed)(void *arg);
	void *arg;
};

/* Make all that depends on `config`, which passes; `last`: before it, or NULL.
 */
void edition_init(const struct edition_hooks *hooks, struct config *config,
    const struct edition *last, struct edition *ret_edition);

/* Tell the reader what the store knows: it may have found less. */
void edition_tell(struct edition *edition);

/* Let the reader begin; `is_thorough`: with a whole look at everything. */
void edition_start(struct edition *edition, bool is_thorough);

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
