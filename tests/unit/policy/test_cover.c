/* SPDX-License-Identifier: MIT */
/*
 * policy/cover.h against all that could have been chosen: for a great many
 * small instances at random, every set of units is tried. COVER_INSTANCES and
 * COVER_SEED set how many, and which.
 */
#include "unit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/cover.h"

enum {
	INSTANCES = 1000000,
	UNITS = 8,
	RECORDS = 8,
	DEMANDS = 7,
	EACH = 3, /* records of a unit, units of a demand */
};

static uint64_t seed;

/* xorshift64*: below `bound` */
static unsigned
random_below(unsigned bound)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned)((seed * UINT64_C(2685821657736338717)) >> 33) % bound;
}

static uint64_t
wish(const char *name, uint64_t usual)
{
	const char *value = getenv(name);

	return value != NULL ? strtoull(value, NULL, 10) : usual;
}

struct instance {
	struct cover cover;
	struct cover_unit units[UNITS];
	struct cover_demand demands[DEMANDS];
	unsigned records[UNITS][EACH];
	unsigned ways[DEMANDS][EACH];
	unsigned extras[UNITS];
	unsigned masks[UNITS]; /* of records */
};

static void
instance_make(struct instance *it)
{
	size_t units = 1 + random_below(UNITS);
	unsigned records = 1 + random_below(RECORDS);
	size_t musts = random_below(3);

	*it = (struct instance){ 0 };
	for (size_t i = 0; i < units; i++) {
		/* most have one record, as with default settings */
		size_t count = random_below(3) > 0 ? 1 : 1 + random_below(EACH);

		for (size_t k = 0; k < count; k++) {
			unsigned record = random_below(records);

			if ((it->masks[i] >> record & 1) == 0)
				it->records[i][it->units[i].count++] = record;
			it->masks[i] |= 1U << record;
		}
		it->units[i].records = it->records[i];
		it->units[i].is_forced = random_below(6) == 0;
		it->extras[i] = (unsigned)i;
	}
	it->cover = (struct cover){ .units = it->units,
		.unit_count = units,
		.demands = it->demands,
		.demand_count = random_below(DEMANDS + 1),
		.extras = it->extras,
		.extra_count = random_below((unsigned)units + 1),
		.record_count = records,
		.room = random_below(records + 1) };
	for (size_t i = 0; i < it->cover.demand_count; i++) {
		size_t count = random_below(EACH + 1);

		for (size_t k = 0; k < count; k++)
			it->ways[i][k] = random_below((unsigned)units);
		it->demands[i] = (struct cover_demand){ it->ways[i], count,
			i < musts };
	}
}

/* The demands that the records cover, the first one in the highest bit. */
static unsigned
covered(const struct instance *it, unsigned records)
{
	unsigned bits = 0;

	for (size_t i = 0; i < it->cover.demand_count; i++) {
		bool is_met = false;

		for (size_t k = 0; k < it->demands[i].count; k++) {
			unsigned mask = it->masks[it->ways[i][k]];

			is_met = is_met || (mask & ~records) == 0;
		}
		bits = bits << 1 | is_met;
	}
	return bits;
}

/*
 * The best that the first `count` demands can have beside what is forced, as a
 * number, for the first demands count most.
 */
static unsigned
best_of(const struct instance *it, unsigned forced, size_t count)
{
	size_t later = it->cover.demand_count - count;
	unsigned best = covered(it, forced) >> later;

	for (unsigned set = 0; set < 1U << it->cover.unit_count; set++) {
		unsigned records = forced;

		for (size_t i = 0; i < it->cover.unit_count; i++)
			if ((set >> i & 1) != 0)
				records |= it->masks[i];
		if ((size_t)__builtin_popcount(records) <= it->cover.room &&
		    covered(it, records) >> later > best)
			best = covered(it, records) >> later;
	}
	return best;
}

static void
instance_check(const struct instance *it)
{
	bool chosen[RECORDS];
	bool met[DEMANDS + 1];
	unsigned records = 0;
	unsigned forced = 0;
	unsigned bits = 0;
	unsigned best;
	unsigned all = 0;
	size_t musts = 0;

	cover_choose(&it->cover, chosen, met);
	for (size_t i = 0; i < it->cover.record_count; i++)
		records |= (unsigned)chosen[i] << i;
	for (size_t i = 0; i < it->cover.demand_count; i++)
		bits = bits << 1 | met[i];
	for (size_t i = 0; i < it->cover.unit_count; i++)
		if (it->units[i].is_forced)
			forced |= it->masks[i];
	while (musts < it->cover.demand_count && it->demands[musts].is_must)
		musts++;
	assert_int_equal(records & forced, forced);
	assert_int_equal(covered(it, records), bits);
	for (size_t i = 0; i < musts; i++) {
		assert_true(met[i] || it->demands[i].count == 0);
		all = all << 1 | met[i];
	}
	if (records != forced &&
	    (size_t)__builtin_popcount(records) > it->cover.room) {
		/* only where nothing less would do */
		best = best_of(it, forced, musts);
		assert_true(best < all);
	} else {
		best = best_of(it, forced, it->cover.demand_count);
		assert_int_equal(bits, best);
	}
	/* no extra that would still fit */
	for (size_t i = 0; i < it->cover.extra_count; i++)
		assert_true((it->masks[i] & ~records) == 0 ||
			    (size_t)__builtin_popcount(records | it->masks[i]) >
				it->cover.room);
}

static void
test_oracle(void **state)
{
	uint64_t count = wish("COVER_INSTANCES", INSTANCES);
	uint64_t first = wish("COVER_SEED", 1);

	(void)state;
	for (uint64_t i = 0; i < count; i++) {
		struct instance it;

		seed = (first + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
		instance_make(&it);
		instance_check(&it);
	}
	print_message("%llu instances\n", (unsigned long long)count);
}

/*
 * Far more than can be tried: an end all the same, and nothing that is forced
 * is lost.
 */
static void
test_bound(void **state)
{
	enum { MANY = 400, WAYS = 4, ROOM = 20 };
	static unsigned records[MANY][2];
	static unsigned ways[MANY][WAYS];
	static struct cover_unit units[MANY];
	static struct cover_demand demands[MANY];
	static bool chosen[MANY];
	static bool met[MANY];
	struct cover cover = { .units = units,
		.unit_count = MANY,
		.demands = demands,
		.demand_count = MANY,
		.record_count = MANY,
		.room = ROOM };
	size_t count = 0;

	(void)state;
	seed = 7;
	for (unsigned i = 0; i < MANY; i++) {
		records[i][0] = i;
		records[i][1] = random_below(MANY);
		units[i] = (struct cover_unit){ records[i],
			records[i][0] == records[i][1] ? 1 : 2, i == 0 };
		for (int k = 0; k < WAYS; k++)
			ways[i][k] = random_below(MANY);
		demands[i] = (struct cover_demand){ ways[i], WAYS, false };
	}
	cover_choose(&cover, chosen, met);
	for (size_t i = 0; i < MANY; i++)
		count += chosen[i];
	assert_true(chosen[0] && chosen[records[0][1]]);
	assert_in_range(count, 2, ROOM);
	assert_true(met[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oracle),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
