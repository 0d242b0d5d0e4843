/* SPDX-License-Identifier: MIT */
#include "policy/policy.h"

#include "candidates.h"
#include "choice.h"
#include "demands.h"

void
policy_decide(const struct policy_input *input, struct tlsa_pool *pool,
    struct associations *ret_set)
{
	struct associations set = { .again = INT64_MAX };
	struct decision decision = { .input = input, .pool = pool };
	size_t withheld;

	do {
		withheld = decision.withheld_count;
		decision_reset(&decision);
		set.refused = candidates_add(&decision);
	} while (decision.withheld_count > withheld);
	demands_add(&decision);
	decision_end(&decision, &set);
	*ret_set = set;
}
