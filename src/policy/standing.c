/* SPDX-License-Identifier: MIT */
#include "standing.h"

#include "policy/rules.h"

struct standing
standing_of(const struct policy_input *input, const struct lineage *lineage)
{
	return (struct standing){
		.input = input,
		.lineage = lineage,
		.current = policy_generation(input, lineage),
		.end = lineage->deleted == 0
			   ? INT64_MAX
			   : lineage->deleted + (int64_t)input->policy->retain,
	};
}

bool
standing_is_old(
    const struct standing *standing, const struct generation *generation)
{
	/* what stands before it is itself, cut */
	return generation > standing->current &&
	       policy_accepts(standing->input, generation->chain);
}

int64_t
standing_until(
    const struct standing *standing, const struct generation *generation)
{
	const struct policy *policy = standing->input->policy;

	/* backwards: nobody knows which is served */
	if (generation->chain->leaf->not_before >
		standing->current->chain->leaf->not_before ||
	    lineage_is_deployed(standing->lineage, generation))
		return INT64_MAX;
	return generation->replaced + (int64_t)policy->retain;
}

/* Whether anything at all is published of the generation. */
static bool
is_publishable(
    const struct policy_input *input, const struct generation *generation)
{
	return policy_accepts(input, generation->chain) &&
	       (policy_has_leaf_records(input->policy) ||
		   generation->chain->ca_count > 0);
}

bool
standing_is_awaited(
    const struct standing *standing, const struct generation *generation)
{
	const struct policy_input *input = standing->input;
	int64_t hold = input->policy->propagation;
	int64_t deleted = standing->lineage->deleted;
	int64_t end = deleted != 0 ? deleted : input->now;

	for (const struct generation *later = standing->current;
	     later < generation; later++) {
		/*
		 * One that ended together with it, or before, did not come
		 * after it: what was staged, and given up, stands behind what
		 * was current then.
		 */
		bool is_before = later > standing->current &&
				 later->replaced <= generation->replaced;

		if (!is_before &&
		    end - later->since >=
			lowered_hold(&input->lowered, later->since, hold) &&
		    is_publishable(input, later))
			return false;
		end = later[1].replaced;
	}
	return true;
}

int64_t
standing_safe(const struct standing *standing)
{
	if (standing->lineage->deleted != 0 ||
	    !is_publishable(standing->input, standing->current))
		return INT64_MAX;
	return standing->current->since +
	       lowered_hold(&standing->input->lowered, standing->current->since,
		   (int64_t)standing->input->policy->propagation);
}
