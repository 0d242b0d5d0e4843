/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stddef.h>
#include <string.h>

#include "sets/index.h"

/* At even addresses, as what malloc() gives. */
static max_align_t a, b, c;

/* The list at `key` must be the items, up to the first NULL. */
static void
expect(const struct index *index, const char *key, const void *first,
    const void *second, const void *third)
{
	const void *const items[] = { first, second, third };
	struct index_list list;
	size_t count = 0;

	while (count < LENGTH(items) && items[count] != NULL)
		count++;
	index_get(index, key, strlen(key), &list);
	assert_int_equal(index_has(index, key, strlen(key)), count > 0);
	assert_int_equal(list.count, count);
	for (size_t i = 0; i < count; i++)
		assert_ptr_equal(list.items[i], items[i]);
}

static void
test_add(void **state)
{
	struct index index;

	(void)state;
	index_init(&index);
	expect(&index, "k", NULL, NULL, NULL);
	index_add(&index, "k", 1, &b);
	index_add(&index, "k", 1, &a);
	index_add(&index, "k", 1, &c);
	print_message("# in the order they were added\n");
	expect(&index, "k", &b, &a, &c);
	print_message("# the last one again\n");
	index_add(&index, "k", 1, &c);
	expect(&index, "k", &b, &a, &c);
	print_message("# keys that begin alike\n");
	index_add(&index, "", 0, &a);
	index_add(&index, "kk", 2, &a);
	expect(&index, "", &a, NULL, NULL);
	expect(&index, "k", &b, &a, &c);
	expect(&index, "kk", &a, NULL, NULL);
	index_fini(&index);
}

static void
test_remove(void **state)
{
	struct index index;

	(void)state;
	index_init(&index);
	index_add(&index, "k", 1, &a);
	index_add(&index, "k", 1, &b);
	index_add(&index, "k", 1, &c);
	index_add(&index, "other", 5, &a);
	print_message("# what is not there\n");
	index_remove(&index, "k", 1, &index);
	index_remove(&index, "none", 4, &a);
	expect(&index, "k", &a, &b, &c);
	print_message("# from the middle, the end, the beginning\n");
	index_remove(&index, "k", 1, &b);
	expect(&index, "k", &a, &c, NULL);
	index_remove(&index, "k", 1, &c);
	expect(&index, "k", &a, NULL, NULL);
	index_remove(&index, "k", 1, &a);
	expect(&index, "k", NULL, NULL, NULL);
	expect(&index, "other", &a, NULL, NULL);
	print_message("# an empty list takes no room\n");
	assert_int_equal(index.lists.count, 1);
	print_message("# and begins again\n");
	index_add(&index, "k", 1, &c);
	index_add(&index, "k", 1, &a);
	expect(&index, "k", &c, &a, NULL);
	index_remove(&index, "k", 1, &c);
	expect(&index, "k", &a, NULL, NULL);
	index_fini(&index);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_remove),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
