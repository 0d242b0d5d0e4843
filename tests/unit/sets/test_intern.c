/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sets/intern.h"

struct thing {
	unsigned refs;
};

static size_t alive;

static struct thing *
thing_new(unsigned refs)
{
	struct thing *thing = mem_new(sizeof(*thing));

	thing->refs = refs;
	alive++;
	return thing;
}

static void
thing_unref(void *value)
{
	struct thing *thing = value;

	assert_true(thing->refs > 0);
	if (--thing->refs == 0) {
		alive--;
		free(thing);
	}
}

static bool
thing_is_unused(const void *value)
{
	const struct thing *thing = value;

	return thing->refs == 1;
}

static void
add(struct intern *intern, unsigned number, struct thing *thing)
{
	intern_add(intern, &number, sizeof(number), thing);
}

static struct thing *
get(const struct intern *intern, unsigned number)
{
	return intern_get(intern, &number, sizeof(number));
}

static void
test_get(void **state)
{
	struct intern intern;
	struct thing *one = thing_new(1);

	(void)state;
	intern_init(&intern, thing_unref, thing_is_unused);
	assert_null(get(&intern, 1));
	add(&intern, 1, one);
	assert_ptr_equal(get(&intern, 1), one);
	assert_null(get(&intern, 2));
	intern_fini(&intern);
	assert_int_equal(alive, 0);
}

/* Things in use stay, and so do their references when the table goes. */
static void
test_used_stay(void **state)
{
	enum { COUNT = 1000 };
	struct thing *things[COUNT];
	struct intern intern;

	(void)state;
	intern_init(&intern, thing_unref, thing_is_unused);
	for (unsigned i = 0; i < COUNT; i++) {
		things[i] = thing_new(2);
		add(&intern, i, things[i]);
	}
	for (unsigned i = 0; i < COUNT; i++)
		assert_ptr_equal(get(&intern, i), things[i]);
	intern_fini(&intern);
	assert_int_equal(alive, COUNT);
	for (unsigned i = 0; i < COUNT; i++)
		thing_unref(things[i]);
	assert_int_equal(alive, 0);
}

/* Things that nobody uses never are more than those in use, by much. */
static void
test_unused_swept(void **state)
{
	enum { USED = 100, PASSING = 100000 };
	struct intern intern;

	(void)state;
	intern_init(&intern, thing_unref, thing_is_unused);
	for (unsigned i = 0; i < USED; i++)
		add(&intern, i, thing_new(2));
	for (unsigned i = 0; i < PASSING; i++) {
		add(&intern, USED + i, thing_new(1));
		assert_in_range(alive, USED, 3 * USED);
		assert_non_null(get(&intern, USED + i));
	}
	for (unsigned i = 0; i < USED; i++) {
		struct thing *thing = get(&intern, i);

		assert_non_null(thing);
		thing_unref(thing);
	}
	intern_fini(&intern);
	assert_int_equal(alive, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_used_stay),
		cmocka_unit_test(test_unused_swept),
	};

	return cmocka_run_group_tests_name("intern", tests, NULL, NULL);
}
