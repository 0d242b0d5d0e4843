/* SPDX-License-Identifier: MIT */
#ifndef STORE_DATA_H
#define STORE_DATA_H

/*
 * The inside of the store, shared by store.c (what is known) and
 * store_publish.c (what follows from it), and by nobody else.
 */

#include "index.h"
#include "store.h"

struct store {
	const struct config *config;
	struct tlsa_pool *pool;

	struct trie lineages;          /* name, NUL, source -> struct lineage */
	struct index lineages_by_host; /* key of a DNS name -> lineages */
	struct index lineages_by_parent; /* of a wildcard's parent */
	size_t blind;                    /* lineages that never had a chain */
	char **source_problems;          /* one per source, NULL: none */
	size_t sources_blind;            /* sources with a problem */
	uint32_t retain_max;             /* longest of all services, seconds */
	int64_t forget_at; /* next deleted lineage's end; 0: none */

	struct service *services;
	size_t service_count;
	struct index services_by_host; /* those without `lineages` */
	struct index services_by_parent;
	struct index services_by_lineage; /* lineage name -> services */
	struct trie services_bare;        /* service number -> service */
	struct trie services_by_owner;    /* key of the owner -> service */
	struct service **dirty;
	size_t dirty_count;
	struct timers timers; /* services, seconds since 1970 */

	struct trie zones; /* as published; apex -> struct zone */
	struct trie edits; /* zones that are being changed */
};

/* Note that the RRset of `service` has to be decided again. */
void store_mark(struct store *store, struct service *service);

/* Note it for each service of the list. */
void store_mark_list(struct store *store, const struct index_list *list);

/* Note it for each service that would take any lineage it could get. */
void store_mark_bare(struct store *store);

/*
 * Collect the lineages bound to `service`, ordered by name; the array is
 * owned by the caller.
 */
const struct lineage **store_bound(const struct store *store,
    const struct service *service, size_t *ret_count);

/* The version of the zone that is being built: an edit, else the published. */
const struct zone *store_zone(
    const struct store *store, const struct dname *dname);

/* Drop lineages whose deletion nobody retains any more; set forget_at. */
void store_forget(struct store *store, int64_t now);

#endif
