/* SPDX-License-Identifier: MIT */
/* Parts of what is said of a lineage, joined: what the whole would say. */
#include "unit.h"

#include <string.h>

#include "control/member.h"
#include "control/parts.h"

/* Each verdict that there is. */
static const struct safety verdicts[] = {
	{ true, true, true, 0 },
	{ false, true, true, 0 },
	{ false, true, false, 5 },
	{ false, true, true, 70 },
	{ false, false, false, 0 },
};

enum { VERDICTS = sizeof(verdicts) / sizeof(verdicts[0]) };

static json_t *
part_of(const struct safety *safety, int services, int next)
{
	json_t *part = json_pack("{s:s,s:s,s:i}", "name", "mail", "source",
	    "/a", "services", services);

	parts_put(part, safety);
	if (next > 0)
		(void)json_object_set_new(part, "next", json_integer(next));
	return part;
}

static void
expect(const json_t *item, const struct safety *wanted)
{
	assert_int_equal(is_true(item, "safe"), wanted->is_safe);
	assert_int_equal(is_true(item, "published"), wanted->is_published);
	assert_int_equal(is_true(item, "seen"), wanted->is_seen);
	assert_int_equal(number_of(item, "remaining"), wanted->remaining);
}

static void
test_join(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERDICTS; i++)
		for (size_t j = 0; j < VERDICTS; j++) {
			bool is_worse = safety_is_worse(
			    &verdicts[j], &verdicts[i]);
			json_t *whole = part_of(&verdicts[i], 250, 250);
			json_t *part = part_of(&verdicts[j], 7, 0);

			parts_join(whole, part);
			expect(whole, &verdicts[is_worse ? j : i]);
			assert_int_equal(number_of(whole, "services"), 257);
			assert_null(json_object_get(whole, "next"));
			json_decref(whole);
			json_decref(part);
		}
}

/* One that is not safe is told, wherever it stands. */
static void
test_lists_say_less(void **state)
{
	static const char *const missing[] = { "published", "seen" };
	json_t *whole = part_of(&verdicts[0], 1, 1);
	json_t *part = part_of(&verdicts[3], 1, 9);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		(void)json_object_del(whole, missing[i]);
		(void)json_object_del(part, missing[i]);
	}
	parts_join(whole, part);
	assert_false(is_true(whole, "safe"));
	assert_int_equal(number_of(whole, "remaining"), 70);
	assert_int_equal(number_of(whole, "next"), 9);
	assert_null(json_object_get(whole, "published"));
	json_decref(whole);
	json_decref(part);
}

/* Services of which each `step`th was not seen. */
static json_t *
services(int count, int step, const char *name)
{
	json_t *list = json_array();

	for (int i = 0; i < count; i++)
		(void)json_array_append_new(
		    list, json_pack("{s:s,s:b}", "host", name, "seen",
			      i % step != 0));
	return list;
}

static size_t
unseen(const json_t *list)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		count += !is_true(json_array_get(list, i), "seen");
	return count;
}

/* Those that were not seen have to be looked at: no part hides them. */
static void
test_unseen_first(void **state)
{
	json_t *whole = part_of(&verdicts[0], 0, 250);
	json_t *part = part_of(&verdicts[0], 0, 0);
	const json_t *named;

	(void)state;
	(void)json_object_set_new(whole, "services", services(50, 50, "a"));
	(void)json_object_set_new(part, "services", services(50, 10, "b"));
	parts_join(whole, part);
	named = json_object_get(whole, "services");
	assert_int_equal(json_array_size(named), PARTS_SHOWN);
	assert_int_equal(unseen(named), 6);
	for (size_t i = 0; i < 6; i++)
		assert_false(is_true(json_array_get(named, i), "seen"));
	json_decref(whole);
	json_decref(part);
}

static void
test_belong(void **state)
{
	static const char *const names[] = { "name", "source", "leaf",
		"since" };
	json_t *whole = part_of(&verdicts[0], 1, 1);
	json_t *part = part_of(&verdicts[0], 1, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_t *other = json_copy(part);

		assert_true(parts_belong(whole, part));
		(void)json_object_set_new(
		    other, names[i], json_string("other"));
		assert_false(parts_belong(whole, other));
		json_decref(other);
	}
	(void)json_object_set_new(part, "edition", json_integer(1));
	assert_false(parts_belong(whole, part));
	(void)json_object_set_new(whole, "edition", json_integer(1));
	assert_true(parts_belong(whole, part));
	json_decref(whole);
	json_decref(part);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_lists_say_less),
		cmocka_unit_test(test_unseen_first),
		cmocka_unit_test(test_belong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
