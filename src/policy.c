/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <stdlib.h>

#include "decision.h"

static const struct {
	const char *word;
	const char *text;
} provenances[] = {
#define X(id, word, text) [id] = { word, text },
	PROVENANCE_TABLE(X)
#undef X
};

const char *
provenance_word(enum provenance provenance)
{
	return provenances[provenance].word;
}

const char *
provenance_text(enum provenance provenance)
{
	return provenances[provenance].text;
}

bool
usage_names_leaf(unsigned usage)
{
	return usage == 1 || usage == 3;
}

void
associations_fini(struct associations *set)
{
	for (size_t i = 0; i < set->count; i++)
		tlsa_unref(set->list[i].tlsa);
	free(set->list);
	*set = (struct associations){ .again = INT64_MAX };
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

const struct generation *
policy_generation(
    const struct policy_input *input, const struct lineage *lineage)
{
	for (size_t i = 0; i < lineage->generation_count; i++)
		if (policy_accepts(input, lineage->generations[i].chain))
			return &lineage->generations[i];
	return NULL;
}

/* One lineage under decision. */
struct subject {
	const struct lineage *lineage;
	const struct generation *current;
	int64_t end; /* when all of it goes, for it was deleted */
};

static bool
has_leaf_type(const struct policy *policy)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (usage_names_leaf(policy->records[i].usage))
			return true;
	return false;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct association
why_of(const struct subject *subject, enum provenance provenance,
    const struct cert *cert, int64_t until)
{
	return (struct association){
		.provenance = provenance,
		.lineage = subject->lineage,
		.cert = cert,
		.until = earlier(until, subject->end),
	};
}

static void
add_leaf(struct decision *decision, const struct subject *subject)
{
	const struct association why = why_of(
	    subject, PROVENANCE_LEAF, subject->current->chain->leaf, INT64_MAX);

	decision_add(decision, true, true, &why);
}

/* The issuing CA first, then all that the server sends. */
static void
add_chain(struct decision *decision, const struct subject *subject)
{
	const struct chain *chain = subject->current->chain;
	bool leaf = has_leaf_type(decision->input->policy);

	for (size_t i = 0; i < chain->ca_count; i++) {
		const struct association why = why_of(
		    subject, PROVENANCE_CHAIN, chain->ca[i], INT64_MAX);

		decision_add(decision, false, i == 0 && !leaf, &why);
	}
}

/*
 * The key that comes next, and the CA that it comes from: where only usage 2
 * is published, that is what the next chain is known by.  Who does not wait
 * for certbot's links serves it as soon as that is safe.
 */
static void
add_next(struct decision *decision, const struct subject *subject)
{
	const struct policy_input *input = decision->input;
	const struct lineage *lineage = subject->lineage;
	bool leaf = has_leaf_type(input->policy);

	for (size_t i = 0; i < lineage->next_count; i++) {
		const struct chain *chain = lineage->next[i].chain;
		struct association why = why_of(
		    subject, PROVENANCE_NEXT, lineage->next[i].cert, INT64_MAX);

		if (chain != NULL && !policy_accepts(input, chain))
			continue;
		decision_add(decision, true, chain != NULL, &why);
		if (chain == NULL || chain->ca_count == 0)
			continue;
		why.cert = chain->ca[0];
		decision_add(decision, false, !leaf, &why);
	}
}

/* How long a generation that was replaced stays. */
static int64_t
old_until(const struct decision *decision, const struct subject *subject,
    const struct generation *generation)
{
	if (generation->chain->leaf->not_before >
		subject->current->chain->leaf->not_before ||
	    lineage_is_deployed(subject->lineage, generation))
		return INT64_MAX;
	return generation->replaced + (int64_t)decision->input->policy->retain;
}

static bool
is_old(const struct decision *decision, const struct subject *subject,
    const struct generation *generation)
{
	return generation != subject->current &&
	       policy_accepts(decision->input, generation->chain);
}

/* Whether anything at all is published of the generation. */
static bool
is_publishable(
    const struct policy_input *input, const struct generation *generation)
{
	return policy_accepts(input, generation->chain) &&
	       (has_leaf_type(input->policy) ||
		   generation->chain->ca_count > 0);
}

/*
 * Who waits until a renewal is safe still serves what was there before: every
 * generation down to the first that was current for the hold time.  One that
 * is not published is never safe.
 */
static bool
is_awaited(const struct decision *decision, const struct subject *subject,
    const struct generation *generation)
{
	const struct policy_input *input = decision->input;
	int64_t hold = input->policy->propagation;
	int64_t deleted = subject->lineage->deleted;
	int64_t end = deleted != 0 ? deleted : input->now;

	for (const struct generation *later = subject->current;
	     later < generation; later++) {
		if (end - later->since >= hold && is_publishable(input, later))
			return false;
		end = later[1].replaced;
	}
	return true;
}

/* Whether somebody may serve it now: it is waited on, or the newer one. */
static bool
is_served(const struct decision *decision, const struct subject *subject,
    const struct generation *generation)
{
	return old_until(decision, subject, generation) == INT64_MAX ||
	       is_awaited(decision, subject, generation);
}

static void
add_old_leafs(struct decision *decision, const struct subject *subject)
{
	const struct lineage *lineage = subject->lineage;

	for (size_t i = 0; i < lineage->generation_count; i++) {
		const struct generation *generation = &lineage->generations[i];
		const struct association why = why_of(subject,
		    PROVENANCE_OLD_LEAF, generation->chain->leaf,
		    old_until(decision, subject, generation));

		if (is_old(decision, subject, generation))
			decision_add(decision, true,
			    is_served(decision, subject, generation), &why);
	}
}

static void
add_issuers(struct decision *decision, const struct subject *subject,
    const struct issuer_set *set, enum key_algorithm algorithm)
{
	static const struct {
		enum issuer_status status;
		enum provenance provenance;
	} order[] = {
		{ ISSUER_ACTIVE, PROVENANCE_ACTIVE },
		{ ISSUER_BACKUP, PROVENANCE_BACKUP },
	};

	for (size_t o = 0; o < sizeof(order) / sizeof(order[0]); o++) {
		for (size_t i = 0; i < set->count; i++) {
			const struct issuer *issuer = &set->list[i];
			const struct association why = why_of(subject,
			    order[o].provenance, issuer->cert, INT64_MAX);

			if (issuer->status == order[o].status &&
			    issuer->cert->key_algorithm == algorithm &&
			    issuer->cert->not_after > decision->input->now)
				decision_add(decision, false, false, &why);
		}
	}
}

/* The CAs that the next renewal may come from, by what we can know. */
static void
add_sets(struct decision *decision, const struct subject *subject)
{
	const struct issuers *issuers = decision->input->issuers;
	const struct renewal_plan *plan = &subject->lineage->plan;
	const struct chain *chain = subject->current->chain;
	enum key_algorithm algorithm = chain->leaf->key_algorithm;
	const struct issuer_set *sets[2] = { NULL, NULL };

	if (issuers == NULL || chain->ca_count == 0)
		return;
	(void)issuers_find(
	    issuers, chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256, &sets[0]);
	if (plan->server != NULL)
		sets[1] = issuers_find_server(issuers, plan->server);
	if (sets[1] == sets[0])
		sets[1] = NULL;
	for (int i = 0; i < 2; i++) {
		if (sets[i] == NULL ||
		    (sets[i]->is_staging &&
			!decision->input->policy->allow_staging))
			continue;
		add_issuers(decision, subject, sets[i], algorithm);
		if (plan->has_key_type && plan->key_type != algorithm)
			add_issuers(decision, subject, sets[i], plan->key_type);
	}
}

static void
add_old_issuers(struct decision *decision, const struct subject *subject)
{
	const struct lineage *lineage = subject->lineage;
	bool leaf = has_leaf_type(decision->input->policy);

	for (size_t i = 0; i < lineage->generation_count; i++) {
		const struct generation *generation = &lineage->generations[i];
		struct association why;

		if (generation->chain->ca_count == 0 ||
		    !is_old(decision, subject, generation))
			continue;
		why = why_of(subject, PROVENANCE_OLD_ISSUER,
		    generation->chain->ca[0],
		    old_until(decision, subject, generation));
		decision_add(decision, false,
		    !leaf && is_served(decision, subject, generation), &why);
	}
}

/*
 * What is above max-records is kept for those who await the current
 * generation: until that is safe.
 */
static void
note_again(struct decision *decision, const struct subject *subject)
{
	const struct policy_input *input = decision->input;
	int64_t safe = subject->current->since +
		       (int64_t)input->policy->propagation;

	if (subject->lineage->deleted == 0 && safe > input->now &&
	    is_publishable(input, subject->current))
		decision->set->again = earlier(decision->set->again, safe);
}

static void
decision_run(struct decision *decision)
{
	static void (*const steps[])(struct decision * decision,
	    const struct subject *subject) = { add_leaf, add_chain, add_next,
		add_old_leafs, add_sets, add_old_issuers, note_again };
	const struct policy_input *input = decision->input;

	decision_reset(decision);
	for (size_t step = 0; step < sizeof(steps) / sizeof(steps[0]); step++) {
		for (size_t i = 0; i < input->count; i++) {
			const struct lineage *lineage = input->lineages[i];
			const struct subject subject = {
				.lineage = lineage,
				.current = policy_generation(input, lineage),
				.end = lineage->deleted == 0
					   ? INT64_MAX
					   : lineage->deleted +
						 (int64_t)input->policy->retain,
			};

			if (subject.current != NULL)
				steps[step](decision, &subject);
			else if (step == 0)
				decision->set->refused++;
		}
	}
}

void
policy_decide(const struct policy_input *input, struct tlsa_pool *pool,
    struct associations *ret_set)
{
	struct associations set = { .again = INT64_MAX };
	struct decision decision = {
		.input = input, .pool = pool, .set = &set
	};
	size_t withheld;

	do {
		withheld = decision.withheld_count;
		decision_run(&decision);
	} while (decision.withheld_count > withheld);
	decision_end(&decision);
	if (set.count <= input->policy->max_records)
		set.again = INT64_MAX;
	*ret_set = set;
}
