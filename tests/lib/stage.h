/* SPDX-License-Identifier: MIT */
#ifndef STAGE_H
#define STAGE_H

/*
 * A store with a configuration, a clock and what was published last, for
 * tests of the store.  A failure inside fails the test that runs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "pki.h"
#include "store/store.h"

enum { STAGE_NOW = 1800000000 }; /* the clock of a new stage */

struct stage {
	struct config *config;
	struct tlsa_pool tlsas;
	struct ca_pool cas;
	struct store *store;
	struct snapshot *snapshot; /* of the last stage_publish(), or NULL */
	int64_t now;
	bool keep_all;     /* of certificates; see cert_new() */
	size_t reports;    /* RRsets that the last stage_publish() changed */
	struct buf report; /* their owner names, a line each */
};

/* Begin with a configuration in YAML. */
void stage_init(struct stage *stage, const char *yaml);
void stage_fini(struct stage *stage);

/* The same as the teardown of a test whose state is the stage. */
int stage_end(void **state);

/* Read another configuration, as SIGHUP does; to be published before. */
void stage_reload(struct stage *stage, const char *yaml);

/* Return the chain of these certificates, one reference; `ca` may be NULL. */
struct chain *stage_chain(
    struct stage *stage, const struct pki *leaf, const struct pki *ca);

/*
 * Make that the current generation of a lineage.  Returns what
 * store_set_chain() does.
 */
bool stage_set(struct stage *stage, unsigned source, const char *name,
    const struct pki *leaf, const struct pki *ca);

/* Publish at stage->now. */
void stage_publish(struct stage *stage);

/* Return the services that are to be worked on at the next publication. */
size_t stage_dirty(const struct stage *stage);

/*
 * Return what readers find at an owner name: RDATA separated by LF and in the
 * order of the RRset, or "nothing", "empty", "unknown", "apex", "no zone";
 * free() it.
 */
char *stage_find(const struct stage *stage, const char *owner);

/* stage_find() must give these texts, up to a NULL, in this order. */
void stage_expect(const struct stage *stage, const char *owner, ...)
    __attribute__((sentinel));

/* The same for "3 1 1" of one leaf or two; without any there is nothing. */
void stage_expect_leafs(const struct stage *stage, const char *owner,
    const struct pki *a, const struct pki *b);

/*
 * Put "3 1 1" of a leaf on record, with a TTL of 100, as published and seen at
 * these times (0: not seen).
 */
void stage_remember(struct stage *stage, const char *owner,
    const struct pki *leaf, int64_t since, int64_t seen);

/* Return the published zone with this apex. */
const struct zone *stage_zone(const struct stage *stage, const char *apex);
uint32_t stage_serial(const struct stage *stage, const char *apex);

#endif
