/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "remote/notified.h"

static void
test_notified(void **state)
{
	static const struct {
		int32_t id;
		uint32_t serial;
	} rows[] = {
		{ 0x40000000, 1 },
		{ 0x40000001, UINT32_MAX },
		{ INT32_MAX, 0 },
		{ 0, 1795435200 },
		{ -1, 5 },
		{ INT32_MIN, 6 },
	};
	struct notified notified;

	(void)state;
	notified_init(&notified);
	for (size_t i = 0; i < LENGTH(rows); i++)
		assert_int_equal(notified_get(&notified, rows[i].id), 0);
	for (size_t i = 0; i < LENGTH(rows); i++)
		notified_set(&notified, rows[i].id, rows[i].serial);
	for (size_t i = 0; i < LENGTH(rows); i++)
		assert_int_equal(
		    notified_get(&notified, rows[i].id), rows[i].serial);
	/* The last word counts, be it smaller. */
	notified_set(&notified, rows[1].id, 3);
	assert_int_equal(notified_get(&notified, rows[1].id), 3);
	assert_int_equal(notified_get(&notified, rows[0].id), 1);
	notified_fini(&notified);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notified),
	};

	return cmocka_run_group_tests_name("notified", tests, NULL, NULL);
}
