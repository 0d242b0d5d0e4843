/* SPDX-License-Identifier: MIT */
#include "pki/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"

struct lineage *
lineage_new(const char *name, unsigned source)
{
	struct lineage *lineage = mem_new(sizeof(*lineage));

	lineage->name = mem_string(name);
	lineage->source = source;
	return lineage;
}

void
next_keys_free(struct next_key *next, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cert_unref(next[i].cert);
		chain_unref(next[i].chain);
	}
	free(next);
}

void
lineage_free(struct lineage *lineage)
{
	if (lineage == NULL)
		return;
	for (size_t i = 0; i < lineage->generation_count; i++)
		chain_unref(lineage->generations[i].chain);
	free(lineage->generations);
	next_keys_free(lineage->next, lineage->next_count);
	free(lineage->plan.server);
	free(lineage->file);
	free(lineage->name);
	free(lineage->problem);
	free(lineage->remark);
	free(lineage->warning);
	free(lineage->deployed);
	free(lineage);
}

struct chain *
lineage_current(const struct lineage *lineage)
{
	return lineage->generation_count > 0 ? lineage->generations[0].chain
					     : NULL;
}

struct chain *
lineage_newest(const struct lineage *lineage)
{
	for (size_t i = lineage->next_count; i > 0; i--)
		if (lineage->next[i - 1].chain != NULL)
			return lineage->next[i - 1].chain;
	return lineage_current(lineage);
}

static void
generation_remove(struct lineage *lineage, size_t at)
{
	chain_unref(lineage->generations[at].chain);
	lineage->generation_count--;
	memmove(&lineage->generations[at], &lineage->generations[at + 1],
	    (lineage->generation_count - at) * sizeof(struct generation));
}

/*
 * For tests, or a placeholder: who waits for what is safe to serve never
 * serves it, but what was there before.
 */
static bool
is_test(const struct chain *chain)
{
	return chain->leaf->is_staging ||
	       (chain->leaf->is_self_issued && chain->ca_count == 0);
}

/* Return the generation that counts as the current one but for tests. */
static const struct generation *
generation_real(const struct lineage *lineage)
{
	for (size_t i = 0; i < lineage->generation_count; i++)
		if (!is_test(lineage->generations[i].chain))
			return &lineage->generations[i];
	return &lineage->generations[0];
}

bool
lineage_is_newer(
    const struct lineage *lineage, const struct generation *generation)
{
	return generation->chain->leaf->not_before >
	       generation_real(lineage)->chain->leaf->not_before;
}

static bool
chain_has_leaf(const struct chain *chain, const uint8_t *leaf)
{
	return memcmp(chain->leaf->part[CERT_SELECTOR_CERT].sha256, leaf,
		   sizeof(chain->leaf->part[0].sha256)) == 0;
}

bool
lineage_is_deployed(
    const struct lineage *lineage, const struct generation *generation)
{
	for (size_t i = 0; i < lineage->deployed_count; i++)
		if (chain_has_leaf(
			generation->chain, lineage->deployed[i].leaf))
			return true;
	return false;
}

void
lineage_skip_deleted(struct lineage *lineage, int64_t now)
{
	if (lineage->deleted != 0 && lineage->deleted < now &&
	    lineage->generation_count > 0)
		lineage->generations[0].since += now - lineage->deleted;
}

bool
lineage_changed_key(const struct lineage *lineage)
{
	return lineage->generation_count > 1 &&
	       !cert_same_key(lineage->generations[0].chain->leaf,
		   lineage->generations[1].chain->leaf);
}

bool
lineage_used_key(const struct lineage *lineage, const struct cert *key)
{
	for (size_t i = 1; i < lineage->generation_count; i++)
		if (cert_same_key(lineage->generations[i].chain->leaf, key))
			return true;
	return false;
}

bool
lineage_has_leaf(const struct lineage *lineage, const uint8_t *leaf)
{
	for (size_t i = 0; i < lineage->generation_count; i++)
		if (chain_has_leaf(lineage->generations[i].chain, leaf))
			return true;
	for (size_t i = 0; i < lineage->next_count; i++)
		if (lineage->next[i].chain != NULL &&
		    chain_has_leaf(lineage->next[i].chain, leaf))
			return true;
	return false;
}

void
lineage_put_deployed(
    struct lineage *lineage, const struct deployed *list, size_t count)
{
	free(lineage->deployed);
	lineage->deployed = count > 0 ? mem_copy(list, count * sizeof(*list))
				      : NULL;
	lineage->deployed_count = count;
}

/* Whether the leaf is one of ours, and valid. */
static bool
is_current_leaf(const struct lineage *lineage, const uint8_t *leaf, int64_t now)
{
	for (size_t i = 0; i < lineage->generation_count; i++)
		if (chain_has_leaf(lineage->generations[i].chain, leaf) &&
		    lineage->generations[i].chain->leaf->not_after > now)
			return true;
	return false;
}

/* It stays: it is of another place, and still presented there. */
static bool
is_elsewhere(const struct lineage *lineage, const struct deployed *known,
    const struct deployed *deployed, int64_t now)
{
	static const uint8_t untold[DEPLOYED_PLACE];

	return memcmp(known->place, deployed->place, DEPLOYED_PLACE) != 0 &&
	       memcmp(known->place, untold, DEPLOYED_PLACE) != 0 &&
	       is_current_leaf(lineage, known->leaf, now);
}

bool
lineage_set_deployed(struct lineage *lineage, const struct deployed *deployed,
    int64_t end, int64_t now)
{
	struct deployed list[DEPLOYED_MAX];
	size_t count = 0;

	for (size_t i = 0; i < lineage->deployed_count; i++)
		if (memcmp(&lineage->deployed[i], deployed,
			sizeof(*deployed)) == 0)
			return false;
	for (size_t i = 1; i < lineage->generation_count; i++)
		if (lineage_is_open(lineage, &lineage->generations[i]))
			lineage->generations[i].replaced = end;
	for (size_t i = 0; i < lineage->deployed_count; i++)
		if (is_elsewhere(lineage, &lineage->deployed[i], deployed, now))
			list[count++] = lineage->deployed[i];
	if (count == DEPLOYED_MAX) {
		count--;
		memmove(list, list + 1, count * sizeof(list[0]));
	}
	list[count++] = *deployed;
	lineage_put_deployed(lineage, list, count);
	return true;
}

bool
lineage_is_open(
    const struct lineage *lineage, const struct generation *generation)
{
	return generation == &lineage->generations[0] ||
	       generation == generation_real(lineage) ||
	       lineage_is_newer(lineage, generation) ||
	       lineage_is_deployed(lineage, generation);
}

static void
generation_insert(
    struct lineage *lineage, size_t at, const struct generation *generation)
{
	if (lineage->generation_count == LIMIT_GENERATIONS)
		generation_remove(lineage, LIMIT_GENERATIONS - 1);
	lineage->generations = mem_resize(lineage->generations,
	    lineage->generation_count + 1, sizeof(struct generation));
	memmove(&lineage->generations[at + 1], &lineage->generations[at],
	    (lineage->generation_count - at) * sizeof(struct generation));
	lineage->generations[at] = *generation;
	lineage->generation_count++;
}

static size_t
generation_find(const struct lineage *lineage, const struct chain *chain)
{
	size_t at = 0;

	while (at < lineage->generation_count &&
	       !chain_equal(lineage->generations[at].chain, chain))
		at++;
	return at;
}

void
lineage_advance(struct lineage *lineage, struct chain *chain, int64_t now)
{
	const struct generation current = { chain, now, 0 };
	size_t at = generation_find(lineage, chain);

	/* Until now all of these may have been served. */
	for (size_t i = lineage->generation_count; i > 0; i--)
		if (lineage_is_open(lineage, &lineage->generations[i - 1]))
			lineage->generations[i - 1].replaced = now;
	if (at < lineage->generation_count)
		generation_remove(lineage, at);
	generation_insert(lineage, 0, &current);
}

void
lineage_retire(struct lineage *lineage, struct chain *chain, int64_t now)
{
	const struct generation retired = { chain, now, now };

	if (lineage->generation_count == 0 ||
	    generation_find(lineage, chain) < lineage->generation_count)
		chain_unref(chain);
	else
		generation_insert(lineage,
		    (size_t)(generation_real(lineage) - lineage->generations) +
			1,
		    &retired);
}

void
lineage_restore(struct lineage *lineage, struct chain *chain, int64_t since,
    int64_t replaced)
{
	if (lineage->generation_count == LIMIT_GENERATIONS) {
		chain_unref(chain);
		return;
	}
	lineage->generations = mem_resize(lineage->generations,
	    lineage->generation_count + 1, sizeof(struct generation));
	lineage->generations[lineage->generation_count++] = (struct generation){
		chain, since, replaced
	};
}

bool
lineage_prune(struct lineage *lineage, uint32_t retain, int64_t now)
{
	size_t before = lineage->generation_count;

	for (size_t i = before; i > 1; i--) {
		const struct generation *generation = &lineage
							   ->generations[i - 1];

		if (generation->replaced + retain <= now &&
		    !lineage_is_open(lineage, generation))
			generation_remove(lineage, i - 1);
	}
	return lineage->generation_count < before;
}

void
lineage_set_next(struct lineage *lineage, struct next_key *next, size_t count)
{
	next_keys_free(lineage->next, lineage->next_count);
	lineage->next = next;
	lineage->next_count = count;
}

bool
next_keys_equal(const struct next_key *a, size_t a_count,
    const struct next_key *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++) {
		if (!cert_same_key(a[i].cert, b[i].cert) ||
		    (a[i].chain == NULL) != (b[i].chain == NULL))
			return false;
		if (a[i].chain != NULL && !chain_equal(a[i].chain, b[i].chain))
			return false;
	}
	return true;
}
