/* SPDX-License-Identifier: MIT */
/* What a kept clock says at the next start. */
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loop/clock.h"

enum { DAY = 86400 };

static char directory[] = "/tmp/tlsa.XXXXXX";
static char path[64];

static int
directory_make(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/clock", directory);
	return 0;
}

static int
directory_remove(void **state)
{
	(void)state;
	return unlink(path) | rmdir(directory);
}

/* What is kept is what it would be with these offset and time of day. */
static void
keep(int64_t offset, int64_t when)
{
	char boot[64] = "";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%63s", boot), 1);
	(void)fclose(file);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fprintf(file, "%s %" PRId64 " %" PRId64 "\n", boot, offset, when);
	assert_int_equal(fclose(file), 0);
}

static void
expect(const struct clock *clock, enum clock_known known, int64_t step)
{
	int64_t found = 0;

	assert_int_equal(clock_kept_step(clock, directory, &found), known);
	/* a busy machine is slow */
	assert_in_range(found - step + 60, 60, 120);
}

static void
test_kept(void **state)
{
	struct clock clock;
	int64_t now = (int64_t)time(NULL);
	int64_t step = 0;

	(void)state;
	clock_begin(&clock);
	assert_int_equal(
	    clock_kept_step(&clock, directory, &step), CLOCK_UNKNOWN);
	print_message("# nobody set it\n");
	assert_true(clock_keep(&clock, directory));
	expect(&clock, CLOCK_SET, 0);
	print_message("# it is eight days ahead of what it was\n");
	keep(clock.offset - 8 * DAY, now - 8 * DAY);
	expect(&clock, CLOCK_SET, 8 * DAY);
	print_message("# it began in 1970, a minute after the boot\n");
	keep(0, 60);
	expect(&clock, CLOCK_SET, clock.offset);
	print_message(
	    "# by what was kept the machine ran for half a century\n");
	keep(0, now + 8 * DAY);
	expect(&clock, CLOCK_BOOTED, -8 * DAY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests_name(
	    "clock", tests, directory_make, directory_remove);
}
