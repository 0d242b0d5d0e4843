/* SPDX-License-Identifier: MIT */
/* Which of the units are published, and what that covers. */
#include "choice.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cover.h"
#include "policy/rules.h"

static bool
has_number(const unsigned *list, size_t count, unsigned number)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == number)
			return true;
	return false;
}

/* What policy/cover.h works on, and what it answers. */
struct choice {
	struct cover cover;
	struct cover_unit *units;
	struct cover_demand *demands;
	struct numbers records; /* of units, those that they need included */
	struct numbers ways;
	struct numbers extras;
	bool *there;   /* units that are published already */
	bool *chosen;  /* records */
	bool *covered; /* demands */
};

/* The records that no CA comes without, for RFC 7671 s8. */
static struct numbers
needs_of(const struct decision *decision)
{
	struct numbers needs = { 0 };

	for (size_t i = 0; i < decision->unit_count; i++) {
		const struct unit *unit = &decision->units[i];
		const unsigned *own = decision->of_units.list + unit->first;

		for (size_t k = 0; unit->is_issuing && k < unit->count; k++)
			if (!has_number(needs.list, needs.count, own[k]))
				decision_number(&needs, own[k]);
	}
	return needs;
}

static void
units_fill(const struct decision *decision, struct choice *choice)
{
	struct numbers needs = needs_of(decision);

	for (size_t i = 0; i < decision->unit_count; i++) {
		const struct unit *unit = &decision->units[i];
		const unsigned *own = decision->of_units.list + unit->first;
		bool is_free = unit->is_leaf || unit->is_issuing ||
			       unit->is_forced;
		size_t first = choice->records.count;

		for (size_t k = 0; k < unit->count; k++)
			decision_number(&choice->records, own[k]);
		for (size_t k = 0; !is_free && k < needs.count; k++)
			if (!has_number(own, unit->count, needs.list[k]))
				decision_number(
				    &choice->records, needs.list[k]);
		choice->units[i].count = choice->records.count - first;
		choice->units[i].is_forced = unit->is_forced;
	}
	/* it does not move any more */
	for (size_t i = 0, first = 0; i < decision->unit_count; i++) {
		choice->units[i].records = choice->records.list + first;
		first += choice->units[i].count;
	}
	free(needs.list);
}

/* Whether all of the unit is published already. */
static bool
is_there(const struct decision *decision, const struct unit *unit)
{
	const struct policy_input *input = decision->input;

	for (size_t i = 0; i < unit->count; i++) {
		const struct tlsa *tlsa = decision_tlsa(decision, unit, i);
		size_t k = 0;

		while (
		    k < input->published_count && input->published[k] != tlsa)
			k++;
		if (k == input->published_count)
			return false;
	}
	return true;
}

/* What is there already is liked best: nothing moves without a need. */
static void
demands_fill(const struct decision *decision, struct choice *choice)
{
	for (size_t i = 0; i < decision->demand_count; i++) {
		const struct demand *demand = &decision->demands[i];
		const unsigned *ways = decision->of_demands.list +
				       demand->first;

		for (int pass = 0; pass < 2; pass++)
			for (size_t k = 0; k < demand->count; k++)
				if (choice->there[ways[k]] == (pass == 0))
					decision_number(&choice->ways, ways[k]);
	}
	for (size_t i = 0, first = 0; i < decision->demand_count; i++) {
		choice->demands[i] = (struct cover_demand){
			choice->ways.list + first, decision->demands[i].count,
			decision->demands[i].is_must
		};
		first += decision->demands[i].count;
	}
}

/* A second cover for what the room that is left is for. */
struct extra {
	unsigned unit;
	bool is_there;
	int rank;
	int64_t until;
};

static int
extra_order(const void *left, const void *right)
{
	const struct extra *a = left;
	const struct extra *b = right;

	if (a->is_there != b->is_there)
		return a->is_there ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank - b->rank;
	/* the newest old leafs first */
	if (a->until != b->until)
		return a->until > b->until ? -1 : 1;
	return a->unit < b->unit ? -1 : 1;
}

static int
extra_rank(const struct unit *unit)
{
	static const int ranks[] = { [PROVENANCE_NEXT] = 0,
		[PROVENANCE_CHAIN] = 2,
		[PROVENANCE_ACTIVE] = 3,
		[PROVENANCE_BACKUP] = 4,
		[PROVENANCE_OLD_LEAF] = 6,
		[PROVENANCE_OLD_ISSUER] = 7 };

	if (unit->is_issuing)
		return 1;
	if (unit->why.provenance == PROVENANCE_NEXT && !unit->is_leaf)
		return 5;
	return ranks[unit->why.provenance];
}

static void
extras_fill(const struct decision *decision, struct choice *choice)
{
	struct extra *extras = mem_array(
	    decision->unit_count + 1, sizeof(*extras));

	for (size_t i = 0; i < decision->unit_count; i++) {
		const struct unit *unit = &decision->units[i];

		extras[i] = (struct extra){ (unsigned)i, choice->there[i],
			extra_rank(unit), unit->why.until };
	}
	if (decision->unit_count > 1)
		qsort(
		    extras, decision->unit_count, sizeof(*extras), extra_order);
	for (size_t i = 0; i < decision->unit_count; i++)
		decision_number(&choice->extras, extras[i].unit);
	free(extras);
}

static void
choice_make(const struct decision *decision, struct choice *choice)
{
	*choice = (struct choice){
		.units = mem_array(
		    decision->unit_count + 1, sizeof(*choice->units)),
		.demands = mem_array(
		    decision->demand_count + 1, sizeof(*choice->demands)),
		.there = mem_array(
		    decision->unit_count + 1, sizeof(*choice->there)),
		.chosen = mem_array(
		    decision->record_count + 1, sizeof(*choice->chosen)),
		.covered = mem_array(
		    decision->demand_count + 1, sizeof(*choice->covered)),
	};
	for (size_t i = 0; i < decision->unit_count; i++)
		choice->there[i] = is_there(decision, &decision->units[i]);
	units_fill(decision, choice);
	demands_fill(decision, choice);
	extras_fill(decision, choice);
	choice->cover = (struct cover){ .units = choice->units,
		.unit_count = decision->unit_count,
		.demands = choice->demands,
		.demand_count = decision->demand_count,
		.extras = choice->extras.list,
		.extra_count = choice->extras.count,
		.record_count = decision->record_count,
		.room = decision->input->policy->max_records };
	cover_choose(&choice->cover, choice->chosen, choice->covered);
}

static void
choice_free(struct choice *choice)
{
	free(choice->units);
	free(choice->demands);
	free(choice->records.list);
	free(choice->ways.list);
	free(choice->extras.list);
	free(choice->there);
	free(choice->chosen);
	free(choice->covered);
}

/* ---- what comes of it ---- */

/* In the order of provenances, each with the first reason for it. */
static void
set_write(struct decision *decision, const struct choice *choice,
    struct associations *set, size_t *places)
{
	set->list = mem_array(decision->record_count + 1, sizeof(*set->list));
	for (size_t i = 0; i < decision->record_count; i++)
		places[i] = SIZE_MAX;
	for (size_t i = 0; i < decision->unit_count; i++) {
		const struct unit *unit = &decision->units[i];

		for (size_t k = 0; k < unit->count; k++) {
			unsigned number = decision->of_units
					      .list[unit->first + k];
			struct decision_record *record = &decision
							      ->records[number];

			if (!choice->chosen[number] ||
			    places[number] != SIZE_MAX)
				continue;
			places[number] = set->count;
			set->list[set->count] = unit->why;
			set->list[set->count].until = record->until;
			set->list[set->count++].tlsa = record->tlsa;
			record->tlsa = NULL;
		}
	}
	set->cut = decision->record_count - set->count;
}

/*
 * When a CA will cover the chain no longer, for something in it expires, so
 * that it needs an association of its own.
 */
static int64_t
chain_end(const struct associations *set, const struct policy_chain *chain)
{
	int64_t end = INT64_MAX;

	if (chain->gap != GAP_NONE || chain->chain == NULL ||
	    usage_names_leaf(set->list[chain->by].tlsa->type.usage))
		return end;
	end = chain->chain->leaf->not_after;
	for (size_t i = 0; i < chain->chain->ca_count; i++)
		if (chain->chain->ca[i]->not_after < end)
			end = chain->chain->ca[i]->not_after;
	return end;
}

static void
chains_write(const struct decision *decision, const struct choice *choice,
    struct associations *set, const size_t *places)
{
	set->chains = mem_array(
	    decision->demand_count + 1, sizeof(*set->chains));
	set->chain_count = decision->demand_count;
	for (size_t i = 0; i < decision->demand_count; i++) {
		const struct cover_demand *demand = &choice->demands[i];
		struct policy_chain *chain = &set->chains[i];
		bool is_own = false;
		int64_t end;

		*chain = decision->demands[i].chain;
		chain->by = SIZE_MAX;
		if (choice->covered[i])
			chain->gap = GAP_NONE;
		else if (demand->count > 0)
			chain->gap = GAP_ROOM;
		for (size_t k = 0; k < demand->count; k++) {
			const struct unit
			    *unit = &decision->units[demand->units[k]];
			size_t place =
			    places[decision->of_units.list[unit->first]];

			/* its own before that of a CA */
			if (choice->covered[i] && place != SIZE_MAX &&
			    (chain->by == SIZE_MAX ||
				(unit->is_leaf && !is_own)))
				chain->by = place;
			is_own = is_own ||
				 (unit->is_leaf && chain->by == place);
		}
		end = chain_end(set, chain);
		if (end > decision->input->now && end < set->again)
			set->again = end;
	}
}

void
decision_end(struct decision *decision, struct associations *set)
{
	size_t *places = mem_array(decision->record_count + 1, sizeof(*places));
	struct choice choice;

	set->again = decision->again;
	choice_make(decision, &choice);
	set_write(decision, &choice, set, places);
	chains_write(decision, &choice, set, places);
	set->failed = decision->failed + decision->withheld_count;
	/* what is all there is not changed by time alone */
	if (set->cut == 0 && set->count <= choice.cover.room)
		set->again = INT64_MAX;
	if (decision->cut_end < set->again)
		set->again = decision->cut_end;
	choice_free(&choice);
	free(places);
	decision_reset(decision);
}
