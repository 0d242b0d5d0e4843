/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "files/chain_file.h"
#include "pem_file.h"
#include "tree.h"

static struct tree tree;

static int
world_make(void **state)
{
	(void)state;
	pem_parts_make();
	tree_init(&tree);
	return 0;
}

static int
world_free(void **state)
{
	(void)state;
	tree_fini(&tree);
	pem_parts_free();
	return 0;
}

/* Write the file of a plan, see pem_file.h; NULL: there is none. */
static char *
file_make(const char *name, const char *plan)
{
	struct buf text = { 0 };

	if (plan != NULL) {
		pem_file_add(plan, &text);
		tree_write(&tree, name, buf_text(&text));
	}
	buf_fini(&text);
	return tree_path(&tree, name);
}

static const struct {
	const char *why;
	const char *file;
	const char *issuers; /* beside it */
	enum status status;
	size_t ca_count;
	const char *blamed; /* what the problem names */
} cases[] = {
	{ "one file", "lI", NULL, STATUS_OK, 1, NULL },
	{ "two", "l", "I", STATUS_OK, 1, NULL },
	{ "two, all of the chain", "l", "IR", STATUS_OK, 2, NULL },
	{ "a whole one is not looked at further", "lI", "u", STATUS_OK, 1,
	    NULL },
	{ "nor is it if the other one is broken", "lI", "g", STATUS_OK, 1,
	    NULL },
	{ "issuers of another", "l", "u", STATUS_MALFORMED, 0, "issuers" },
	{ "broken issuers", "l", "g", STATUS_MALFORMED, 0, "issuers" },
	{ "a key among them", "l", "k", STATUS_REFUSED, 0, "issuers" },
	{ "no issuers", "l", NULL, STATUS_IO, 0, "issuers" },
	{ "no issuers yet", "l", "", STATUS_MALFORMED, 0, "issuers" },
	{ "nothing", NULL, NULL, STATUS_ABSENT, 0, "leaf" },
	{ "issuers alone", NULL, "I", STATUS_ABSENT, 0, "leaf" },
	{ "an empty file", "", "I", STATUS_MALFORMED, 0, "leaf" },
};

static void
test_read_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem = { "" };
		struct chain_file file = { 0 };
		struct ca_pool pool;
		char *path = file_make("leaf", cases[i].file);
		char *issuers = file_make("issuers", cases[i].issuers);

		print_message("# %s\n", cases[i].why);
		ca_pool_init(&pool);
		assert_int_equal(chain_file_read(&pool, path, issuers, false,
				     &file, &problem),
		    cases[i].status);
		if (cases[i].status == STATUS_OK) {
			assert_int_equal(
			    file.chain->ca_count, cases[i].ca_count);
			assert_true(
			    chain_file_unchanged(path, issuers, &file.print));
			chain_file_fini(&file);
		} else {
			assert_null(file.chain);
			assert_non_null(strstr(problem.text, cases[i].blamed));
		}
		ca_pool_fini(&pool);
		if (cases[i].file != NULL)
			tree_remove(&tree, "leaf");
		if (cases[i].issuers != NULL)
			tree_remove(&tree, "issuers");
		free(issuers);
		free(path);
	}
}

/* A change of either counts, but only of what was read. */
static void
test_unchanged(void **state)
{
	struct problem problem = { "" };
	struct chain_file file;
	struct ca_pool pool;
	char *path = file_make("leaf", "l");
	char *issuers = file_make("issuers", "I");

	(void)state;
	ca_pool_init(&pool);
	assert_int_equal(
	    chain_file_read(&pool, path, issuers, false, &file, &problem),
	    STATUS_OK);
	assert_false(chain_file_unchanged(path, NULL, &file.print));
	tree_append(&tree, "issuers", "\n");
	assert_false(chain_file_unchanged(path, issuers, &file.print));
	tree_remove(&tree, "issuers");
	assert_false(chain_file_unchanged(path, issuers, &file.print));
	chain_file_fini(&file);
	assert_int_equal(
	    chain_file_read(&pool, path, NULL, false, &file, &problem),
	    STATUS_OK);
	assert_true(chain_file_unchanged(path, issuers, &file.print));
	tree_append(&tree, "leaf", "\n");
	assert_false(chain_file_unchanged(path, issuers, &file.print));
	chain_file_fini(&file);
	ca_pool_fini(&pool);
	free(issuers);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_table),
		cmocka_unit_test(test_unchanged),
	};

	return cmocka_run_group_tests_name(
	    "chain_file", tests, world_make, world_free);
}
