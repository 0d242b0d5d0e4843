/* SPDX-License-Identifier: MIT */
#include "cover.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A choice on its way. */
struct choice {
	const struct cover *cover;
	unsigned *uses;     /* of each record, by units that are taken */
	size_t size;        /* records that are used */
	const bool *wanted; /* demands that must be covered */
	bool *marks;        /* of records; scratch of is_hopeless() */
	size_t looks;       /* left */
	size_t least;       /* records that are forced */
	bool is_beyond;     /* the room, for the sake of what must be */
};

/* Records that the unit adds to those that are used. */
static size_t
price(const struct choice *choice, unsigned unit)
{
	const struct cover_unit *it = &choice->cover->units[unit];
	size_t more = 0;

	for (size_t i = 0; i < it->count; i++)
		more += choice->uses[it->records[i]] == 0;
	return more;
}

static void
take(struct choice *choice, unsigned unit)
{
	const struct cover_unit *it = &choice->cover->units[unit];

	for (size_t i = 0; i < it->count; i++)
		choice->size += choice->uses[it->records[i]]++ == 0;
}

static void
drop(struct choice *choice, unsigned unit)
{
	const struct cover_unit *it = &choice->cover->units[unit];

	for (size_t i = 0; i < it->count; i++)
		choice->size -= --choice->uses[it->records[i]] == 0;
}

/* Whoever took the records. */
static bool
is_covered(const struct choice *choice, const struct cover_demand *demand)
{
	for (size_t i = 0; i < demand->count; i++)
		if (price(choice, demand->units[i]) == 0)
			return true;
	return false;
}

static bool
fits(const struct choice *choice, unsigned unit)
{
	return choice->size + price(choice, unit) <= choice->cover->room;
}

/* The price of the cheapest unit; SIZE_MAX: there is none. */
static size_t
cheapest(const struct choice *choice, const struct cover_demand *demand)
{
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < demand->count; i++) {
		size_t more = price(choice, demand->units[i]);

		if (more < least)
			least = more;
	}
	return least;
}

/* Mark what its units would add; false if some of that is marked. */
static bool
mark_apart(const struct choice *choice, const struct cover_demand *demand)
{
	bool is_apart = true;

	for (size_t i = 0; i < demand->count; i++) {
		const struct cover_unit *unit = &choice->cover
						     ->units[demand->units[i]];

		for (size_t k = 0; k < unit->count; k++) {
			unsigned record = unit->records[k];

			if (choice->uses[record] > 0)
				continue;
			is_apart = is_apart && !choice->marks[record];
			choice->marks[record] = true;
		}
	}
	return is_apart;
}

/* Demands whose units have no record in common add up. */
static bool
is_hopeless(const struct choice *choice)
{
	const struct cover *cover = choice->cover;
	size_t least = 0;

	memset(choice->marks, 0, cover->record_count * sizeof(*choice->marks));
	for (size_t i = 0; i < cover->demand_count; i++) {
		const struct cover_demand *demand = &cover->demands[i];

		if (!choice->wanted[i] || is_covered(choice, demand))
			continue;
		if (mark_apart(choice, demand))
			least += cheapest(choice, demand);
		if (choice->size + least > cover->room)
			return true;
	}
	return false;
}

/* The demand that leaves the fewest ways; NULL: all are covered. */
static const struct cover_demand *
narrowest(const struct choice *choice)
{
	const struct cover *cover = choice->cover;
	const struct cover_demand *found = NULL;

	for (size_t i = 0; i < cover->demand_count; i++) {
		const struct cover_demand *demand = &cover->demands[i];

		if (choice->wanted[i] && !is_covered(choice, demand) &&
		    (found == NULL || demand->count < found->count))
			found = demand;
	}
	return found;
}

/* Try each way to cover what is wanted; the first that fits stays taken. */
static bool
search(struct choice *choice)
{
	const struct cover_demand *demand = narrowest(choice);
	size_t looks = 2 * choice->cover->demand_count;

	if (demand == NULL)
		return true;
	choice->looks -= choice->looks < looks ? choice->looks : looks;
	if (is_hopeless(choice))
		return false;
	for (size_t i = 0; i < demand->count && choice->looks > 0; i++) {
		if (!fits(choice, demand->units[i]))
			continue;
		take(choice, demand->units[i]);
		if (search(choice))
			return true;
		drop(choice, demand->units[i]);
	}
	return false;
}

/* Begin with what is chosen in any case. */
static void
reset(struct choice *choice)
{
	const struct cover *cover = choice->cover;

	memset(choice->uses, 0, cover->record_count * sizeof(*choice->uses));
	choice->size = 0;
	for (size_t i = 0; i < cover->unit_count; i++)
		if (cover->units[i].is_forced)
			take(choice, (unsigned)i);
}

/* Take the best unit that fits beside all that was taken. */
static bool
add(struct choice *choice, const struct cover_demand *demand)
{
	for (size_t i = 0; i < demand->count; i++) {
		if (!fits(choice, demand->units[i]))
			continue;
		take(choice, demand->units[i]);
		return true;
	}
	return false;
}

/*
 * Cover one demand more, by another choice for those before it if need be.
 * `old` has room for the uses of all records.
 */
static bool
extend(struct choice *choice, const struct cover_demand *demand, unsigned *old)
{
	const size_t octets = choice->cover->record_count * sizeof(*old);
	const size_t size = choice->size;

	if (is_covered(choice, demand) || add(choice, demand))
		return true;
	if (demand->count == 0)
		return false;
	/* another choice would have no room either */
	if (choice->is_beyond && !demand->is_must)
		return false;
	if (choice->looks > 0 && choice->least < choice->cover->room) {
		memcpy(old, choice->uses, octets);
		reset(choice);
		if (search(choice))
			return true;
		memcpy(choice->uses, old, octets);
		choice->size = size;
	}
	if (demand->is_must)
		take(choice, demand->units[0]);
	choice->is_beyond = choice->is_beyond || demand->is_must;
	return demand->is_must;
}

void
cover_choose(const struct cover *cover, bool *ret_chosen, bool *ret_covered)
{
	unsigned *uses = mem_array(cover->record_count + 1, sizeof(*uses));
	unsigned *old = mem_array(cover->record_count + 1, sizeof(*old));
	bool *marks = mem_array(cover->record_count + 1, sizeof(*marks));
	struct choice choice = { .cover = cover,
		.uses = uses,
		.marks = marks,
		.wanted = ret_covered,
		.looks = COVER_LOOKS };

	memset(ret_covered, 0, cover->demand_count * sizeof(*ret_covered));
	reset(&choice);
	choice.least = choice.size;
	for (size_t i = 0; i < cover->demand_count; i++) {
		ret_covered[i] = true;
		ret_covered[i] = extend(&choice, &cover->demands[i], old);
	}
	for (size_t i = 0; i < cover->extra_count; i++)
		if (fits(&choice, cover->extras[i]))
			take(&choice, cover->extras[i]);
	/* What was given up may have come in by other demands or extras. */
	for (size_t i = 0; i < cover->demand_count; i++)
		ret_covered[i] = is_covered(&choice, &cover->demands[i]);
	for (size_t i = 0; i < cover->record_count; i++)
		ret_chosen[i] = uses[i] > 0;
	free(uses);
	free(old);
	free(marks);
}
