/* SPDX-License-Identifier: MIT */
#ifndef DECISION_H
#define DECISION_H

/*
 * An RRset while it is being decided: what belongs together comes in or stays
 * out together, nothing twice, and no more than fits.  Private to policy.c.
 * Pure.  Threads: one at a time.
 */

#include "policy.h"

/* What is being decided, and for whom. */
struct decision {
	const struct policy_input *input;
	struct tlsa_pool *pool;
	struct associations *set;
	struct associations left; /* what is cut, each once */
	bool withheld[4][2][3];   /* types that not everything can have */
	size_t withheld_count;
};

/*
 * Add the associations of the certificate of `why` (without tlsa), of all
 * types configured that name a leaf or a CA (`is_leaf`): each once, and what
 * max-records leaves no room for goes to `left`, unless it `is_served`.
 * Nothing whose time is over is added.
 */
void decision_add(struct decision *decision, bool is_leaf, bool is_served,
    const struct association *why);

/* Begin anew, with what was found to be withheld. */
void decision_reset(struct decision *decision);

/* Count what was left out for good, and drop the rest. */
void decision_end(struct decision *decision);

#endif
