/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_H
#define STORE_STORE_H

/*
 * From all lineages to the next snapshot.  The store keeps the generations of
 * each lineage, knows which services a change concerns, and works on those
 * alone.  Pure: files, clock and log are its caller's.
 * Threads: one at a time.
 */

#include "answer/tlsa.h"
#include "answer/zone.h"
#include "config/config.h"
#include "issuers/issuer.h"
#include "policy/association.h"
#include "store/look.h"
#include "store/memory.h"
#include "store/publish.h"
#include "store/service.h"
#include "store/told.h"

/*
 * A store for `config`, which must outlive it as must `pool` and `issuers`
 * (may be NULL).  Nothing is known of any lineage yet.
 */
struct store *store_new(const struct config *config, struct tlsa_pool *pool,
    const struct issuers *issuers);

/*
 * Take over from `old`, made for another version of the configuration and
 * published at least once: lineages of sources that both have, zone ids,
 * serials and contents.  To be called before anything else is done with
 * `store`; `old` stays valid.
 */
void store_adopt(struct store *store, const struct store *old);

void store_free(struct store *store);

/* Use other issuer sets from now on; `issuers` must outlive the store. */
void store_set_issuers(struct store *store, const struct issuers *issuers);

/*
 * How much later than published PowerDNS may begin to answer it, now and in
 * future; `lag` must outlive the store.
 */
void store_set_lag(struct store *store, const struct publication_lag *lag);

/*
 * What PowerDNS keeps with us of the own zone `apex`: how it denies existence
 * (NULL: by NSEC, or narrow) and the digest of all of it, for which the serial
 * moves, so that secondaries fetch what is signed anew.  Does nothing for a
 * zone that is not ours.
 */
void store_set_dnssec(struct store *store, const struct dname *apex,
    const struct nsec3 *nsec3, const struct content *content);

/*
 * Owner names on record that no service claims are gone: to be called when
 * everything on record was remembered.
 */
void store_drop_unclaimed(struct store *store);

#endif
