/* SPDX-License-Identifier: MIT */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

/*
 * Which associations a service publishes, and why: a function of lineages,
 * issuer sets, configuration and time alone.  Pure.  Threads: one at a time.
 */

#include "policy/association.h"

/*
 * Decide, in the order of provenances, without duplicates.  What is served now
 * is there by itself, even beyond max-records: the leaf where a usage names
 * leafs, else the issuing CA.  Of all the rest, at most max-records
 * associations are chosen so that as many chains are covered as can be: served
 * ones first, then next ones (staged, from active issuers, from backups), then
 * retained ones, the newest first; what room is left goes to second covers.
 * See policy/cover.h.
 * Several matching types of one thing come in or stay out together (RFC 7671
 * s9): one that not everything can have, nothing has.  A CA outside the served
 * chains comes only with the issuing CAs of all that are current, by the same
 * usage, selector and matching type (s8).
 * End *ret_set with associations_fini().
 */
void policy_decide(const struct policy_input *input, struct tlsa_pool *pool,
    struct associations *ret_set);

#endif
