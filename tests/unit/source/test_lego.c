/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "source/kinds.h"
#include "source_check.h"

/* Two lineages as lego keeps them. */
static int
store_make(void **state)
{
	static const char *const endings[] = { "crt", "issuer.crt", "json",
		"key" };
	static const char *const names[] = { "mail.example.com",
		"_.example.com" };
	static struct tree tree;

	tree_init(&tree);
	tree_make(&tree, "accounts/acme.example");
	tree_make(&tree, "certificates");
	for (size_t i = 0; i < LENGTH(names); i++)
		for (size_t k = 0; k < LENGTH(endings); k++) {
			char *file = mem_format(
			    "certificates/%s.%s", names[i], endings[k]);

			tree_write(&tree, file, "text");
			free(file);
		}
	*state = &tree;
	return 0;
}

static void
test_discover(void **state)
{
	struct tree *tree = *state;

	/* None of these is a lineage; NAME.pem has the key in it. */
	tree_write(tree, "certificates/web.key", "");
	tree_write(tree, "certificates/web.pem", "");
	tree_write(tree, "certificates/web.pfx", "");
	tree_write(tree, "certificates/.crt", "");
	tree_write(tree, "certificates/.web.crt", "");
	tree_write(tree, "certificates/web.crt~", "");
	tree_make(tree, "archives");
	tree_write(tree, "archives/1795436930.old.crt", "");
	source_check_found(
	    &source_lego, tree, "_.example.com mail.example.com ");
	tree_remove(tree, "certificates/mail.example.com.crt");
	source_check_found(
	    &source_lego, tree, "_.example.com mail.example.com ");
}

static void
test_discover_nothing(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "certificates");
	free(source_check_discover(&source_lego, tree, STATUS_ABSENT));
	tree_write(tree, "certificates", "no directory");
	free(source_check_discover(&source_lego, tree, STATUS_ABSENT));
}

static void
test_locate(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };
	char *issuers = tree_path(
	    tree, "certificates/mail.example.com.issuer.crt");

	source_check_located(&source_lego, tree, "mail.example.com",
	    "certificates/mail.example.com.crt",
	    "certificates/mail.example.com.crt");
	assert_int_equal(source_check_locate(
			     &source_lego, tree, "mail.example.com", &location),
	    STATUS_OK);
	assert_string_equal(location.issuers, issuers);
	source_check_paths(tree, &location.watched,
	    "certificates/mail.example.com.crt certificates "
	    "certificates/mail.example.com.issuer.crt ");
	assert_int_equal(location.next.count + location.past.count, 0);
	assert_true(location.is_candidate);
	location_fini(&location);
	free(issuers);
}

static void
test_locate_loop(void **state)
{
	static const char *const files[] = { "certificates/loop.crt",
		"certificates/loop.issuer.crt" };
	struct tree *tree = *state;

	tree_write(tree, "certificates/loop.json", "{}");
	for (size_t i = 0; i < LENGTH(files); i++) {
		tree_link(tree, files[i] + strlen("certificates/"), files[i]);
		assert_int_equal(
		    source_check_status(&source_lego, tree, "loop"),
		    STATUS_LIMIT);
		tree_remove(tree, files[i]);
	}
}

/* Deleted is what has no file left in a store that has others. */
static void
test_deleted(void **state)
{
	static const char *const files[] = {
		"certificates/mail.example.com.crt",
		"certificates/mail.example.com.issuer.crt",
		"certificates/mail.example.com.json",
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < LENGTH(files); i++) {
		print_message("# without %zu files\n", i);
		assert_int_equal(
		    source_check_status(&source_lego, tree, "mail.example.com"),
		    STATUS_OK);
		tree_remove(tree, files[i]);
	}
	assert_int_equal(
	    source_check_status(&source_lego, tree, "mail.example.com"),
	    STATUS_ABSENT);
	tree_write(tree, "other", "");
	tree_rename(tree, "certificates", "gone");
	assert_int_equal(
	    source_check_status(&source_lego, tree, "mail.example.com"),
	    STATUS_OK);
	print_message("# what a file system leaves that is not mounted\n");
	tree_make(tree, "certificates");
	assert_int_equal(
	    source_check_status(&source_lego, tree, "mail.example.com"),
	    STATUS_OK);
}

static void
test_forbidden_is_not_deleted(void **state)
{
	struct tree *tree = *state;
	enum status searching;
	enum status listing;

	if (!source_check_lock(tree, "certificates", 0))
		skip();
	searching = source_check_status(&source_lego, tree, "never");
	source_check_unlock(tree, "certificates");
	if (!source_check_lock(tree, "certificates", 0711))
		skip();
	listing = source_check_status(&source_lego, tree, "never");
	source_check_unlock(tree, "certificates");
	assert_int_equal(searching, STATUS_IO);
	assert_int_equal(listing, STATUS_IO);
}

/* lego does not write down what it was told. */
static void
test_plan(void **state)
{
	struct tree *tree = *state;

	tree_write(tree, "certificates/mail.example.com.json",
	    "{\"domain\": \"mail.example.com\",\n"
	    "\"certUrl\": \"https://acme.example/cert/1\"}\n");
	source_check_plan(&source_lego, tree, "mail.example.com", "unknown");
}

static void
test_key_of(void **state)
{
	source_check_key(&source_lego, *state, "_.example.com",
	    "certificates/_.example.com.crt", "certificates/_.example.com.key");
}

static void
test_lineage_of_table(void **state)
{
	static const struct source_check_entry cases[] = {
		{ "the chain", ROLE_LINEAGES, "mail.crt", "mail", false },
		{ "its CA certificates", ROLE_LINEAGES, "mail.issuer.crt",
		    "mail", false },
		{ "what is known of it", ROLE_LINEAGES, "mail.json", "mail",
		    false },
		{ "a wildcard", ROLE_LINEAGES, "_.example.com.crt",
		    "_.example.com", false },
		{ "its key", ROLE_LINEAGES, "mail.key", NULL, false },
		{ "with the key in it", ROLE_LINEAGES, "mail.pem", NULL,
		    false },
		{ "hidden", ROLE_LINEAGES, ".mail.crt", NULL, false },
		{ "nothing but the ending", ROLE_LINEAGES, ".crt", NULL,
		    false },
		{ "certificates come", ROLE_ROOT, "certificates", NULL, true },
		{ "archives", ROLE_ROOT, "archives", NULL, false },
		{ "accounts", ROLE_ROOT, "accounts", NULL, false },
	};

	(void)state;
	source_check_entries(&source_lego, cases, LENGTH(cases));
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_make, source_check_end)
	const struct CMUnitTest tests[] = {
		TEST(test_discover),
		TEST(test_discover_nothing),
		TEST(test_locate),
		TEST(test_locate_loop),
		TEST(test_deleted),
		TEST(test_forbidden_is_not_deleted),
		TEST(test_plan),
		TEST(test_key_of),
		cmocka_unit_test(test_lineage_of_table),
	};

	return cmocka_run_group_tests_name("source_lego", tests, NULL, NULL);
}
