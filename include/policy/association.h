/* SPDX-License-Identifier: MIT */
#ifndef POLICY_ASSOCIATION_H
#define POLICY_ASSOCIATION_H

/*
 * What the policy decides from, and what it answers: associations, and the
 * chains that want one.  Pure.  Threads: one at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "answer/tlsa.h"
#include "answer/zone.h"
#include "config/config.h"
#include "issuers/issuer.h"
#include "pki/lineage.h"

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

/*
 * The chains of a service that somebody may meet, and what covers each.  Usage
 * 2 covers a chain that holds the CA as long as none of it has expired and its
 * leaf names the host (RFC 7671 s5.2); usage 3 its leaf or its key, whatever
 * its dates say (s5.1).
 */
enum chain_class {
	CHAIN_SERVED,   /* current, deployed, or what who waits still serves */
	CHAIN_NEXT,     /* staged, or what a CA may issue */
	CHAIN_RETAINED, /* replaced within `retain` */
};

/* Why nothing covers it. */
#define CHAIN_GAP_TABLE(X)                                                     \
	X(GAP_NONE, "covered", "")                                             \
	X(GAP_ROOM, "max-records", "more than max-records")                    \
	X(GAP_ISSUER, "unknown-issuer",                                        \
	    "its issuer is in no issuer set, so another one may come")         \
	X(GAP_KEY, "key-changes",                                              \
	    "the key may change, and no CA is published")                      \
	X(GAP_CHAIN, "no-ca", "the served chain has no CA certificate")        \
	X(GAP_EXPIRED, "expired",                                              \
	    "it has expired, so that no CA vouches for it")                    \
	X(GAP_RECORDS, "no-record-type", "no configured record type matches it")

enum chain_gap {
#define X(id, word, text) id,
	CHAIN_GAP_TABLE(X)
#undef X
};

/* Return the word of JSON output, or the words for a person. */
const char *chain_class_word(enum chain_class class);
const char *chain_gap_word(enum chain_gap gap);
const char *chain_gap_text(enum chain_gap gap);

struct policy_chain {
	enum chain_class class;
	enum provenance provenance;    /* what it is known from */
	enum chain_gap gap;            /* GAP_NONE: it is covered */
	const struct lineage *lineage; /* borrowed */
	const struct chain *chain;     /* borrowed; NULL: not there yet */
	/* Borrowed: its leaf, its key, or the CA that may issue it; or NULL. */
	const struct cert *cert;
	int64_t until; /* seconds since 1970, as in an association */
	size_t by;     /* the association that covers it; SIZE_MAX: none */
};

/* What the policy decides for one service. */
struct associations {
	struct association *list;
	size_t count;
	struct policy_chain *chains; /* in the order of priority */
	size_t chain_count;
	size_t cut;    /* left out because of max-records, each once */
	int64_t again; /* when time alone may leave out more; INT64_MAX: never
			* (what leaves at `until` aside); seconds, 1970 */
	size_t failed; /* types withheld from all, for some certificate lacks
			* them, and associations that cannot be built */
	size_t
	    refused; /* lineages whose generation is staging or self-signed */
};

/*
 * How much later than it is published PowerDNS may begin to answer something,
 * because of its own caches.
 */
struct publication_lag {
	int64_t seconds;
	int64_t until; /* what was published later was told of at once */
};

/* What it decides from. */
struct policy_input {
	const struct policy *policy;
	const struct lineage *const *lineages; /* each with a generation */
	size_t count;
	const struct issuers *issuers; /* may be NULL: none known */
	int64_t now;                   /* seconds since 1970 */
	const struct dname *host; /* that a leaf has to name; NULL: any leaf */
	/* Where its leaf does not name this, no CA covers a chain; or NULL. */
	const struct dname *base;
	/* What is published now, which is not exchanged for what is as good. */
	struct tlsa *const *published;
	size_t published_count;
	struct lowered lowered; /* its TTL, a while ago */
	/* For safety_judge() alone: each process has its own. */
	struct publication_lag lag;
};

void associations_fini(struct associations *set);

/* Return the one that is this TLSA RDATA, or NULL. */
const struct association *associations_find(
    const struct associations *set, const struct tlsa *tlsa);

/* How many chains of the class nothing covers, for want of room. */
size_t associations_without_room(
    const struct associations *set, enum chain_class class);

#endif
