/* SPDX-License-Identifier: MIT */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

/*
 * What the rules of one service mean for one chain or lineage: whether it
 * counts, for how long, and which kinds of records match it.  Pure.
 * Threads: one at a time.
 */

#include <stdbool.h>

#include "policy/association.h"

/*
 * Return true unless `chain` names another host, or is of a staging CA or
 * self-signed, and those are not allowed: then nothing is ever published of it.
 */
bool policy_accepts(
    const struct policy_input *input, const struct chain *chain);

/*
 * Return the generation that counts as current for the service: the first that
 * policy_accepts().  Where it is but the beginning of the one before, with the
 * same leaf, that one goes on counting for `retain`: a file that was cut behind
 * the leaf takes no CA away at once.  NULL: none.
 */
const struct generation *policy_generation(
    const struct policy_input *input, const struct lineage *lineage);

/*
 * Whether an association of a CA may stand for such chains of the service: who
 * goes by one compares the name as well (RFC 7671 s5.2), and refuses a leaf
 * that has another one.  Where no record names a leaf there is nothing better.
 */
bool policy_counts_ca(
    const struct policy_input *input, const struct chain *chain);

/*
 * Return how many of chain->ca, from the first, may stand for it so now: while
 * all from the leaf to that one are valid.
 */
size_t policy_ca_ways(
    const struct policy_input *input, const struct chain *chain);

/*
 * When a generation counts no more for what was cut from it, in seconds since
 * 1970; INT64_MAX: it was not replaced.
 */
int64_t policy_cut_end(
    const struct policy_input *input, const struct generation *generation);

/*
 * Whether the next leaf will have the key of the current one, by all that can
 * be known, and records are configured that match it then.
 */
bool policy_keeps_key(const struct policy_input *input,
    const struct lineage *lineage, const struct generation *current);

/* Whether some record type is configured that names a leaf, its key, a CA. */
bool policy_has_leaf_records(const struct policy *policy);
bool policy_has_key_records(const struct policy *policy);
bool policy_has_ca_records(const struct policy *policy);

/* Usages 1 and 3 name the leaf, 0 and 2 a CA (RFC 6698 s2.1.1). */
bool usage_names_leaf(unsigned usage);

#endif
