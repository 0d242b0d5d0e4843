/* SPDX-License-Identifier: MIT */
#ifndef POLICY_CANDIDATES_H
#define POLICY_CANDIDATES_H

/*
 * All that could be published.  Pure.  Threads: one at a time.
 */

#include "decision.h"
#include "standing.h"

/*
 * Add all units, and find what is withheld from all.  Returns how many
 * lineages have a generation that is staging or self-signed.
 */
size_t candidates_add(struct decision *decision);

/* The CAs that the next renewal may come from, by what we can know. */
typedef void issuer_fn(struct decision *decision,
    const struct standing *standing, enum provenance provenance,
    const struct cert *ca);
void candidates_issuers(struct decision *decision,
    const struct standing *standing, issuer_fn *found);

#endif
