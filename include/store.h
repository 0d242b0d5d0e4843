/* SPDX-License-Identifier: MIT */
#ifndef STORE_H
#define STORE_H

/*
 * From all lineages to the next snapshot.  The store keeps the last good
 * generation of each lineage, knows which services a change concerns, and
 * works on those alone.  Pure: files, clock and log are its caller's.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chain.h"
#include "config.h"
#include "lineage.h"
#include "policy.h"
#include "snapshot.h"
#include "timer.h"
#include "tlsa.h"

struct store;

/* A host, a port and a transport of the configuration. */
struct service {
	const struct config_service *config; /* borrowed */
	struct port port;
	char *owner;   /* owner name of its RRset, final dot */
	bool is_alias; /* owner lies in an own zone as an alias */
	bool is_dirty;
	bool is_bare;       /* bound by name of host, and nothing covers */
	struct timer timer; /* when its RRset changes by time alone */
};

/*
 * A store for `config`, which must outlive it as must `pool`.  Nothing is
 * known of any lineage yet.
 */
struct store *store_new(const struct config *config, struct tlsa_pool *pool);

/*
 * Take over from `old`, made for another version of the configuration:
 * lineages of sources that both have, zone ids, serials and contents.  To be
 * called before anything else is done with `store`; `old` stays valid.
 */
void store_adopt(struct store *store, const struct store *old);

void store_free(struct store *store);

/*
 * `chain` (one reference passes) is the current generation of the lineage.
 * Ends its problem and its deletion.  Returns true if it differs from the one
 * known before.
 */
bool store_set_chain(struct store *store, unsigned source, const char *name,
    struct chain *chain);

/*
 * The lineage exists, but cannot be read or used: `problem` says why.  Its
 * last good generation stays.  Returns true if it had no problem before.
 */
bool store_set_problem(struct store *store, unsigned source, const char *name,
    const char *problem);

/*
 * The lineage was deliberately deleted at `now`; it leaves the RRsets when
 * they have retained it long enough.  Returns false if it is not known or
 * known to be deleted.
 */
bool store_set_deleted(
    struct store *store, unsigned source, const char *name, int64_t now);

/*
 * The whole source cannot be read (`problem`), or can again (NULL).  Returns
 * true if that is new.
 */
bool store_set_source_problem(
    struct store *store, unsigned source, const char *problem);

/* Return the problem of the source, borrowed, or NULL. */
const char *store_source_problem(const struct store *store, unsigned source);

/* Return the lineage, borrowed, or NULL. */
const struct lineage *store_lineage(
    const struct store *store, unsigned source, const char *name);

/* Call `visit` for each lineage, in order of names, until it returns false. */
void store_walk_lineages(const struct store *store,
    bool (*visit)(const struct lineage *lineage, void *arg), void *arg);

/* What publishing changed at one service; owners may be NULL: no RRset. */
struct store_change {
	const struct service *service;
	const struct owner *before;
	const struct owner *after;
	const struct associations *set; /* what the policy decided */
	const struct zone *zone;        /* serial is not yet the new one */
};

/*
 * Work on every service that something changed for, or whose time has come,
 * and freeze the result.  `report` (may be NULL) is called for each RRset
 * that changes, before it does.  Returns one reference.
 */
struct snapshot *store_publish(struct store *store, int64_t now,
    void (*report)(const struct store_change *change, void *arg), void *arg);

/* Return when time alone changes something, in seconds since 1970, or -1. */
int64_t store_next_wake(const struct store *store);

/* The services, in the order of the configuration. */
size_t store_service_count(const struct store *store);
const struct service *store_service(const struct store *store, size_t at);

/* All about one service, for people: end it with service_view_fini(). */
struct service_view {
	const struct service *service;
	const struct zone *zone;         /* of the store's working version */
	const struct owner *owner;       /* what is published, or NULL */
	struct associations set;         /* why */
	const struct lineage **lineages; /* bound, with or without chain */
	size_t lineage_count;
};

void store_view(const struct store *store, size_t at, int64_t now,
    struct service_view *ret_view);
void service_view_fini(struct service_view *view);

#endif
