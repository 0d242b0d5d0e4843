/* SPDX-License-Identifier: MIT */
#include "policy/association.h"

#include <stdlib.h>

static const struct {
	const char *word;
	const char *text;
} provenances[] = {
#define X(id, word, text) [id] = { word, text },
	PROVENANCE_TABLE(X)
#undef X
}, gaps[] = {
#define X(id, word, text) [id] = { word, text },
	CHAIN_GAP_TABLE(X)
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

const char *chain_class_word(enum chain_class class)
{
	static const char *const words[] = { [CHAIN_SERVED] = "served",
		[CHAIN_NEXT] = "next",
		[CHAIN_RETAINED] = "retained" };

	return words[class];
}

const char *
chain_gap_word(enum chain_gap gap)
{
	return gaps[gap].word;
}

const char *
chain_gap_text(enum chain_gap gap)
{
	return gaps[gap].text;
}

void
associations_fini(struct associations *set)
{
	for (size_t i = 0; i < set->count; i++)
		tlsa_unref(set->list[i].tlsa);
	free(set->list);
	free(set->chains);
	*set = (struct associations){ .again = INT64_MAX };
}

const struct association *
associations_find(const struct associations *set, const struct tlsa *tlsa)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->list[i].tlsa == tlsa)
			return &set->list[i];
	return NULL;
}

size_t
associations_without_room(
    const struct associations *set, enum chain_class class)
{
	size_t count = 0;

	for (size_t i = 0; i < set->chain_count; i++)
		count += set->chains[i].class == class &&
			 set->chains[i].gap == GAP_ROOM;
	return count;
}
