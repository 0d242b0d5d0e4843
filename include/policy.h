/* SPDX-License-Identifier: MIT */
#ifndef POLICY_H
#define POLICY_H

/*
 * Which associations a service publishes, and why: a function of lineages,
 * issuer sets, configuration and time alone.  Pure.  Threads: one at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "issuer.h"
#include "lineage.h"
#include "tlsa.h"

/* Why an association is in the RRset, in order of priority. */
#define PROVENANCE_TABLE(X)                                                    \
	X(PROVENANCE_LEAF, "leaf", "leaf of the current generation")           \
	X(PROVENANCE_CHAIN, "chain", "CA certificate in the served chain")     \
	X(PROVENANCE_NEXT, "next", "staged for the next generation")           \
	X(PROVENANCE_OLD_LEAF, "old-leaf", "leaf that was replaced")           \
	X(PROVENANCE_ACTIVE, "active-issuer", "the CA may issue from it")      \
	X(PROVENANCE_BACKUP, "backup-issuer", "the CA may switch to it")       \
	X(PROVENANCE_OLD_ISSUER, "old-issuer", "issuer that was replaced")

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
	const struct cert *cert;       /* borrowed from lineage or issuers */
	int64_t until;                 /* seconds since 1970; INT64_MAX: open */
};

/* What the policy decides for one service. */
struct associations {
	struct association *list;
	size_t count;
	size_t cut;    /* left out because of max-records, each once */
	int64_t again; /* when time alone may leave out more; INT64_MAX: never
			* (what leaves at `until` aside); seconds, 1970 */
	size_t failed; /* types withheld from all, for some certificate lacks
			* them, and associations that cannot be built */
	size_t
	    refused; /* lineages whose generation is staging or self-signed */
};

/* What it decides from. */
struct policy_input {
	const struct policy *policy;
	const struct lineage *const *lineages; /* each with a generation */
	size_t count;
	const struct issuers *issuers; /* may be NULL: none known */
	int64_t now;                   /* seconds since 1970 */
	const struct dname *host; /* that a leaf has to name; NULL: any leaf */
};

/*
 * Decide, in the order of provenances, without duplicates, cut at max-records;
 * but what a server of a lineage may present now is never cut, nor is one of
 * several matching types of the same thing left out alone (RFC 7671 s9): one
 * that not everything can have, nothing has.
 * A CA outside the served chain is only added where the chain itself has an
 * association of the same usage, selector and matching type (RFC 7671 s8).
 * End *ret_set with associations_fini().
 */
void policy_decide(const struct policy_input *input, struct tlsa_pool *pool,
    struct associations *ret_set);

void associations_fini(struct associations *set);

/*
 * Return true unless `chain` names another host, or is of a staging CA or
 * self-signed, and those are not allowed: then nothing is ever published of it.
 */
bool policy_accepts(
    const struct policy_input *input, const struct chain *chain);

/*
 * Return the generation that counts as current for the service: the first that
 * policy_accepts().  NULL: none.
 */
const struct generation *policy_generation(
    const struct policy_input *input, const struct lineage *lineage);

/* Usages 1 and 3 name the leaf, 0 and 2 a CA (RFC 6698 s2.1.1). */
bool usage_names_leaf(unsigned usage);

#endif
