/* SPDX-License-Identifier: MIT */
/* What is kept of a lineage that something happens to, and for how long. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/file.h"
#include "loop/loop.h"
#include "scan/unrest.h"

/* Longer ago than anything that counts. */
enum { LONG = 60 * 1000 };

static void
test_settle(void **state)
{
	struct unrest *unrest = NULL;

	(void)state;
	unrest_settle(&unrest);
	assert_null(unrest);
	assert_int_equal(unrest_of(unrest)->since, 0);
	print_message("# an event that was judged\n");
	unrest_make(&unrest)->since = loop_now();
	unrest_settle(&unrest);
	assert_null(unrest);
	print_message("# what is wrong stays until it is right\n");
	unrest_make(&unrest)->failed_since = loop_now() - LONG;
	unrest_settle(&unrest);
	assert_non_null(unrest);
	unrest->failed_since = 0;
	unrest->odd_since = loop_now() - LONG;
	unrest_settle(&unrest);
	assert_non_null(unrest);
	unrest->odd_since = 0;
	unrest_settle(&unrest);
	assert_null(unrest);
}

static void
test_ban(void **state)
{
	const struct fingerprint print = { 1, 2, 3, 4, 5 };
	const struct fingerprint other = { 1, 2, 3, 4, 6 };
	const struct fingerprint nothing = { 0 };
	struct unrest *unrest = NULL;

	(void)state;
	assert_false(unrest_bans(NULL, &print));
	unrest_ban(&unrest, &print, loop_now() + LONG);
	assert_true(unrest_bans(unrest, &print));
	assert_false(unrest_bans(unrest, &other));
	unrest_settle(&unrest);
	assert_true(unrest_bans(unrest, &print));
	print_message("# until then\n");
	unrest_ban(&unrest, &print, loop_now() - 1);
	assert_false(unrest_bans(unrest, &print));
	print_message("# no file at all is none that is left alone\n");
	unrest_ban(&unrest, &nothing, loop_now() + LONG);
	assert_false(unrest_bans(unrest, &nothing));
	free(unrest);
}

static void
file_make(const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

/* Who writes a file, closes it and flips a link to it has a moment for it. */
static void
test_written(void **state)
{
	char directory[] = "/tmp/tlsa.XXXXXX";
	char file[64];
	char link[64];
	struct fingerprint print;
	struct unrest *unrest = NULL;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(file, sizeof(file), "%s/chain1.pem", directory);
	(void)snprintf(link, sizeof(link), "%s/chain.pem", directory);
	file_make(file);
	assert_int_equal(symlink("chain1.pem", link), 0);
	assert_true(file_fingerprint(file, &print));
	print_message("# beside what the link leads to\n");
	unrest_written(&unrest, link, "chain1.pem");
	assert_true(fingerprint_equal(&unrest->written, &print));
	unrest_settle(&unrest);
	assert_non_null(unrest);
	print_message("# something else came\n");
	unrest_written(&unrest, link, NULL);
	assert_int_equal(unrest->written.inode, 0);
	print_message("# who closes without end is not looked after\n");
	for (int i = 0; i < 100; i++)
		unrest_written(&unrest, link, "chain1.pem");
	assert_int_equal(unrest->written.inode, 0);
	print_message("# the moment is over\n");
	unrest->closes = 0;
	unrest_written(&unrest, link, "chain1.pem");
	unrest->written_at -= LONG;
	unrest_settle(&unrest);
	assert_null(unrest);
	assert_int_equal(unlink(link) | unlink(file) | rmdir(directory), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_ban),
		cmocka_unit_test(test_written),
	};

	return cmocka_run_group_tests_name("unrest", tests, NULL, NULL);
}
