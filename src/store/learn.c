/* SPDX-License-Identifier: MIT */
#include "learn.h"

#include "policy/learn.h"

struct lesson {
	struct store *store;
	int64_t now;
	void (*learned)(const struct issuer_set *set,
	    const struct lineage *lineage, const struct cert *issuer,
	    void *arg);
	void *arg;
};

void
store_note_teacher(struct store *store, struct lineage *lineage)
{
	for (size_t i = 0; i < lineage->generation_count; i++) {
		const struct chain *chain = lineage->generations[i].chain;

		/* what is known already is no reason to look */
		if (store->issuers != NULL && chain->ca_count > 1 &&
		    issuers_find(store->issuers,
			chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256,
			NULL) == NULL)
			lineages_note_teacher(&store->lineages, lineage);
	}
}

static void
chain_learn(const struct lesson *lesson, const struct lineage *lineage,
    const struct generation *generation)
{
	struct store *store = lesson->store;
	const struct chain *chain = generation->chain;
	size_t at = learn_set(store->issuers, lineage, chain, lesson->now);
	struct issuers *more;

	if (at == SIZE_MAX)
		return;
	more = issuers_with_seen(
	    store->issuers, at, chain->ca[0], generation->since);
	issuers_unref(store->learned);
	store->learned = more;
	store->issuers = more;
	services_mark_all(&store->services);
	if (lesson->learned != NULL)
		lesson->learned(
		    more->sets[at], lineage, chain->ca[0], lesson->arg);
}

static bool
lineage_learn(const struct trie_entry *entry, void *arg)
{
	const struct lineage *lineage = entry->value;

	for (size_t i = 0; i < lineage->generation_count; i++)
		chain_learn(arg, lineage, &lineage->generations[i]);
	return true;
}

void
store_learn(struct store *store, int64_t now,
    void (*learned)(const struct issuer_set *set, const struct lineage *lineage,
	const struct cert *issuer, void *arg),
    void *arg)
{
	struct lesson lesson = { store, now, learned, arg };
	struct lineages *lineages = &store->lineages;

	if (store->issuers == NULL)
		return;
	/* What one teaches makes no teacher of another: roots are not learned.
	 */
	(void)trie_walk(
	    store->is_unlearned ? &lineages->all : &lineages->teachers, "", 0,
	    lineage_learn, &lesson);
	store->is_unlearned = false;
	trie_fini(&lineages->teachers);
	trie_init(&lineages->teachers, NULL);
}
