/* SPDX-License-Identifier: MIT */
#ifndef POLICY_H
#define POLICY_H

/*
 * Which associations a service publishes, and why: a function of lineages,
 * configuration and time alone.  Pure.  Threads: one at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "lineage.h"
#include "tlsa.h"

/* Why an association is in the RRset, in order of priority. */
#define PROVENANCE_TABLE(X)                                                    \
	X(PROVENANCE_LEAF, "leaf", "leaf of the current generation")           \
	X(PROVENANCE_CHAIN, "chain", "CA certificate in the served chain")

enum provenance {
#define X(id, word, text) id,
	PROVENANCE_TABLE(X)
#undef X
	    PROVENANCES,
};

/* Return the word of JSON output, or the sentence for a person. */
const char *provenance_word(enum provenance provenance);
const char *provenance_text(enum provenance provenance);

struct association {
	struct tlsa *tlsa; /* owned reference */
	enum provenance provenance;
	const struct lineage *lineage; /* borrowed */
	const struct cert *cert;       /* borrowed from the lineage */
	int64_t until;                 /* seconds since 1970; INT64_MAX: open */
};

/* What the policy decides for one service. */
struct associations {
	struct association *list;
	size_t count;
	size_t cut;    /* left out because of max-records */
	size_t failed; /* could not be built; see tlsa_associate() */
};

/*
 * Decide for a service with `policy` bound to `count` lineages that have a
 * chain, at the time `now`.  End *ret_set with associations_fini().
 */
void policy_decide(const struct policy *policy,
    const struct lineage *const *lineages, size_t count, int64_t now,
    struct tlsa_pool *pool, struct associations *ret_set);

void associations_fini(struct associations *set);

#endif
