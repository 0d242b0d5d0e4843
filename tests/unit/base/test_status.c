/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "base/status.h"

static void
test_text(void **state)
{
	static const enum status all[] = {
#define X(id, text) id,
		STATUS_TABLE(X)
#undef X
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(all); i++) {
		assert_string_not_equal(status_text(all[i]), "");
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
			    status_text(all[i]), status_text(all[k]));
	}
	assert_string_equal(status_text(STATUS_OK), "success");
	assert_non_null(status_text((enum status)LENGTH(all)));
}

static void
test_problem(void **state)
{
	struct problem problem = { "old" };

	(void)state;
	problem_set(&problem, "line %d", 7);
	assert_string_equal(problem.text, "line 7");
	problem_prefix(&problem, "%s", "a.conf");
	problem_prefix(&problem, "%s", "");
	assert_string_equal(problem.text, ": a.conf: line 7");
	problem_set(&problem, "%s", "");
	assert_string_equal(problem.text, "");
	problem_prefix(&problem, "a");
	assert_string_equal(problem.text, "a: ");
	problem_set(NULL, "nobody wants to know");
	problem_prefix(NULL, "nor %d", 1);
}

/* The text is cut at the end, never the end of the string. */
static void
test_cut_table(void **state)
{
	static const struct {
		const char *why;
		int text;
		int prefix; /* 0: none */
		size_t len;
	} cases[] = {
		{ "fits", PROBLEM_MAX - 1, 0, PROBLEM_MAX - 1 },
		{ "one more", PROBLEM_MAX, 0, PROBLEM_MAX - 1 },
		{ "much more", 5000, 0, PROBLEM_MAX - 1 },
		{ "prefix fits", PROBLEM_MAX - 4, 1, PROBLEM_MAX - 1 },
		{ "prefix pushes the end out", PROBLEM_MAX - 3, 1,
		    PROBLEM_MAX - 1 },
		{ "prefix leaves no room", 10, PROBLEM_MAX - 1,
		    PROBLEM_MAX - 1 },
		{ "prefix leaves room for half", 10, PROBLEM_MAX - 2,
		    PROBLEM_MAX - 1 },
		{ "prefix leaves room for nothing else", 10, PROBLEM_MAX - 3,
		    PROBLEM_MAX - 1 },
		{ "prefix is longer than all", 10, 5000, PROBLEM_MAX - 1 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct {
			struct problem problem;
			char guard;
		} box = { { "" }, 'g' };

		print_message("# %s\n", cases[i].why);
		problem_set(&box.problem, "%0*d", cases[i].text, 0);
		if (cases[i].prefix > 0)
			problem_prefix(
			    &box.problem, "%0*d", cases[i].prefix, 1);
		assert_int_equal(strlen(box.problem.text), cases[i].len);
		assert_int_equal(box.guard, 'g');
		if (cases[i].prefix > 0 && cases[i].prefix < PROBLEM_MAX - 3)
			assert_memory_equal(
			    box.problem.text + cases[i].prefix, ": 0", 3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_problem),
		cmocka_unit_test(test_cut_table),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
