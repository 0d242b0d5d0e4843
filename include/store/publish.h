/* SPDX-License-Identifier: MIT */
#ifndef STORE_PUBLISH_H
#define STORE_PUBLISH_H

/*
 * From what the store knows to the next snapshot.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "answer/snapshot.h"
#include "issuers/issuer.h"
#include "pki/lineage.h"
#include "policy/association.h"
#include "store/service.h"

struct store;

/* What publishing changed at one service; owners may be NULL: no RRset. */
struct store_change {
	const struct service *service;
	const char *owner; /* its owner name */
	const struct owner *before;
	const struct owner *after;
	bool is_recorded; /* the record has `after` just so, with its times */
	const struct associations *set; /* what the policy decided */
};

/* Told what publishing does; each may be NULL. */
struct store_report {
	/* Before an RRset is exchanged. */
	void (*owner)(const struct store_change *change, void *arg);
	/* After a zone got its new serial. */
	void (*zone)(const struct zone *zone, void *arg);
	/* When its concern is another one than before. */
	void (*concern)(const struct service *service, void *arg);
	/* When `set`, the last that it is in, learned of an issuer. */
	void (*learned)(const struct issuer_set *set,
	    const struct lineage *lineage, const struct cert *issuer,
	    void *arg);
	void *arg;
};

/* Return true if something is to be published, or time has come for it. */
bool store_is_pending(const struct store *store, int64_t now);

/*
 * Work on every service that something changed for, or whose time has come,
 * and freeze the result.  Returns one reference.
 */
struct snapshot *store_publish(
    struct store *store, int64_t now, const struct store_report *report);

/* Return when time alone changes something, in seconds since 1970, or -1. */
int64_t store_next_wake(const struct store *store);

#endif
