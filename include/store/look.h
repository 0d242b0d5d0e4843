/* SPDX-License-Identifier: MIT */
#ifndef STORE_LOOK_H
#define STORE_LOOK_H

/*
 * Looking into the store without changing anything.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/tlsa.h"
#include "answer/zone.h"
#include "base/texts.h"
#include "issuers/issuer.h"
#include "pki/lineage.h"
#include "policy/association.h"
#include "policy/protection.h"
#include "store/service.h"

struct store;

/* Return the lineage, borrowed, or NULL. */
const struct lineage *store_lineage(
    const struct store *store, unsigned source, const char *name);

/* Return how many lineages there are. */
size_t store_lineage_count(const struct store *store);

/* Call `visit` for each lineage, in order of names, until it returns false. */
void store_walk_lineages(const struct store *store,
    bool (*visit)(const struct lineage *lineage, void *arg), void *arg);

/*
 * Call `visit` for each lineage that could never be read and that no service
 * names, in order of names, until it returns false.
 */
void store_walk_unread(const struct store *store,
    bool (*visit)(const struct lineage *lineage, void *arg), void *arg);

/*
 * Return true if no lineage of the source is known, nor anything that might be
 * one.
 */
bool store_source_is_empty(const struct store *store, unsigned source);

/* Return the problem of the source, borrowed, or NULL. */
const char *store_source_problem(const struct store *store, unsigned source);

/*
 * The services, those of the configuration in its order, then those that were
 * discovered; publishing may change their number.
 */
size_t store_service_count(const struct store *store);
const struct service *store_service(const struct store *store, size_t at);

/* Return the owner name of its RRset, with final dot; free() it. */
char *store_owner_name(
    const struct store *store, const struct service *service);

/*
 * Return the name that its RRset had before `aliases` changed, if it is
 * published there as well, else NULL; free() it.
 */
char *store_former_name(
    const struct store *store, const struct service *service);

/* Return how many services have one, and until when; -1: without end. */
size_t store_former_count(const struct store *store, int64_t *ret_until);

/*
 * Return what the policy decides from for a service, but for its lineages;
 * `room` is for the host and must outlive it.
 */
struct policy_input store_policy_input(const struct store *store,
    const struct service *service, int64_t now, struct dname *room);

/* Have it decide beside what is published at `owner` (borrowed, or NULL). */
void store_set_published(struct policy_input *input, const struct owner *owner);

/* All about one service, for people: end it with service_view_fini(). */
struct service_view {
	const struct service *service;
	char *owner_name;
	char *former_name;         /* see store_former_name() */
	const struct zone *zone;   /* of the store's working version */
	const struct owner *owner; /* what is published, or NULL */
	struct associations set;   /* what the policy says, and why */
	struct protection protection;
	const struct lineage **lineages; /* bound, readable or not */
	size_t lineage_count;
	size_t readable; /* the first so many have a generation */
};

void store_view(const struct store *store, size_t at, int64_t now,
    struct service_view *ret_view);
void service_view_fini(struct service_view *view);

/*
 * Return why it cannot be told what belongs to a service of which nothing is
 * known: the problem, with the file, of a lineage that was never read, one of
 * its own if it names them, or of a source; borrowed, or NULL if all was read.
 */
const char *store_blindness(
    const struct store *store, const struct service_view *view);

/* Is it safe to serve the newest chain of a lineage, for one service? */
struct service_safety {
	const struct service *service;
	char *owner_name;  /* owned, with final dot */
	char *former_name; /* owned; see store_former_name() */
	struct safety safety;
};

/* Who asks for it, and of which services. */
struct safety_scope {
	int64_t now;                  /* seconds since 1970 */
	const struct texts *by_sight; /* owner names with final dot, or NULL */
	uint32_t from;                /* the first number of a service */
	size_t most;                  /* services; 0: all */
};

/* And for all services that it counts for: with none of them it is. */
struct lineage_safety {
	struct safety worst;
	struct service_safety *list; /* owned */
	size_t count;
	uint32_t next; /* number of the first behind them; 0: there is none */
};

/*
 * Judge the lineage, which has a chain: by sight where the configuration wants
 * it so, and at the names of `by_sight`.  It may count for a million services:
 * who has others wait asks for a part, and then for the one from `next` on.
 * End *ret_safety with lineage_safety_fini().
 */
void store_lineage_safety(const struct store *store,
    const struct lineage *lineage, const struct safety_scope *scope,
    struct lineage_safety *ret_safety);
void lineage_safety_fini(struct lineage_safety *safety);

/* What the store was made with. */
const struct issuers *store_issuers(const struct store *store);
struct tlsa_pool *store_pool(const struct store *store);

#endif
