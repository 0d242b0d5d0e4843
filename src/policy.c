/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <stdlib.h>

#include "mem.h"

static const char *const words[] = {
#define X(id, word, text) [id] = word,
	PROVENANCE_TABLE(X)
#undef X
};

static const char *const texts[] = {
#define X(id, word, text) [id] = text,
	PROVENANCE_TABLE(X)
#undef X
};

const char *
provenance_word(enum provenance provenance)
{
	return words[provenance];
}

const char *
provenance_text(enum provenance provenance)
{
	return texts[provenance];
}

void
associations_fini(struct associations *set)
{
	for (size_t i = 0; i < set->count; i++)
		tlsa_unref(set->list[i].tlsa);
	free(set->list);
	*set = (struct associations){ 0 };
}

/* What is being decided, and for whom. */
struct decision {
	const struct policy *policy;
	struct tlsa_pool *pool;
	struct associations *set;
};

static void
decision_add(
    struct decision *decision, struct record_type type, struct association why)
{
	struct associations *set = decision->set;

	if (tlsa_associate(decision->pool, why.cert, type, &why.tlsa) !=
	    STATUS_OK) {
		set->failed++;
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		if (set->list[i].tlsa == why.tlsa) {
			tlsa_unref(why.tlsa);
			return;
		}
	}
	if (set->count >= decision->policy->max_records) {
		set->cut++;
		tlsa_unref(why.tlsa);
		return;
	}
	set->list = mem_resize(set->list, set->count + 1, sizeof(why));
	set->list[set->count++] = why;
}

/* Usages 1 and 3 name the leaf, 0 and 2 a CA (RFC 6698 s2.1.1). */
static bool
usage_names_leaf(unsigned usage)
{
	return usage == 1 || usage == 3;
}

/* Add `why.cert` with each configured type that fits a leaf, or a CA. */
static void
decision_add_types(struct decision *decision, bool leaf, struct association why)
{
	const struct policy *policy = decision->policy;

	for (size_t i = 0; i < policy->record_count; i++)
		if (usage_names_leaf(policy->records[i].usage) == leaf)
			decision_add(decision, policy->records[i], why);
}

static int64_t
lineage_until(const struct lineage *lineage, const struct policy *policy)
{
	return lineage->deleted == 0 ? INT64_MAX
				     : lineage->deleted + policy->retain;
}

void
policy_decide(const struct policy *policy,
    const struct lineage *const *lineages, size_t count, int64_t now,
    struct tlsa_pool *pool, struct associations *ret_set)
{
	struct associations set = { 0 };
	struct decision decision = { policy, pool, &set };

	for (int leaf = 1; leaf >= 0; leaf--) {
		for (size_t i = 0; i < count; i++) {
			const struct lineage *lineage = lineages[i];
			const struct chain *chain = lineage->chain;
			struct association why = {
				.provenance = leaf ? PROVENANCE_LEAF
						   : PROVENANCE_CHAIN,
				.lineage = lineage,
				.cert = chain->leaf,
				.until = lineage_until(lineage, policy),
			};

			if (why.until <= now)
				continue;
			if (leaf) {
				decision_add_types(&decision, true, why);
				continue;
			}
			for (size_t ca = 0; ca < chain->ca_count; ca++) {
				why.cert = chain->ca[ca];
				decision_add_types(&decision, false, why);
			}
		}
	}
	*ret_set = set;
}
