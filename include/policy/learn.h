/* SPDX-License-Identifier: MIT */
#ifndef POLICY_LEARN_H
#define POLICY_LEARN_H

/*
 * CAs that no issuer set has yet: the day one of them issues to a lineage, all
 * lineages of its set may be next.  Pure.  Threads: one at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "issuers/issuer.h"
#include "pki/lineage.h"

/*
 * Return the number of the set that the CA which issued `chain` belongs to: it
 * is in none, nothing of the chain has expired at `now`, and the signatures of
 * the chain, which are verified, lead from it to a CA that the set lists as a
 * root.  SIZE_MAX: it teaches nothing, for it is known, or a staging one; for
 * the ACME server of the lineage's plan is another provider's; or for the chain
 * crosses over to the CAs of another set, so that nobody knows whose it is.
 */
size_t learn_set(const struct issuers *issuers, const struct lineage *lineage,
    const struct chain *chain, int64_t now);

#endif
