/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

#include "source/kinds.h"
#include "source_check.h"

/* A domain with two keys, renewed once, and one with an ECDSA key alone. */
static int
store_make(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	tree_make(&tree, "domains/mail.example");
	tree_make(&tree, "domains/ec.example");
	tree_make(&tree, "staging");
	tree_make(&tree, "archive/mail.example.1");
	tree_write(&tree, "domains/mail.example/pubcert.pem", "chain");
	tree_write(&tree, "domains/mail.example/privkey.pem", "key");
	tree_write(&tree, "domains/mail.example/pubcert.secp384r1.pem", "c");
	tree_write(&tree, "domains/mail.example/fallback-cert.pem", "self");
	tree_write(&tree, "domains/mail.example/md.json",
	    "{\"ca\": {\"url\": \"https://acme.example/directory\"}}");
	tree_write(&tree, "domains/ec.example/pubcert.secp256r1.pem", "chain");
	tree_write(&tree, "domains/ec.example/md.json",
	    "{\"ca\": {\"urls\": [\"https://one.example/\", \"x\"]}}");
	tree_write(&tree, "archive/mail.example.1/pubcert.pem", "chain");
	tree_make(&tree, "archive/mail.example.9");
	tree_write(&tree, "archive/mail.example.9/pubcert.pem", "chain");
	tree_make(&tree, "archive/mail.example.10");
	tree_write(&tree, "archive/mail.example.10/pubcert.pem", "chain");
	*state = &tree;
	return 0;
}

static void
test_discover(void **state)
{
	struct tree *tree = *state;

	source_check_found(&source_mod_md, tree,
	    "ec.example.secp256r1 mail.example mail.example.secp384r1 ");
	source_check_absent(&source_mod_md, tree);
}

static void
test_locate(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	source_check_located(&source_mod_md, tree, "mail.example",
	    "domains/mail.example/pubcert.pem",
	    "domains/mail.example/pubcert.pem");
	source_check_located(&source_mod_md, tree, "mail.example.secp384r1",
	    "domains/mail.example/pubcert.secp384r1.pem",
	    "domains/mail.example/pubcert.secp384r1.pem");
	source_check_plan(&source_mod_md, tree, "mail.example",
	    "new key, https://acme.example/directory");
	source_check_plan(&source_mod_md, tree, "ec.example.secp256r1",
	    "new key, https://one.example/");
	source_check_key(&source_mod_md, tree, "ec.example.secp256r1",
	    "domains/ec.example/pubcert.secp256r1.pem",
	    "domains/ec.example/privkey.secp256r1.pem");
	assert_int_equal(source_check_locate(
			     &source_mod_md, tree, "mail.example", &location),
	    STATUS_OK);
	source_check_paths(tree, &location.past,
	    "archive/mail.example.10/pubcert.pem "
	    "archive/mail.example.9/pubcert.pem "
	    "archive/mail.example.1/pubcert.pem ");
	source_check_paths(tree, &location.next, "");
	assert_true(source_check_has(
	    tree, &location.watched, "staging/mail.example/pubcert.pem"));
	assert_true(
	    source_check_has(tree, &location.watched, "domains/mail.example"));
	location_fini(&location);
}

/* What the next reload of Apache brings. */
static void
test_staging(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	tree_make(tree, "staging/mail.example");
	tree_write(tree, "staging/mail.example/pubcert.pem", "chain");
	assert_int_equal(source_check_locate(
			     &source_mod_md, tree, "mail.example", &location),
	    STATUS_OK);
	source_check_paths(
	    tree, &location.next, "staging/mail.example/pubcert.pem ");
	location_fini(&location);
	assert_int_equal(source_check_locate(&source_mod_md, tree,
			     "mail.example.secp384r1", &location),
	    STATUS_OK);
	source_check_paths(tree, &location.next, "");
	location_fini(&location);
}

static void
test_deleted(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "domains/mail.example");
	assert_int_equal(
	    source_check_status(&source_mod_md, tree, "mail.example"),
	    STATUS_ABSENT);
	assert_int_equal(
	    source_check_status(&source_mod_md, tree, "mail.example.secp384r1"),
	    STATUS_ABSENT);
	tree_remove(tree, "domains/ec.example");
	assert_int_equal(
	    source_check_status(&source_mod_md, tree, "ec.example.secp256r1"),
	    STATUS_OK);
}

static void
test_lineage_of_table(void **state)
{
	static const struct source_check_entry cases[] = {
		{ "a domain", ROLE_LINEAGES, "mail.example", NULL, true },
		{ "hidden", ROLE_LINEAGES, ".x", NULL, false },
		{ "all", ROLE_ROOT, "domains", NULL, true },
		{ "other things", ROLE_ROOT, "tmp", NULL, false },
	};

	(void)state;
	source_check_entries(&source_mod_md, cases, LENGTH(cases));
}

/* Of a domain that cannot be looked at, it is known that it is there. */
static void
test_locked(void **state)
{
	source_check_found_locked(&source_mod_md, *state, "domains/ec.example",
	    STATUS_OK, "ec.example mail.example mail.example.secp384r1 ");
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
		TEST(test_staging),
		TEST(test_deleted),
		cmocka_unit_test(test_lineage_of_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
