/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "sets/timer.h"

enum { COUNT = 64, STEPS = 20000 };

static void
test_order(void **state)
{
	struct timer a = { 0 }, b = { 0 }, c = { 0 };
	struct timers timers;
	int item;

	(void)state;
	timers_init(&timers);
	assert_null(timers_first(&timers));
	timers_set(&timers, &a, 20, NULL);
	timers_set(&timers, &b, 10, &item);
	timers_set(&timers, &c, 20, NULL);
	assert_ptr_equal(timers_first(&timers), &b);
	assert_ptr_equal(b.item, &item);
	timers_clear(&timers, &b);
	assert_false(b.is_set);
	print_message("# equal times: first set, first served\n");
	assert_ptr_equal(timers_first(&timers), &a);
	print_message("# moved to the same time: last\n");
	timers_set(&timers, &a, 20, NULL);
	assert_ptr_equal(timers_first(&timers), &c);
	timers_clear(&timers, &c);
	timers_clear(&timers, &a);
	assert_null(timers_first(&timers));
	timers_fini(&timers);
}

static void
test_limits(void **state)
{
	static const int64_t when[] = { INT64_MAX, 0, 255, 256, INT64_MAX - 1,
		INT64_C(0x100000000), 1 };
	static const size_t order[] = { 1, 6, 2, 3, 5, 4, 0 };
	struct timer timer[LENGTH(when)] = { 0 };
	struct timers timers;

	(void)state;
	timers_init(&timers);
	for (size_t i = 0; i < LENGTH(when); i++)
		timers_set(&timers, &timer[i], when[i], NULL);
	for (size_t i = 0; i < LENGTH(order); i++) {
		assert_ptr_equal(timers_first(&timers), &timer[order[i]]);
		timers_clear(&timers, &timer[order[i]]);
	}
	timers_fini(&timers);
}

static void
test_clear_unset(void **state)
{
	struct timer timer = { 0 };
	struct timers timers;

	(void)state;
	timers_init(&timers);
	timers_clear(&timers, &timer);
	timers_set(&timers, &timer, 5, NULL);
	timers_clear(&timers, &timer);
	timers_clear(&timers, &timer);
	assert_null(timers_first(&timers));
	/* Those that are set may simply be left. */
	timers_set(&timers, &timer, 5, NULL);
	timers_fini(&timers);
}

/* Against the obvious: look at all for the smallest. */
static void
test_model(void **state)
{
	struct timer timer[COUNT] = { 0 };
	uint32_t random = 1;
	struct timers timers;

	(void)state;
	timers_init(&timers);
	for (int step = 0; step < STEPS; step++) {
		struct timer *least = NULL;
		struct timer *one;

		random = random * 1664525 + 1013904223;
		one = &timer[(random >> 16) % COUNT];
		if ((random >> 24) % 3 == 0)
			timers_clear(&timers, one);
		else
			timers_set(&timers, one, (random >> 8) % 50, NULL);
		for (size_t i = 0; i < COUNT; i++)
			if (timer[i].is_set &&
			    (least == NULL || timer[i].when < least->when ||
				(timer[i].when == least->when &&
				    timer[i].number < least->number)))
				least = &timer[i];
		assert_ptr_equal(timers_first(&timers), least);
	}
	timers_fini(&timers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_clear_unset),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
