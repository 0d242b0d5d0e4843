/* SPDX-License-Identifier: MIT */
#include "decision.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

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
	*record = (struct decision_record){ tlsa, until };
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
	if (unit.count == 0)
		return;
	decision->units = mem_resize(decision->units, decision->unit_count + 1,
	    sizeof(*decision->units));
	decision->units[decision->unit_count++] = unit;
}

/* ---- demands ---- */

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

/* One association of the unit is one of this certificate, too. */
static bool
is_match(const struct decision *decision, const struct unit *unit,
    const struct cert *cert)
{
	for (size_t i = 0; i < unit->count; i++) {
		enum cert_selector selector = decision_tlsa(decision, unit, i)
						  ->type.selector;
		const struct cert_part *one = &unit->why.cert->part[selector];
		const struct cert_part *other = &cert->part[selector];

		if (other->is_known && memcmp(one->sha256, other->sha256,
					   sizeof(one->sha256)) == 0)
			return true;
	}
	return false;
}

void
decision_way(struct decision *decision, const struct cert *cert, bool is_leaf)
{
	struct demand *demand = &decision->demands[decision->demand_count - 1];

	for (size_t i = 0; i < decision->unit_count; i++) {
		const struct unit *unit = &decision->units[i];

		if (unit->is_leaf != is_leaf || !is_match(decision, unit, cert))
			continue;
		decision_number(&decision->of_demands, (unsigned)i);
		demand->count++;
	}
}

void
decision_reset(struct decision *decision)
{
	for (size_t i = 0; i < decision->record_count; i++)
		if (decision->records[i].tlsa != NULL)
			tlsa_unref(decision->records[i].tlsa);
	free(decision->records);
	free(decision->units);
	free(decision->of_units.list);
	free(decision->demands);
	free(decision->of_demands.list);
	decision->records = NULL;
	decision->units = NULL;
	decision->demands = NULL;
	decision->of_units = (struct numbers){ 0 };
	decision->of_demands = (struct numbers){ 0 };
	decision->record_count = 0;
	decision->unit_count = 0;
	decision->demand_count = 0;
	decision->failed = 0;
	decision->again = INT64_MAX;
}
