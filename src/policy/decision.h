/* SPDX-License-Identifier: MIT */
#ifndef POLICY_DECISION_H
#define POLICY_DECISION_H

/*
 * An RRset while it is being decided: which associations there could be, and
 * which chains want one.  Pure.  Threads: one at a time.
 */

#include "policy/association.h"

/* One RDATA, of however many certificates. */
struct decision_record {
	struct tlsa *tlsa; /* owned reference */
	int64_t until;     /* the latest of them */
	size_t unit;       /* the first that begins with it; SIZE_MAX: none */
};

/*
 * All associations of one certificate: published together or not at all.  What
 * several lineages have is one unit, of the first of them.
 */
struct unit {
	struct association why; /* without tlsa */
	bool is_leaf;
	bool is_forced;  /* published whatever max-records says */
	bool is_issuing; /* the CA that issued a current leaf */
	size_t first;    /* of its numbers of records */
	size_t count;
};

/* By what a certificate is known: the first octets of a digest. */
struct unit_key {
	uint64_t key;
	unsigned unit;
	uint8_t selector;
};

/* A chain, and the units each of which covers it. */
struct demand {
	struct policy_chain chain;
	bool is_must; /* beyond max-records, rather than not at all */
	size_t first; /* of its numbers of units */
	size_t count;
};

/* Numbers, for many in one list. */
struct numbers {
	unsigned *list;
	size_t count;
};

struct decision {
	const struct policy_input *input;
	struct tlsa_pool *pool;
	struct decision_record *records;
	size_t record_count;
	struct unit *units; /* in the order of provenances */
	size_t unit_count;
	struct numbers of_units;
	struct unit_key *keys; /* of all units, sorted */
	size_t key_count;
	struct demand *demands; /* in order of priority */
	size_t demand_count;
	struct numbers of_demands;
	bool withheld[4][2][3]; /* types that not everything can have */
	size_t withheld_count;
	size_t failed;   /* associations that cannot be built */
	int64_t again;   /* when time alone may change what is left out */
	int64_t cut_end; /* when a chain that was cut is all there is */
};

/*
 * Add the associations of the certificate of `why` (without tlsa), of all
 * types configured that name a leaf or a CA (`is_leaf`).  Nothing whose time
 * is over is added.
 */
void decision_add(struct decision *decision, const struct association *why,
    bool is_leaf, bool is_forced);

/* All units are there: find them by their certificates from now on. */
void decision_index(struct decision *decision);

/*
 * Add a demand that nothing covers yet; its gap is that of `chain`.  One that
 * `is_must` is covered beyond max-records if need be.
 */
void decision_demand(
    struct decision *decision, const struct policy_chain *chain, bool is_must);

/* The last demand is covered by any unit that this certificate matches, too. */
void decision_way(
    struct decision *decision, const struct cert *cert, bool is_leaf);

/* The RDATA of one association of the unit, by its number in it. */
const struct tlsa *decision_tlsa(
    const struct decision *decision, const struct unit *unit, size_t number);

/* Append. */
void decision_number(struct numbers *numbers, unsigned number);

/* Begin anew, with what was found to be withheld. */
void decision_reset(struct decision *decision);

#endif
