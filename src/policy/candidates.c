/* SPDX-License-Identifier: MIT */
/* What could be published, in the order of provenances. */
#include "candidates.h"

#include "policy/rules.h"

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct association
why_of(const struct standing *standing, enum provenance provenance,
    const struct cert *cert, int64_t until)
{
	return (struct association){
		.provenance = provenance,
		.lineage = standing->lineage,
		.cert = cert,
		.until = earlier(until, standing->end),
	};
}

static void
add_leaf(struct decision *decision, const struct standing *standing)
{
	const struct association why = why_of(standing, PROVENANCE_LEAF,
	    standing->current->chain->leaf, INT64_MAX);

	decision_add(decision, &why, true, true);
}

/* The issuing CA first, then all that the server sends. */
static void
add_chain(struct decision *decision, const struct standing *standing)
{
	const struct chain *chain = standing->current->chain;
	bool leaf = policy_has_leaf_records(decision->input->policy);

	for (size_t i = 0; i < chain->ca_count; i++) {
		const struct association why = why_of(
		    standing, PROVENANCE_CHAIN, chain->ca[i], INT64_MAX);

		decision_add(decision, &why, false, i == 0 && !leaf);
	}
}

/*
 * The key that comes next, and the CA that it comes from: where only usage 2
 * is published, that is what the next chain is known by.  Who does not wait
 * for certbot's links serves a certificate as soon as that is safe.
 */
static void
add_next(struct decision *decision, const struct standing *standing)
{
	const struct lineage *lineage = standing->lineage;
	bool leaf = policy_has_leaf_records(decision->input->policy);

	for (size_t i = 0; i < lineage->next_count; i++) {
		const struct chain *chain = lineage->next[i].chain;
		struct association why = why_of(standing, PROVENANCE_NEXT,
		    lineage->next[i].cert, INT64_MAX);

		if (chain != NULL && !policy_accepts(decision->input, chain))
			continue;
		decision_add(decision, &why, true, chain != NULL);
		if (chain == NULL || chain->ca_count == 0)
			continue;
		why.cert = chain->ca[0];
		decision_add(decision, &why, false, !leaf);
	}
}

static void
add_old_leafs(struct decision *decision, const struct standing *standing)
{
	const struct lineage *lineage = standing->lineage;

	for (size_t i = 0; i < lineage->generation_count; i++) {
		const struct generation *generation = &lineage->generations[i];
		struct association why;

		if (!standing_is_old(standing, generation))
			continue;
		why = why_of(standing, PROVENANCE_OLD_LEAF,
		    generation->chain->leaf,
		    standing_until(standing, generation));
		decision_add(decision, &why, true,
		    lineage_is_deployed(lineage, generation));
	}
}

static void
set_walk(struct decision *decision, const struct standing *standing,
    const struct issuer_set *set, enum key_algorithm algorithm,
    issuer_fn *found)
{
	static const struct {
		enum issuer_status status;
		enum provenance provenance;
	} order[] = {
		{ ISSUER_ACTIVE, PROVENANCE_ACTIVE },
		{ ISSUER_SEEN, PROVENANCE_ACTIVE },
		{ ISSUER_BACKUP, PROVENANCE_BACKUP },
	};

	for (size_t o = 0; o < sizeof(order) / sizeof(order[0]); o++) {
		for (size_t i = 0; i < set->count; i++) {
			const struct issuer *issuer = &set->list[i];

			if (issuer->status == order[o].status &&
			    issuer_may_issue(
				set, issuer, algorithm, decision->input->now))
				found(decision, standing, order[o].provenance,
				    issuer->cert);
		}
	}
}

void
candidates_issuers(struct decision *decision, const struct standing *standing,
    issuer_fn *found)
{
	const struct policy_input *input = decision->input;
	const struct renewal_plan *plan = &standing->lineage->plan;
	const struct chain *chain = standing->current->chain;
	enum key_algorithm algorithm = chain->leaf->key_algorithm;
	const struct issuer_set *sets[2] = { NULL, NULL };

	if (input->issuers == NULL || chain->ca_count == 0)
		return;
	(void)issuers_find(input->issuers,
	    chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256, &sets[0]);
	if (plan->server != NULL)
		sets[1] = issuers_find_server(input->issuers, plan->server);
	if (sets[1] == sets[0])
		sets[1] = NULL;
	for (int i = 0; i < 2; i++) {
		if (sets[i] == NULL ||
		    (sets[i]->is_staging && !input->policy->allow_staging))
			continue;
		set_walk(decision, standing, sets[i], algorithm, found);
		if (plan->has_key_type && plan->key_type != algorithm)
			set_walk(
			    decision, standing, sets[i], plan->key_type, found);
	}
}

static void
add_issuer(struct decision *decision, const struct standing *standing,
    enum provenance provenance, const struct cert *ca)
{
	const struct association why = why_of(
	    standing, provenance, ca, INT64_MAX);

	decision_add(decision, &why, false, false);
}

static void
add_sets(struct decision *decision, const struct standing *standing)
{
	candidates_issuers(decision, standing, add_issuer);
}

static void
add_old_issuers(struct decision *decision, const struct standing *standing)
{
	const struct lineage *lineage = standing->lineage;
	bool leaf = policy_has_leaf_records(decision->input->policy);

	for (size_t i = 0; i < lineage->generation_count; i++) {
		const struct generation *generation = &lineage->generations[i];
		struct association why;

		if (generation->chain->ca_count == 0 ||
		    !standing_is_old(standing, generation))
			continue;
		why = why_of(standing, PROVENANCE_OLD_ISSUER,
		    generation->chain->ca[0],
		    standing_until(standing, generation));
		decision_add(decision, &why, false,
		    !leaf && lineage_is_deployed(lineage, generation));
	}
}

size_t
candidates_add(struct decision *decision)
{
	static void (*const steps[])(struct decision * decision,
	    const struct standing *standing) = { add_leaf, add_chain, add_next,
		add_old_leafs, add_sets, add_old_issuers };
	const struct policy_input *input = decision->input;
	size_t refused = 0;

	for (size_t step = 0; step < sizeof(steps) / sizeof(steps[0]); step++) {
		for (size_t i = 0; i < input->count; i++) {
			const struct standing standing = standing_of(
			    input, input->lineages[i]);

			if (standing.current != NULL)
				steps[step](decision, &standing);
			else if (step == 0)
				refused++;
		}
	}
	return refused;
}
