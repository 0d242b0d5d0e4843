/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

#include "source/kinds.h"
#include "source_check.h"

#define ABOUT(next)                                                            \
	"{\"version\":1,\"received\":5,\"next\":" next                         \
	",\"plan\":{\"known\":true,\"reuse\":true,\"server\":\"https://a/\"}}"

/* A lineage as `receive` puts it down, with two staged keys. */
static int
store_make(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	tree_make(&tree, "mail");
	tree_write(&tree, ".lock", "");
	tree_write(&tree, "mail/fullchain.pem", "chain");
	tree_write(&tree, "mail/sender", "mx1\n");
	tree_write(&tree, "mail/next-1.pem", "key");
	tree_write(&tree, "mail/next-2.pem", "key");
	tree_write(&tree, "mail/next-3.pem", "key of before");
	tree_write(&tree, "mail/sent.json", ABOUT("2"));
	*state = &tree;
	return 0;
}

static void
test_discover(void **state)
{
	struct tree *tree = *state;

	tree_make(tree, "web");
	tree_make(tree, ".hidden");
	tree_write(tree, "file", "");
	source_check_found(&source_remote, tree, "mail web ");
	source_check_absent(&source_remote, tree);
}

static void
test_locate(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	source_check_located(&source_remote, tree, "mail", "mail/fullchain.pem",
	    "mail/fullchain.pem");
	assert_int_equal(
	    source_check_locate(&source_remote, tree, "mail", &location),
	    STATUS_OK);
	source_check_paths(
	    tree, &location.next, "mail/next-1.pem mail/next-2.pem ");
	assert_true(
	    source_check_has(tree, &location.watched, "mail/sent.json"));
	assert_true(location.is_candidate);
	assert_true(location.plan.is_known && location.plan.reuse_key);
	assert_string_equal(location.plan.server, "https://a/");
	assert_null(location.warning);
	location_fini(&location);
	assert_null(source_remote.key_of(NULL, "mail", "fullchain.pem"));
}

/* The chain counts, whatever is said of it. */
static void
test_damaged(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{}",
		"{\"version\":2,\"received\":5}", ABOUT("9"), ABOUT("-1"),
		ABOUT("\"2\""), "{\"version\":1}",
		"{\"version\":1,\"received\":5,\"received\":6}" };
	struct tree *tree = *state;

	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct location location = { 0 };

		tree_write(tree, "mail/sent.json", texts[i]);
		assert_int_equal(source_check_locate(
				     &source_remote, tree, "mail", &location),
		    STATUS_OK);
		assert_int_equal(location.next.count, 0);
		assert_false(location.plan.is_known);
		assert_non_null(location.warning);
		location_fini(&location);
	}
	tree_remove(tree, "mail/sent.json");
	source_check_located(&source_remote, tree, "mail", "mail/fullchain.pem",
	    "mail/fullchain.pem");
}

static void
test_deleted(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "mail");
	/* It may be that it is not mounted. */
	assert_int_equal(
	    source_check_status(&source_remote, tree, "mail"), STATUS_OK);
	tree_make(tree, "web");
	assert_int_equal(
	    source_check_status(&source_remote, tree, "mail"), STATUS_ABSENT);
}

static void
test_entries(void **state)
{
	static const struct source_check_entry cases[] = {
		{ "a lineage", ROLE_LINEAGES, "mail", "mail", false },
		{ "our lock", ROLE_LINEAGES, ".lock", NULL, false },
	};

	(void)state;
	source_check_entries(&source_remote, cases, LENGTH(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_discover, store_make, source_check_end),
		cmocka_unit_test_setup_teardown(
		    test_locate, store_make, source_check_end),
		cmocka_unit_test_setup_teardown(
		    test_damaged, store_make, source_check_end),
		cmocka_unit_test_setup_teardown(
		    test_deleted, store_make, source_check_end),
		cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
