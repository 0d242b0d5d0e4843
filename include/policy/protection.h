/* SPDX-License-Identifier: MIT */
#ifndef POLICY_PROTECTION_H
#define POLICY_PROTECTION_H

/*
 * What the next renewal will do to a service, and when a generation may be
 * served: in words that a person can act on.  Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/tlsa.h"
#include "answer/zone.h"
#include "issuers/issuer.h"
#include "pki/lineage.h"
#include "policy/association.h"

enum { VERDICT_MAX = 512 };

/* "protected: ..." or "at risk: ..." */
struct protection {
	bool is_protected;
	char text[VERDICT_MAX];
};

/*
 * Judge a service with `input` for which the policy decided on `set`.  With
 * several lineages the first that is at risk counts, named in the text.
 */
void protection_judge(const struct policy_input *input,
    const struct associations *set, struct protection *ret);

/*
 * Is it safe to serve a chain?  A generation is safe for a service when at
 * least one association that matches it has been published without a break
 * for the hold time; by sight, when every name server of the zone was seen to
 * answer it so long ago.
 */
struct safety {
	bool is_safe;
	bool is_published; /* some association that matches is published */
	bool is_seen;      /* and was seen at every name server */
	int64_t remaining; /* seconds until safe; 0: it is, or who knows */
};

/*
 * What is judged, all of it borrowed.  A chain that the policy does not accept
 * is never safe, not even by a key that another one shares.  The lineages of
 * `input` are not looked at.
 */
struct safety_wish {
	const struct policy_input *input;
	const struct chain *chain;
	const struct owner *owner; /* of the service; NULL: nothing */
	struct tlsa_pool *pool;
	bool by_sight;
};

void safety_judge(const struct safety_wish *wish, struct safety *ret);

/* Return true if one has to wait for `a` rather than for `b`. */
bool safety_is_worse(const struct safety *a, const struct safety *b);

#endif
