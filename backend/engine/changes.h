/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CHANGES_H
#define ENGINE_CHANGES_H

/* What the engine tells the operator of: a line per change. */

#include <stdbool.h>

#include "config/config.h"
#include "store/store.h"

/* An RRset changed; with the first snapshot, only what is wrong with it. */
void engine_log_change(const struct store_change *change, bool is_first);

/* A service has this concern now, or none any more. */
void engine_log_concern(const struct service *service);

/* The services that have one. */
void engine_log_concerns(const struct store *store);

/* An issuer set learned of a CA, as store_report.learned() has it. */
void engine_log_learned(const struct issuer_set *set,
    const struct lineage *lineage, const struct cert *issuer, void *arg);

/* What differs between two configurations, but is opened once, at the start. */
void engine_log_restart(const struct config *old, const struct config *new);

/* Aliases that have two names, after the first snapshot of an edition. */
void engine_log_formers(const struct store *store, int64_t now);

/* How many of each there are, when a configuration is answered from. */
void engine_log_ready(const struct store *store, const struct config *config);

/*
 * PowerDNS has NSEC3 in a zone, and we do not know of it: once for each, by its
 * id in `told`.
 */
void engine_log_hashed(struct trie *told, const struct zone *zone);

#endif
