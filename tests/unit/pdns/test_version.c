/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "pdns/version.h"
#include "tree.h"

static int
tree_begin(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	*state = &tree;
	return 0;
}

static int
tree_end(void **state)
{
	tree_fini(*state);
	return 0;
}

static void
test_versions(void **state)
{
	static const struct {
		const char *text;
		unsigned major;
		unsigned minor;
		const char *kept;
	} rows[] = {
		{ "5.1", 5, 1, "5.1" },
		{ "4.7.3 (C) 2001-2022 PowerDNS.COM BV", 4, 7, "4.7.3" },
		{ "4.9.18-0+deb13u1", 4, 9, "4.9.18-0+deb13u1" },
		{ "5.2.0~alpha1\n", 5, 2, "5.2.0~alpha1" },
		{ "10.0", 10, 0, "10.0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdns_version version;

		assert_true(pdns_version_parse(rows[i].text, &version));
		assert_int_equal(version.major, rows[i].major);
		assert_int_equal(version.minor, rows[i].minor);
		assert_string_equal(version.text, rows[i].kept);
	}
}

static void
test_none(void **state)
{
	static const char *const rows[] = { "", "5", "5.", ".1", "five.one",
		"v5.1", "-5.1", "0.0.19204.0.master.gabcdef", "2.9", "5.1'; rm",
		"99999999999.1", "5.99999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdns_version version = { .major = 77 };

		assert_false(pdns_version_parse(rows[i], &version));
		assert_int_equal(version.major, 77);
	}
}

/* A pdns_server of our own, first in the search path. */
static bool
find_with(const struct tree *tree, const char *script, int wait,
    struct pdns_version *ret)
{
	char *directory = tree_path(tree, "bin");
	char *old = mem_string(getenv("PATH"));
	char *path = mem_format("%s:%s", directory, old);
	bool is_found;

	tree_make(tree, "bin");
	tree_write(tree, "bin/pdns_server", script);
	tree_chmod(tree, "bin/pdns_server", 0755);
	assert_int_equal(setenv("PATH", path, 1), 0);
	is_found = pdns_version_find(wait, ret);
	assert_int_equal(setenv("PATH", old, 1), 0);
	free(path);
	free(old);
	free(directory);
	return is_found;
}

/* As 4.x and 5.x say it: with a time before it, or without. */
static void
test_found(void **state)
{
	struct pdns_version version;

	assert_true(find_with(*state,
	    "#!/bin/sh\n"
	    "echo 'Nov 28 08:20:02 PowerDNS Authoritative Server 4.9.18 (C) "
	    "PowerDNS.COM BV' >&2\nexit 99\n",
	    5000, &version));
	assert_string_equal(version.text, "4.9.18");
	assert_true(find_with(*state,
	    "#!/bin/sh\n"
	    "echo 'PowerDNS Authoritative Server 5.1.5 (C) PowerDNS.COM BV'\n",
	    5000, &version));
	assert_int_equal(version.major, 5);
}

static void
test_says_nothing(void **state)
{
	struct pdns_version version;

	assert_false(find_with(*state, "#!/bin/sh\n", 5000, &version));
	assert_false(find_with(*state,
	    "#!/bin/sh\nexec head -c 1000000 /dev/zero\n", 5000, &version));
}

/* One that never ends is not waited for. */
static void
test_hangs(void **state)
{
	struct pdns_version version;

	assert_false(
	    find_with(*state, "#!/bin/sh\nexec sleep 600\n", 100, &version));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_begin, tree_end)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_none),
		TEST(test_found),
		TEST(test_says_nothing),
		TEST(test_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
