/* SPDX-License-Identifier: MIT */
/* Which chains want to be covered, in order of priority. */
#include "demands.h"

#include <stdlib.h>

#include "base/mem.h"
#include "candidates.h"
#include "policy/rules.h"

/* Who may be met: those that are served first. */
enum rank {
	RANK_DEPLOYED,
	RANK_AWAITED, /* until what came after it is safe */
	RANK_NEWER,   /* the store went back, and nobody knows */
	RANK_SERVED = RANK_NEWER,
	RANK_RETAINED,
};

/* A generation that was replaced. */
struct old {
	const struct standing *standing;
	const struct generation *generation;
	enum rank rank;
};

/* Its own association; and those of its CAs, as far as they count. */
static void
add_ways(struct decision *decision, const struct chain *chain)
{
	size_t count = policy_ca_ways(decision->input, chain);

	decision_way(decision, chain->leaf, true);
	for (size_t i = 0; i < count; i++)
		decision_way(decision, chain->ca[i], false);
}

static void
add_chain(struct decision *decision, const struct standing *standing,
    enum chain_class class, enum provenance provenance,
    const struct chain *chain, int64_t until, bool is_must)
{
	const struct policy_chain wish = { .class = class,
		.provenance = provenance,
		.gap = chain->leaf->not_after > decision->input->now
			   ? GAP_RECORDS
			   : GAP_EXPIRED,
		.lineage = standing->lineage,
		.chain = chain,
		.cert = chain->leaf,
		.until = until < standing->end ? until : standing->end };

	decision_demand(decision, &wish, is_must);
	add_ways(decision, chain);
}

static void
look_again(const struct decision *decision, int64_t when, int64_t *again)
{
	if (when > decision->input->now && when < *again)
		*again = when;
}

/* The current generation: by its own association, where there may be one. */
static void
add_current(struct decision *decision, const struct standing *standing)
{
	look_again(decision, standing_safe(standing), &decision->again);
	look_again(decision, policy_cut_end(decision->input, standing->current),
	    &decision->cut_end);
	add_chain(decision, standing, CHAIN_SERVED, PROVENANCE_LEAF,
	    standing->current->chain, INT64_MAX, true);
	if (!policy_has_leaf_records(decision->input->policy) &&
	    standing->current->chain->ca_count == 0)
		decision->demands[decision->demand_count - 1]
		    .chain.gap = GAP_CHAIN;
}

/* A bare key that was used already does not come next. */
static bool
is_next(const struct decision *decision, const struct lineage *lineage,
    const struct next_key *next)
{
	return next->chain != NULL
		   ? policy_accepts(decision->input, next->chain)
		   : !lineage_used_key(lineage, next->cert);
}

static void
add_staged(struct decision *decision, const struct standing *standing)
{
	const struct lineage *lineage = standing->lineage;

	for (size_t i = 0; i < lineage->next_count; i++) {
		const struct next_key *next = &lineage->next[i];
		const struct policy_chain wish = { .class = CHAIN_NEXT,
			.provenance = PROVENANCE_NEXT,
			.gap = GAP_RECORDS,
			.lineage = lineage,
			.chain = next->chain,
			.cert = next->cert,
			.until = standing->end };

		if (!is_next(decision, lineage, next))
			continue;
		decision_demand(decision, &wish, false);
		decision_way(decision, next->cert, true);
		if (next->chain != NULL)
			add_ways(decision, next->chain);
	}
}

/* What a CA may issue: known by that, or by the key that stays. */
static void
add_issued(struct decision *decision, const struct standing *standing,
    enum provenance provenance, const struct cert *ca, enum chain_gap gap)
{
	const struct policy_chain wish = { .class = CHAIN_NEXT,
		.provenance = provenance,
		.gap = gap,
		.lineage = standing->lineage,
		.cert = ca,
		.until = standing->end };

	decision_demand(decision, &wish, false);
	if (policy_keeps_key(
		decision->input, standing->lineage, standing->current))
		decision_way(decision, standing->current->chain->leaf, true);
	if (ca != NULL)
		decision_way(decision, ca, false);
}

static bool
has_staged(const struct decision *decision, const struct lineage *lineage)
{
	for (size_t i = 0; i < lineage->next_count; i++)
		if (is_next(decision, lineage, &lineage->next[i]))
			return true;
	return false;
}

static void
active_found(struct decision *decision, const struct standing *standing,
    enum provenance provenance, const struct cert *ca)
{
	if (provenance == PROVENANCE_ACTIVE &&
	    policy_has_ca_records(decision->input->policy))
		add_issued(decision, standing, provenance, ca, GAP_RECORDS);
}

static void
backup_found(struct decision *decision, const struct standing *standing,
    enum provenance provenance, const struct cert *ca)
{
	if (provenance == PROVENANCE_BACKUP &&
	    policy_has_ca_records(decision->input->policy))
		add_issued(decision, standing, provenance, ca, GAP_RECORDS);
}

/*
 * Where no set says who may issue next, it is the same CA as a rule; and
 * another one may come.
 */
static void
add_unknown(struct decision *decision, const struct standing *standing)
{
	const struct policy_input *input = decision->input;
	const struct chain *chain = standing->current->chain;
	const struct issuer_set *set = NULL;
	enum chain_gap gap = GAP_KEY;

	if (policy_has_ca_records(input->policy)) {
		gap = GAP_CHAIN;
		if (chain->ca_count > 0) {
			if (input->issuers != NULL)
				(void)issuers_find(input->issuers,
				    chain->ca[0]
					->part[CERT_SELECTOR_SPKI]
					.sha256,
				    &set);
			if (set != NULL)
				return;
			add_issued(decision, standing, PROVENANCE_CHAIN,
			    chain->ca[0], GAP_RECORDS);
			gap = GAP_ISSUER;
		}
	}
	if (!has_staged(decision, standing->lineage))
		add_issued(decision, standing, PROVENANCE_CHAIN, NULL, gap);
}

static void
add_active(struct decision *decision, const struct standing *standing)
{
	candidates_issuers(decision, standing, active_found);
	add_unknown(decision, standing);
}

static void
add_backup(struct decision *decision, const struct standing *standing)
{
	candidates_issuers(decision, standing, backup_found);
}

static enum rank
rank_of(const struct standing *standing, const struct generation *generation)
{
	if (lineage_is_deployed(standing->lineage, generation))
		return RANK_DEPLOYED;
	if (standing_is_awaited(standing, generation))
		return RANK_AWAITED;
	return standing_until(standing, generation) == INT64_MAX
		   ? RANK_NEWER
		   : RANK_RETAINED;
}

/* By rank, and then the newest first. */
static int
old_order(const void *left, const void *right)
{
	const struct old *a = left;
	const struct old *b = right;

	if (a->rank != b->rank)
		return (int)a->rank - (int)b->rank;
	if (a->generation->replaced != b->generation->replaced)
		return a->generation->replaced < b->generation->replaced ? 1
									 : -1;
	return a->generation->since < b->generation->since   ? 1
	       : a->generation->since > b->generation->since ? -1
							     : 0;
}

static size_t
olds_list(const struct standing *standings, size_t count, struct old *olds)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		const struct lineage *lineage = standings[i].lineage;

		for (size_t k = 0; k < lineage->generation_count; k++) {
			const struct generation *it = &lineage->generations[k];

			if (!standing_is_old(&standings[i], it) ||
			    standing_until(&standings[i], it) <=
				standings[i].input->now)
				continue;
			olds[found++] = (struct old){ &standings[i], it,
				rank_of(&standings[i], it) };
		}
	}
	if (found > 1)
		qsort(olds, found, sizeof(*olds), old_order);
	return found;
}

static void
add_olds(struct decision *decision, const struct old *olds, size_t count,
    enum rank first, enum rank last)
{
	for (size_t i = 0; i < count; i++)
		if (olds[i].rank >= first && olds[i].rank <= last)
			add_chain(decision, olds[i].standing,
			    last <= RANK_SERVED ? CHAIN_SERVED : CHAIN_RETAINED,
			    PROVENANCE_OLD_LEAF, olds[i].generation->chain,
			    standing_until(
				olds[i].standing, olds[i].generation),
			    last <= RANK_SERVED);
}

typedef void step_fn(
    struct decision *decision, const struct standing *standing);

/* Take the step for each lineage that is not deleted. */
static void
add_next(struct decision *decision, const struct standing *standings,
    size_t count, step_fn *step)
{
	for (size_t i = 0; i < count; i++)
		if (standings[i].lineage->deleted == 0)
			step(decision, &standings[i]);
}

void
demands_add(struct decision *decision)
{
	const struct policy_input *input = decision->input;
	struct standing *standings = mem_array(
	    input->count + 1, sizeof(*standings));
	struct old *olds;
	size_t generations = 0;
	size_t count = 0;
	size_t old_count;

	for (size_t i = 0; i < input->count; i++) {
		standings[count] = standing_of(input, input->lineages[i]);
		if (standings[count].current == NULL ||
		    standings[count].end <= input->now)
			continue;
		generations += input->lineages[i]->generation_count;
		count++;
	}
	decision_index(decision);
	olds = mem_array(generations + 1, sizeof(*olds));
	old_count = olds_list(standings, count, olds);
	for (size_t i = 0; i < count; i++)
		add_current(decision, &standings[i]);
	add_olds(decision, olds, old_count, RANK_DEPLOYED, RANK_SERVED);
	add_next(decision, standings, count, add_staged);
	add_next(decision, standings, count, add_active);
	add_next(decision, standings, count, add_backup);
	add_olds(decision, olds, old_count, RANK_RETAINED, RANK_RETAINED);
	free(olds);
	free(standings);
}
