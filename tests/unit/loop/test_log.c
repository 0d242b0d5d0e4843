/* SPDX-License-Identifier: MIT */
/* loop/log.h: who causes lines cannot fill the log. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loop/log.h"

static time_t now;

/* The log's clock: the tests' own. */
int
clock_gettime(clockid_t clock, struct timespec *ret)
{
	(void)clock;
	*ret = (struct timespec){ .tv_sec = now };
	return 0;
}

/* A file in the place of standard error. */
static int
begin(void **state)
{
	static int saved;
	FILE *file = tmpfile();

	assert_non_null(file);
	saved = dup(STDERR_FILENO);
	(void)dup2(fileno(file), STDERR_FILENO);
	(void)fclose(file);
	*state = &saved;
	now += 10 * LOG_SPAN;
	return 0;
}

static int
end(void **state)
{
	const int *saved = *state;

	(void)dup2(*saved, STDERR_FILENO);
	(void)close(*saved);
	return 0;
}

/* Return how many lines hold `text`. */
static unsigned
count(const char *text)
{
	static char all[1 << 20];
	ssize_t len = pread(STDERR_FILENO, all, sizeof(all) - 1, 0);
	unsigned found = 0;

	assert_true(len >= 0);
	all[len] = '\0';
	for (char *line = strtok(all, "\n"); line != NULL;
	     line = strtok(NULL, "\n"))
		found += strstr(line, text) != NULL;
	return found;
}

static void
test_burst(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		log_line(LOG_LEVEL_WARNING, "lineage 'a': flaps: %d", i);
	assert_int_equal(count("lineage 'a'"), LOG_BURST);
	assert_int_equal(count("(what more comes like this"), 1);
	/* nobody else pays for it */
	log_line(LOG_LEVEL_WARNING, "lineage 'b': is good");
	assert_int_equal(count("lineage 'b'"), 1);
	/* and it is heard again */
	now += LOG_SPAN - 1;
	log_line(LOG_LEVEL_WARNING, "lineage 'a': too early");
	assert_int_equal(count("too early"), 0);
	now += 1;
	log_line(LOG_LEVEL_WARNING, "lineage 'a': again");
	assert_int_equal(
	    count("again (941 lines like this before were left out)"), 1);
	log_line(LOG_LEVEL_WARNING, "lineage 'a': more");
	assert_int_equal(count("more"), 2);
}

/* Whom it is about decides, not when. */
static void
test_many(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		log_line(LOG_LEVEL_NOTICE, "lineage 'l%d': renewed", i);
	assert_int_equal(count("renewed"), 1000);
}

/* Who debugs wants all of it. */
static void
test_debug(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_DEBUG);
	for (int i = 0; i < 1000; i++)
		log_line(LOG_LEVEL_DEBUG, "request: %d", i);
	assert_int_equal(count("request"), 1000);
	log_set_level(LOG_LEVEL_INFO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_burst, begin, end),
		cmocka_unit_test_setup_teardown(test_many, begin, end),
		cmocka_unit_test_setup_teardown(test_debug, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
