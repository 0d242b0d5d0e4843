/* SPDX-License-Identifier: MIT */
#include "policy/rules.h"

bool
usage_names_leaf(unsigned usage)
{
	return usage == 1 || usage == 3;
}

bool
policy_has_leaf_records(const struct policy *policy)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (usage_names_leaf(policy->records[i].usage))
			return true;
	return false;
}

/* Key associations survive a reissue of the same key only by selector 1. */
bool
policy_has_key_records(const struct policy *policy)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (usage_names_leaf(policy->records[i].usage) &&
		    policy->records[i].selector == CERT_SELECTOR_SPKI)
			return true;
	return false;
}

bool
policy_has_ca_records(const struct policy *policy)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (!usage_names_leaf(policy->records[i].usage))
			return true;
	return false;
}

bool
policy_accepts(const struct policy_input *input, const struct chain *chain)
{
	const struct issuers *issuers = input->issuers;
	const struct issuer_set *set = NULL;

	if (input->host != NULL && !cert_covers(chain->leaf, input->host))
		return false;
	if (input->policy->allow_staging)
		return true;
	if (chain->leaf->is_staging ||
	    (chain->leaf->is_self_issued && chain->ca_count == 0))
		return false;
	return issuers == NULL || chain->ca_count == 0 ||
	       issuers_find(issuers,
		   chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256,
		   &set) == NULL ||
	       !set->is_staging;
}

bool
policy_counts_ca(const struct policy_input *input, const struct chain *chain)
{
	return input->base == NULL || cert_covers(chain->leaf, input->base) ||
	       !policy_has_leaf_records(input->policy);
}

size_t
policy_ca_ways(const struct policy_input *input, const struct chain *chain)
{
	int64_t end = chain->leaf->not_after;
	size_t count = 0;

	while (policy_counts_ca(input, chain) && count < chain->ca_count) {
		if (chain->ca[count]->not_after < end)
			end = chain->ca[count]->not_after;
		if (end <= input->now)
			break;
		count++;
	}
	return count;
}

/* The chain that it was cut from, as long as that counts; or itself. */
static const struct generation *
generation_whole(const struct policy_input *input,
    const struct lineage *lineage, const struct generation *generation)
{
	const struct generation *end = lineage->generations +
				       lineage->generation_count;

	for (const struct generation *before = generation + 1;
	     before < end && chain_is_cut(generation->chain, before->chain) &&
	     policy_cut_end(input, before) > input->now;
	     before++)
		generation = before;
	return generation;
}

const struct generation *
policy_generation(
    const struct policy_input *input, const struct lineage *lineage)
{
	for (size_t i = 0; i < lineage->generation_count; i++)
		if (policy_accepts(input, lineage->generations[i].chain))
			return generation_whole(
			    input, lineage, &lineage->generations[i]);
	return NULL;
}

int64_t
policy_cut_end(
    const struct policy_input *input, const struct generation *generation)
{
	return generation->replaced == 0
		   ? INT64_MAX
		   : generation->replaced + (int64_t)input->policy->retain;
}

/* A key that is said to come next, without a certificate: the current one. */
static bool
is_handed_in_again(
    const struct lineage *lineage, const struct generation *current)
{
	for (size_t i = 0; i < lineage->next_count; i++)
		if (lineage->next[i].chain == NULL &&
		    cert_same_key(lineage->next[i].cert, current->chain->leaf))
			return true;
	return false;
}

bool
policy_keeps_key(const struct policy_input *input,
    const struct lineage *lineage, const struct generation *current)
{
	const struct renewal_plan *plan = &lineage->plan;

	if (!policy_has_key_records(input->policy) ||
	    lineage_changed_key(lineage))
		return false;
	return is_handed_in_again(lineage, current) ||
	       (plan->is_known && plan->reuse_key &&
		   (!plan->has_key_type ||
		       plan->key_type == current->chain->leaf->key_algorithm));
}
