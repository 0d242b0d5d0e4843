/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

#include "source/kinds.h"
#include "source_check.h"

/* A certificate for two hosts, as acmetool keeps it, and an older one. */
static int
store_make(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	tree_make(&tree, "live");
	tree_make(&tree, "certs/abc");
	tree_make(&tree, "certs/old");
	tree_write(&tree, "certs/abc/fullchain", "chain");
	tree_write(&tree, "certs/abc/cert", "leaf");
	tree_write(&tree, "certs/abc/url", "https://ca.example/cert/1");
	tree_link(&tree, "../certs/abc", "live/mail");
	tree_link(&tree, "../certs/abc", "live/mx");
	*state = &tree;
	return 0;
}

static void
test_discover(void **state)
{
	struct tree *tree = *state;

	tree_write(tree, "live/README", "");
	tree_link(tree, "../certs/nowhere", "live/gone");
	source_check_found(&source_acmetool, tree, "mail mx ");
	source_check_absent(&source_acmetool, tree);
}

static void
test_locate(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	source_check_located(&source_acmetool, tree, "mail",
	    "live/mail/fullchain", "certs/abc/fullchain");
	assert_int_equal(
	    source_check_locate(&source_acmetool, tree, "mail", &location),
	    STATUS_OK);
	/* The link is what a renewal exchanges. */
	assert_true(source_check_has(tree, &location.watched, "live/mail"));
	assert_false(location.plan.is_known);
	location_fini(&location);
	source_check_key(&source_acmetool, tree, "mail", "live/mail/fullchain",
	    "live/mail/privkey");
	tree_remove(tree, "live/mail");
	assert_int_equal(
	    source_check_status(&source_acmetool, tree, "mail"), STATUS_ABSENT);
	tree_remove(tree, "live/mx");
	assert_int_equal(
	    source_check_status(&source_acmetool, tree, "mx"), STATUS_OK);
}

static void
test_lineage_of_table(void **state)
{
	static const struct source_check_entry cases[] = {
		{ "a host", ROLE_LINEAGES, "mail", "mail", false },
		{ "on its way", ROLE_LINEAGES, ".tmp.1", NULL, false },
		{ "the hosts", ROLE_ROOT, "live", NULL, true },
		{ "certificates", ROLE_ROOT, "certs", NULL, false },
	};

	(void)state;
	source_check_entries(&source_acmetool, cases, LENGTH(cases));
}

/* A link to what cannot be looked at is a lineage, as far as anybody knows. */
static void
test_locked(void **state)
{
	source_check_found_locked(
	    &source_acmetool, *state, "certs", STATUS_OK, "mail mx ");
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_make, source_check_end)
	const struct CMUnitTest tests[] = {
		TEST(test_discover),
		TEST(test_locate),
		TEST(test_locked),
		cmocka_unit_test(test_lineage_of_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
