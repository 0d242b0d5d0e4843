/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/reload.h"
#include "loop/loop.h"

enum { LONG = 600000, SHORT = 200 };

static void
test_reload_table(void **state)
{
	static const struct {
		const char *command;
		int64_t max;
		bool is_good;
		const char *why;
	} cases[] = {
		{ "true", LONG, true, "" },
		{ "exit 0; false", LONG, true, "" },
		{ "false", LONG, false, "it ended with status 1" },
		{ "exit 3", LONG, false, "it ended with status 3" },
		{ "/nonexistent 2>/dev/null", LONG, false,
		    "it ended with status 127" },
		{ "kill -9 $$", LONG, false, "it was ended by signal 9" },
		{ "exec sleep 1000", SHORT, false,
		    "it did not end within 0 s" },
		{ "trap '' TERM; exec sleep 1000", SHORT, false,
		    "it did not end within 0 s" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem = { "" };
		int64_t begin = loop_now();

		print_message("# %s\n", cases[i].command);
		assert_int_equal(
		    reload_run(cases[i].command, cases[i].max, &problem),
		    cases[i].is_good);
		assert_string_equal(problem.text, cases[i].why);
		assert_true(loop_now() - begin < LONG);
	}
}

/* What ignores children, or is told to, has an answer all the same. */
static void
test_reload_signals(void **state)
{
	struct problem problem = { "" };

	(void)state;
	(void)signal(SIGCHLD, SIG_IGN);
	assert_false(reload_run("exit 4", LONG, &problem));
	assert_string_equal(problem.text, "it ended with status 4");
	/* The word of a terminal is for the command. */
	assert_false(
	    reload_run("kill -INT $PPID; kill -INT $$", LONG, &problem));
	assert_string_equal(problem.text, "it was ended by signal 2");
	assert_true(signal(SIGINT, SIG_DFL) == SIG_DFL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reload_table),
		cmocka_unit_test(test_reload_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
