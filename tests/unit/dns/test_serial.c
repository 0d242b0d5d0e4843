/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "dns/serial.h"

static void
test_is_after_table(void **state)
{
	static const struct {
		const char *why;
		uint32_t a;
		uint32_t b;
		bool after;
		bool before;
	} cases[] = {
		{ "the next", 1, 0, true, false },
		{ "itself", 7, 7, false, false },
		{ "across the end", 0, UINT32_MAX, true, false },
		{ "as far as it goes", 0x7fffffff, 0, true, false },
		{ "and across the end", 0x7ffffffe, UINT32_MAX, true, false },
		{ "half the circle is neither (RFC 1982 s3.2)", 0x80000000, 0,
		    false, false },
		{ "a year", 1830000000, 1800000000, true, false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message("# %s\n", cases[i].why);
		assert_int_equal(
		    serial_is_after(cases[i].a, cases[i].b), cases[i].after);
		assert_int_equal(
		    serial_is_after(cases[i].b, cases[i].a), cases[i].before);
	}
}

static void
test_next_table(void **state)
{
	static const struct {
		const char *why;
		uint32_t last;
		int64_t now;
		uint32_t next;
	} cases[] = {
		{ "the time", 1800000000, 1800000001, 1800000001 },
		{ "much later", 1800000000, 1900000000, 1900000000 },
		{ "within the second", 1800000000, 1800000000, 1800000001 },
		{ "the clock went back", 1800000000, 1700000000, 1800000001 },
		{ "and stood at zero", 1800000000, 0, 1800000001 },
		{ "the first ever", 0, 1800000000, 1800000000 },
		{ "2038", 2147483647, INT64_C(2147483648), 2147483648 },
		{ "2106", UINT32_MAX, INT64_C(4294967301), 5 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message("# %s\n", cases[i].why);
		assert_int_equal(
		    serial_next(cases[i].last, cases[i].now), cases[i].next);
	}
}

/* Whatever the clock does, a secondary sees each change. */
static void
test_always_advances(void **state)
{
	static const int64_t clock[] = { 1800000000, 1800000000, 0, -1,
		INT64_MAX, INT64_MIN, 4294967295, 1, 2147483648, 1800000000 };
	uint32_t serial = 1799999999;

	(void)state;
	for (size_t i = 0; i < LENGTH(clock) * 1000; i++) {
		uint32_t next = serial_next(serial, clock[i % LENGTH(clock)]);

		assert_true(serial_is_after(next, serial));
		serial = next;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_after_table),
		cmocka_unit_test(test_next_table),
		cmocka_unit_test(test_always_advances),
	};

	return cmocka_run_group_tests_name("serial", tests, NULL, NULL);
}
