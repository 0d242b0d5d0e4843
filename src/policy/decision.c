/* SPDX-License-Identifier: MIT */
#include "decision.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/rules.h"

void
decision_number(struct numbers *numbers, unsigned number)
{
	numbers->list = mem_resize(
	    numbers->list, numbers->count + 1, sizeof(*numbers->list));
	numbers->list[numbers->count++] = number;
}

/* ---- units ---- */

/* Return the number of the record; the reference to `tlsa` passes. */
static unsigned
record_number(struct decision *decision, struct tlsa *tlsa, int64_t until)
{
	struct decision_record *record;

	for (size_t i = 0; i < decision->record_count; i++) {
		record = &decision->records[i];
		if (record->tlsa != tlsa)
			continue;
		tlsa_unref(tlsa);
		if (record->until < until)
			record->until = until;
		return (unsigned)i;
	}
	decision->records = mem_resize(decision->records,
	    decision->record_count + 1, sizeof(*decision->records));
	record = &decision->records[decision->record_count];
	*record = (struct decision_record){ tlsa, until, SIZE_MAX };
	return (unsigned)decision->record_count++;
}

const struct tlsa *
decision_tlsa(
    const struct decision *decision, const struct unit *unit, size_t number)
{
	size_t record = decision->of_units.list[unit->first + number];

	return decision->records[record].tlsa;
}

static bool
types_equal(struct record_type a, struct record_type b)
{
	return a.usage == b.usage && a.selector == b.selector &&
	       a.matching == b.matching;
}

/*
 * Whether a chain that is served has an association of this type: "past or
 * future records must never be the only ones" of a type (RFC 7671 s8).
 */
static bool
is_served_type(const struct decision *decision, struct record_type type)
{
	for (size_t i = 0; i < decision->unit_count; i++) {
		const struct unit *unit = &decision->units[i];

		if (unit->why.provenance > PROVENANCE_CHAIN)
			break;
		for (size_t k = 0; k < unit->count; k++)
			if (types_equal(
				decision_tlsa(decision, unit, k)->type, type))
				return true;
	}
	return false;
}

/*
 * Build one association of the unit.  A client uses only the strongest digest
 * that it knows of a usage and selector, so that one that lacks is worse than
 * none at all (RFC 7671 s9): what cannot be built for this certificate, though
 * the certificate is known, is withheld from all.
 */
static void
unit_build(
    struct decision *decision, struct unit *unit, struct record_type type)
{
	struct tlsa *tlsa;

	if (tlsa_associate(decision->pool, unit->why.cert, type, &tlsa) ==
	    STATUS_OK) {
		decision_number(&decision->of_units,
		    record_number(decision, tlsa, unit->why.until));
		unit->count++;
		return;
	}
	decision->failed++;
	if (!unit->why.cert->part[type.selector].is_known)
		return;
	decision->withheld[type.usage][type.selector][type.matching] = true;
	decision->withheld_count++;
}

/* The CA that issued the leaf which is current in the unit's lineage. */
static bool
is_issuing(const struct decision *decision, const struct association *why)
{
	const struct generation *current;

	if (why->provenance != PROVENANCE_CHAIN)
		return false;
	current = policy_generation(decision->input, why->lineage);
	return current->chain->ca[0] == why->cert;
}

/* Return true if the unit is there already; then it is more than it was. */
static bool
unit_merge(struct decision *decision, const struct unit *unit)
{
	const unsigned *numbers = decision->of_units.list + unit->first;
	size_t at = decision->records[numbers[0]].unit;
	struct unit *there;

	if (at == SIZE_MAX) {
		decision->records[numbers[0]].unit = decision->unit_count;
		return false;
	}
	there = &decision->units[at];
	if (there->is_leaf != unit->is_leaf || there->count != unit->count ||
	    memcmp(decision->of_units.list + there->first, numbers,
		unit->count * sizeof(*numbers)) != 0)
		return false;
	there->is_forced = there->is_forced || unit->is_forced;
	there->is_issuing = there->is_issuing || unit->is_issuing;
	decision->of_units.count = unit->first;
	return true;
}

void
decision_add(struct decision *decision, const struct association *why,
    bool is_leaf, bool is_forced)
{
	const struct policy *policy = decision->input->policy;
	struct unit unit = { .why = *why,
		.is_leaf = is_leaf,
		.is_forced = is_forced,
		.is_issuing = is_issuing(decision, why),
		.first = decision->of_units.count };

	if (why->until <= decision->input->now)
		return;
	for (size_t i = 0; i < policy->record_count; i++) {
		const struct record_type type = policy->records[i];

		if (usage_names_leaf(type.usage) == is_leaf &&
		    !decision
			 ->withheld[type.usage][type.selector][type.matching] &&
		    (why->provenance <= PROVENANCE_CHAIN ||
			is_served_type(decision, type)))
			unit_build(decision, &unit, type);
	}
	if (unit.count == 0 || unit_merge(decision, &unit))
		return;
	decision->units = mem_resize(decision->units, decision->unit_count + 1,
	    sizeof(*decision->units));
	decision->units[decision->unit_count++] = unit;
}

/* ---- demands ---- */

static uint64_t
key_of(const struct cert_part *part)
{
	uint64_t key;

	memcpy(&key, part->sha256, sizeof(key));
	return key;
}

static int
key_order(const void *left, const void *right)
{
	const struct unit_key *a = left;
	const struct unit_key *b = right;

	if (a->selector != b->selector)
		return (int)a->selector - (int)b->selector;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

static void
unit_index(struct decision *decision, unsigned number)
{
	const struct unit *unit = &decision->units[number];
	bool is_known[CERT_SELECTORS] = { false };

	for (size_t i = 0; i < unit->count; i++) {
		uint8_t selector = decision_tlsa(decision, unit, i)
				       ->type.selector;

		if (is_known[selector])
			continue;
		is_known[selector] = true;
		decision->keys[decision->key_count++] = (struct unit_key){
			key_of(&unit->why.cert->part[selector]), number,
			selector
		};
	}
}

void
decision_index(struct decision *decision)
{
	decision->keys = mem_array(
	    decision->unit_count * CERT_SELECTORS + 1, sizeof(*decision->keys));
	for (size_t i = 0; i < decision->unit_count; i++)
		unit_index(decision, (unsigned)i);
	if (decision->key_count > 1)
		qsort(decision->keys, decision->key_count,
		    sizeof(*decision->keys), key_order);
}

/* Return the place of the first key that is not before `wanted`. */
static size_t
keys_find(const struct decision *decision, const struct unit_key *wanted)
{
	size_t low = 0;
	size_t high = decision->key_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (key_order(&decision->keys[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
decision_demand(
    struct decision *decision, const struct policy_chain *chain, bool is_must)
{
	decision->demands = mem_resize(decision->demands,
	    decision->demand_count + 1, sizeof(*decision->demands));
	decision->demands[decision->demand_count++] = (struct demand){
		.chain = *chain,
		.is_must = is_must,
		.first = decision->of_demands.count
	};
}

/* The last demand is covered by units that share this part. */
static void
way_add(struct decision *decision, const struct cert *cert, uint8_t selector,
    bool is_leaf)
{
	struct demand *demand = &decision->demands[decision->demand_count - 1];
	const struct cert_part *part = &cert->part[selector];
	const struct unit_key wanted = { key_of(part), 0, selector };

	for (size_t i = keys_find(decision, &wanted);
	     i < decision->key_count &&
	     decision->keys[i].selector == selector &&
	     decision->keys[i].key == wanted.key;
	     i++) {
		unsigned number = decision->keys[i].unit;
		const struct unit *unit = &decision->units[number];

		if (unit->is_leaf != is_leaf ||
		    memcmp(unit->why.cert->part[selector].sha256, part->sha256,
			sizeof(part->sha256)) != 0)
			continue;
		decision_number(&decision->of_demands, number);
		demand->count++;
	}
}

void
decision_way(struct decision *decision, const struct cert *cert, bool is_leaf)
{
	for (int selector = 0; selector < CERT_SELECTORS; selector++)
		if (cert->part[selector].is_known)
			way_add(decision, cert, (uint8_t)selector, is_leaf);
}

void
decision_reset(struct decision *decision)
{
	for (size_t i = 0; i < decision->record_count; i++)
		if (decision->records[i].tlsa != NULL)
			tlsa_unref(decision->records[i].tlsa);
	free(decision->records);
	free(decision->units);
	free(decision->keys);
	free(decision->of_units.list);
	free(decision->demands);
	free(decision->of_demands.list);
	decision->records = NULL;
	decision->units = NULL;
	decision->keys = NULL;
	decision->key_count = 0;
	decision->demands = NULL;
	decision->of_units = (struct numbers){ 0 };
	decision->of_demands = (struct numbers){ 0 };
	decision->record_count = 0;
	decision->unit_count = 0;
	decision->demand_count = 0;
	decision->failed = 0;
	decision->again = INT64_MAX;
	decision->cut_end = INT64_MAX;
}
