/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

#include "source/kinds.h"
#include "source_check.h"

/* A lineage as uacme keeps it, renewed twice. */
static int
store_make(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	tree_make(&tree, "private/mail");
	tree_make(&tree, "mail");
	tree_write(&tree, "private/key.pem", "account");
	tree_write(&tree, "private/mail/key.pem", "key");
	tree_write(&tree, "mail/cert.pem", "chain");
	tree_write(&tree, "mail/cert-1795436960.pem", "chain");
	tree_write(&tree, "mail/cert-1795436972.pem", "chain");
	*state = &tree;
	return 0;
}

static void
test_discover(void **state)
{
	struct tree *tree = *state;

	tree_make(tree, "web");
	tree_make(tree, ".git");
	tree_write(tree, "uacme.sh", "");
	source_check_found(&source_uacme, tree, "mail web ");
	source_check_absent(&source_uacme, tree);
}

static void
test_locate(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	/* None of these is an earlier generation. */
	tree_write(tree, "mail/cert.pem.tmp", "chain");
	tree_write(tree, "mail/cert-0.pem", "chain");
	tree_write(tree, "mail/cert-1x.pem", "chain");
	tree_write(tree, "mail/cert-99999999999999999999.pem", "chain");
	tree_write(tree, "mail/revoked-1795436960.pem", "chain");
	source_check_located(
	    &source_uacme, tree, "mail", "mail/cert.pem", "mail/cert.pem");
	assert_int_equal(
	    source_check_locate(&source_uacme, tree, "mail", &location),
	    STATUS_OK);
	source_check_paths(tree, &location.past,
	    "mail/cert-1795436972.pem mail/cert-1795436960.pem ");
	source_check_paths(tree, &location.next, "");
	assert_null(location.issuers);
	assert_true(location.is_candidate);
	location_fini(&location);
}

static void
test_staged(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	tree_write(tree, "mail/pubkey.next.pem", "key");
	assert_int_equal(
	    source_check_locate(&source_uacme, tree, "mail", &location),
	    STATUS_OK);
	source_check_paths(tree, &location.next, "mail/pubkey.next.pem ");
	location_fini(&location);
}

static void
test_deleted(void **state)
{
	struct tree *tree = *state;
	struct tree gone = { tree_path(tree, "gone") };

	print_message("# a file that is missing, as after a revocation\n");
	tree_remove(tree, "mail/cert.pem");
	source_check_located(
	    &source_uacme, tree, "mail", "mail/cert.pem", "mail/cert.pem");
	tree_remove(tree, "mail");
	print_message("# the last one, of which the keys are left\n");
	assert_int_equal(
	    source_check_status(&source_uacme, tree, "mail"), STATUS_OK);
	print_message("# and beside another one\n");
	tree_make(tree, "web");
	assert_int_equal(
	    source_check_status(&source_uacme, tree, "mail"), STATUS_ABSENT);
	print_message("# what a file system leaves that is not mounted\n");
	assert_int_equal(
	    source_check_status(&source_uacme, &gone, "mail"), STATUS_OK);
	tree_make(tree, "gone");
	assert_int_equal(
	    source_check_status(&source_uacme, &gone, "mail"), STATUS_OK);
	free(gone.root);
}

static void
test_forbidden_is_not_deleted(void **state)
{
	struct tree *tree = *state;
	enum status status;

	if (!source_check_lock(tree, "", 0))
		skip();
	status = source_check_status(&source_uacme, tree, "never");
	source_check_unlock(tree, "");
	assert_int_equal(status, STATUS_IO);
}

/* Reused for ever, if there is a key, and if we may know. */
static void
test_plan(void **state)
{
	struct tree *tree = *state;

	source_check_plan(&source_uacme, tree, "mail", "reused key");
	if (source_check_lock(tree, "private", 0))
		source_check_plan(&source_uacme, tree, "mail", "unknown");
	source_check_unlock(tree, "private");
	tree_remove(tree, "private/mail");
	source_check_plan(&source_uacme, tree, "mail", "unknown");
}

static void
test_key_of(void **state)
{
	source_check_key(&source_uacme, *state, "mail", "mail/cert.pem",
	    "private/mail/key.pem");
}

static void
test_lineage_of_table(void **state)
{
	static const struct source_check_entry cases[] = {
		{ "a lineage", ROLE_LINEAGES, "mail", "mail", false },
		{ "keys", ROLE_LINEAGES, "private", NULL, false },
		{ "hidden", ROLE_LINEAGES, ".git", NULL, false },
	};

	(void)state;
	source_check_entries(&source_uacme, cases, LENGTH(cases));
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_make, source_check_end)
	const struct CMUnitTest tests[] = {
		TEST(test_discover),
		TEST(test_locate),
		TEST(test_staged),
		TEST(test_deleted),
		TEST(test_forbidden_is_not_deleted),
		TEST(test_plan),
		TEST(test_key_of),
		cmocka_unit_test(test_lineage_of_table),
	};

	return cmocka_run_group_tests_name("source_uacme", tests, NULL, NULL);
}
