/* SPDX-License-Identifier: MIT */
#ifndef PROTECTION_H
#define PROTECTION_H

/*
 * What the next renewal will do to a service, and when a generation may be
 * served: in words that a person can act on.  Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "issuer.h"
#include "lineage.h"
#include "policy.h"
#include "tlsa.h"
#include "zone.h"

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
 * Is it safe to serve `chain`?  A generation is safe for a service when at
 * least one association that matches it has been published without a break
 * for the hold time.
 */
struct safety {
	bool is_safe;
	bool is_published; /* some association that matches is published */
	int64_t remaining; /* seconds until safe; 0 if safe or not published */
};

/*
 * Judge `chain` against what is published at the service's owner name (NULL:
 * nothing).  One that the policy does not accept is never safe, not even by a
 * key that another one shares.  The lineages of `input` are not looked at.
 */
void safety_judge(const struct policy_input *input, const struct chain *chain,
    const struct owner *owner, struct tlsa_pool *pool, struct safety *ret);

#endif
