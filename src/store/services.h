/* SPDX-License-Identifier: MIT */
#ifndef STORE_SERVICES_H
#define STORE_SERVICES_H

/*
 * The services of the store, listed or discovered: which there are, which of
 * them wait for what, and which have to be decided again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "dns/dname.h"
#include "sets/index.h"
#include "sets/timer.h"
#include "sets/trie.h"
#include "store/service.h"
#include "zones.h"

struct services {
	const struct config *config; /* borrowed */
	struct service *listed;      /* in the configuration */
	size_t listed_count;
	struct service **discovered; /* owned by store/discover.c */
	size_t discovered_count;
	struct trie claimed; /* owner name -> service; if any is discovered */
	uint32_t next_number;
	struct index by_host;    /* those without `lineages` */
	struct index by_parent;  /* the same by the parent, for wildcards */
	struct index by_lineage; /* lineage name -> services */
	struct trie bare;        /* service number -> service */
	struct service **dirty;
	size_t dirty_count;
	size_t dirty_size;    /* room in it */
	struct timers timers; /* services, seconds since 1970 */
	uint32_t retain_max;  /* longest of all services, seconds */
};

/* Those that the configuration lists; their owners lie in `zones`. */
void services_init(struct services *services, const struct config *config,
    const struct zones *zones);

/* Discovered ones must have gone. */
void services_fini(struct services *services);

/*
 * Find the owner name of a service of which config and port are set, and
 * whether it is an alias.  Returns false if no zone has room for it.
 */
bool service_settle_owner(struct service *service, const struct zones *zones,
    struct dname *ret_owner);

/* Count it in from now on; its owner is settled. */
void services_begin(struct services *services, struct service *service);

/* The opposite; nothing may be published for it any more. */
void services_end(struct services *services, struct service *service);

/* Put each service under its owner name into a trie that it begins. */
void services_index(const struct services *services, struct trie *ret_trie);

/* Note that the RRset of `service` has to be decided again. */
void services_mark(struct services *services, struct service *service);

/* Note it for every service. */
void services_mark_all(struct services *services);

/* Note it for each service of the list. */
void services_mark_list(
    struct services *services, const struct index_list *list);

/* Note it for each service that would take any lineage it could get. */
void services_mark_bare(struct services *services);

/* Note it for each service whose time has come. */
void services_mark_due(struct services *services, int64_t now);

/* Note whether the service would take any lineage it could get. */
void services_set_bare(
    struct services *services, struct service *service, bool bare);

#endif
