/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "pki.h"
#include "source/kinds.h"
#include "source_check.h"
#include "tree.h"

static int
store_make(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	tree_write(&tree, "mail.pem", "chain");
	tree_make(&tree, "web");
	tree_write(&tree, "web/fullchain.pem", "chain");
	*state = &tree;
	return 0;
}

/* Count the names that are those wanted; another one is an error. */
struct wanted {
	const char *const *names;
	size_t count;
	unsigned seen; /* bit by name */
};

static void
found(const char *name, void *arg)
{
	struct wanted *wanted = arg;

	for (size_t i = 0; i < wanted->count; i++)
		if (strcmp(wanted->names[i], name) == 0) {
			wanted->seen |= 1U << i;
			return;
		}
	fail_msg("'%s'", name);
}

static void
test_discover(void **state)
{
	static const char *const names[] = { "mail", "web", "link", "empty",
		"broken", "secret" };
	struct wanted wanted = { names, LENGTH(names), 0 };
	struct tree *tree = *state;
	const struct config_source source = source_check_source(tree->root);
	struct problem problem = { "" };

	tree_link(tree, "mail.pem", "link.pem");
	tree_link(tree, "nowhere", "broken.pem");
	tree_make(tree, "empty");
	/* None of these is a lineage. */
	tree_write(tree, "mail.key", "");
	tree_write(tree, "privkey.pem", "");
	tree_write(tree, "mail-key.pem", "");
	tree_write(tree, "mail.key.pem", "");
	tree_write(tree, "README", "");
	tree_write(tree, "mail (conflicted copy 2026-11-28).pem", "");
	tree_write(tree, "mail.sync-conflict-20261128-101010-ABCDEFG.pem", "");
	tree_write(tree, "Copy of mail.pem", "");
	tree_write(tree, "mail - Copy.crt", "");
	/* Of two forms of one the first pattern's counts. */
	tree_write(tree, "mail.crt", "");
	tree_write(tree, "secret.cer", "");
	tree_write(tree, "mail.pem~", "");
	tree_write(tree, ".pem", "");
	tree_write(tree, ".mail.pem", "");
	tree_make(tree, ".git");
	assert_int_equal(
	    source_files.discover(&source, found, &wanted, &problem),
	    STATUS_OK);
	assert_int_equal(wanted.seen, (1U << LENGTH(names)) - 1);
}

static void
test_discover_nothing(void **state)
{
	struct tree *tree = *state;
	struct wanted wanted = { 0 };
	struct problem problem = { "" };
	char *path = tree_path(tree, "absent");
	struct config_source source;

	source = source_check_source(path);
	assert_int_equal(
	    source_files.discover(&source, found, &wanted, &problem),
	    STATUS_ABSENT);
	assert_non_null(strstr(problem.text, path));
	free(path);
	path = tree_path(tree, "mail.pem");
	source = source_check_source(path);
	assert_int_equal(
	    source_files.discover(&source, found, &wanted, &problem),
	    STATUS_ABSENT);
	free(path);
}

/* Locate; a status other than OK must leave the location alone. */
static enum status
locate(const struct tree *tree, const char *name, const char *last,
    struct location *ret_location)
{
	const struct config_source source = source_check_source(tree->root);
	struct problem problem = { "" };
	struct location location = { .is_candidate = true };
	char *full = last != NULL ? tree_path(tree, last) : NULL;
	enum status status = source_files.locate(
	    &source, name, full, &location, &problem);

	if (status == STATUS_OK)
		*ret_location = location;
	else
		assert_true(location.is_candidate && location.file == NULL);
	if (status == STATUS_IO || status == STATUS_LIMIT)
		assert_string_not_equal(problem.text, "");
	free(full);
	return status;
}

static const struct {
	const char *why;
	const char *name;
	const char *last; /* where it was, or NULL */
	const char *file; /* NULL: deleted */
	const char *target;
	bool candidate;
} locate_cases[] = {
	{ "NAME.pem", "mail", NULL, "mail.pem", "mail.pem", false },
	{ "NAME/fullchain.pem", "web", NULL, "web/fullchain.pem",
	    "web/fullchain.pem", false },
	{ "both: NAME.pem", "both", NULL, "both.pem", "both.pem", false },
	{ "both, and it was the other", "both", "both/fullchain.pem",
	    "both.pem", "both.pem", false },
	{ "a link", "link", NULL, "link.pem", "web/fullchain.pem", false },
	{ "a link in the directory", "dir", NULL, "dir/fullchain.pem",
	    "mail.pem", false },
	{ "a dangling link", "broken", NULL, "broken.pem", "nowhere", false },
	{ "a directory without chain", "empty", NULL, "empty/fullchain.pem",
	    "empty/fullchain.pem", true },
	{ "and it had one", "empty", "empty/fullchain.pem",
	    "empty/fullchain.pem", "empty/fullchain.pem", true },
	{ "a file that is missing was not deleted", "gone", "gone.pem",
	    "gone.pem", "gone.pem", true },
	{ "nor one that was never seen", "gone", NULL, "gone.pem", "gone.pem",
	    true },
	{ "a directory that is gone was", "gone", "gone/fullchain.pem", NULL,
	    NULL, false },
	{ "both, and NAME.pem holds nothing", "written", NULL,
	    "written/fullchain.pem", "written/fullchain.pem", false },
	{ "both, and NAME.pem is being written", "written", "written.pem",
	    "written.pem", "written.pem", false },
	{ "a secret volume", "volume", NULL, "volume/tls.crt", "volume/tls.crt",
	    false },
	{ "a leaf beside another one and a CA", "named", NULL,
	    "named/other.crt", "named/other.crt", false },
	{ "cert.pem", "apart", NULL, "apart/cert.pem", "apart/cert.pem",
	    false },
	{ "the key is NAME.pem", "secret", NULL, "secret.crt", "secret.crt",
	    false },
	{ "in capitals", "LOUD", NULL, "LOUD.PEM", "LOUD.PEM", false },
	{ "a directory became a file", "mail", "mail/fullchain.pem", "mail.pem",
	    "mail.pem", false },
};

/* Write a file that holds a leaf. */
static void
leaf_write(struct tree *tree, const char *name)
{
	struct buf text = { 0 };
	struct pki leaf;

	pki_make_leaf("mail.example.org", NULL, &leaf);
	pki_add_pem(&leaf, &text);
	tree_write(tree, name, buf_text(&text));
	pki_fini(&leaf);
	buf_fini(&text);
}

static void
test_locate_table(void **state)
{
	struct tree *tree = *state;

	tree_link(tree, "web/fullchain.pem", "link.pem");
	tree_link(tree, "nowhere", "broken.pem");
	tree_make(tree, "empty");
	tree_make(tree, "dir");
	tree_link(tree, "../mail.pem", "dir/fullchain.pem");
	tree_make(tree, "both");
	tree_write(tree, "both/fullchain.pem", "");
	leaf_write(tree, "both.pem");
	tree_make(tree, "written");
	leaf_write(tree, "written/fullchain.pem");
	tree_write(tree, "written.pem", "");
	tree_make(tree, "volume");
	tree_write(tree, "volume/ca.crt", "");
	tree_write(tree, "volume/tls.crt", "");
	tree_make(tree, "named");
	tree_write(tree, "named/ca.crt", "");
	tree_write(tree, "named/named.crt", "");
	leaf_write(tree, "named/other.crt");
	tree_make(tree, "apart");
	leaf_write(tree, "apart/cert.pem");
	tree_write(tree, "apart/key.pem", "");
	tree_write(tree, "secret.pem", "");
	leaf_write(tree, "secret.crt");
	leaf_write(tree, "LOUD.PEM");
	for (size_t i = 0; i < LENGTH(locate_cases); i++) {
		struct location location = { 0 };
		enum status status = locate(tree, locate_cases[i].name,
		    locate_cases[i].last, &location);
		char *path;

		print_message("# %s\n", locate_cases[i].why);
		if (locate_cases[i].file == NULL) {
			assert_int_equal(status, STATUS_ABSENT);
			continue;
		}
		assert_int_equal(status, STATUS_OK);
		path = tree_path(tree, locate_cases[i].file);
		assert_string_equal(location.file, path);
		assert_string_equal(location.watched.list[0], path);
		free(path);
		path = tree_path(tree, locate_cases[i].target);
		assert_string_equal(location.target, path);
		free(path);
		assert_int_equal(
		    location.is_candidate, locate_cases[i].candidate);
		assert_null(location.warning);
		location_fini(&location);
	}
}

static void
test_locate_loop(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	tree_link(tree, "b.pem", "a.pem");
	tree_link(tree, "a.pem", "b.pem");
	assert_int_equal(locate(tree, "a", NULL, &location), STATUS_LIMIT);
}

/* A store that is gone as a whole (an unmounted disk) has deleted nothing. */
static void
test_absent_store(void **state)
{
	struct tree *tree = *state;
	struct tree inner = { tree_path(tree, "absent") };
	struct location location = { 0 };

	assert_int_equal(
	    locate(&inner, "web", "web/fullchain.pem", &location), STATUS_OK);
	location_fini(&location);
	free(inner.root);
}

/* Nor has one that is empty: that is how an unmounted disk looks. */
static void
test_empty_store(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	tree_remove(tree, "mail.pem");
	tree_remove(tree, "web");
	assert_int_equal(
	    locate(tree, "web", "web/fullchain.pem", &location), STATUS_OK);
	location_fini(&location);
	tree_write(tree, ".lock", "");
	assert_int_equal(
	    locate(tree, "web", "web/fullchain.pem", &location), STATUS_OK);
	location_fini(&location);
	tree_make(tree, "other");
	assert_int_equal(
	    locate(tree, "web", "web/fullchain.pem", &location), STATUS_ABSENT);
}

/* What may not be looked at may well be there. */
static void
test_forbidden_is_not_deleted(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };
	struct tree inner = { tree_path(tree, "store") };
	enum status status;

	tree_chmod(tree, "", 0755);
	tree_make(tree, "store/web");
	tree_write(tree, "store/web/fullchain.pem", "chain");
	tree_chmod(tree, "store", 0);
	if (geteuid() == 0 && seteuid(65534) != 0)
		skip();
	status = locate(&inner, "web", "web/fullchain.pem", &location);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	tree_chmod(tree, "store", 0755);
	free(inner.root);
	location_fini(&location);
	assert_int_not_equal(status, STATUS_ABSENT);
}

static void
test_lineage_of_table(void **state)
{
	static const struct {
		const char *why;
		const char *entry;
		const char *lineage;
		bool discover;
	} cases[] = {
		{ "a chain", "mail.pem", "mail", false },
		{ "a name with dots", "mail.example.org.pem",
		    "mail.example.org", false },
		{ "maybe a directory", "web", NULL, true },
		{ "a key", "mail.key", NULL, false },
		{ "a key in PEM", "privkey1.pem", NULL, false },
		{ "a hidden file", ".lock", NULL, false },
		{ "a hidden file on its way to mail.pem",
		    ".ansible_tmpk2mail.pem", NULL, false },
	};

	char path[] = "/srv/c";
	const struct config_source source = source_check_source(path);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		bool again = !cases[i].discover;
		char *lineage = source_files.lineage_of(
		    &source, ROLE_LINEAGES, cases[i].entry, &again);

		print_message("# %s\n", cases[i].why);
		if (cases[i].lineage == NULL)
			assert_null(lineage);
		else
			assert_string_equal(lineage, cases[i].lineage);
		assert_int_equal(again, cases[i].discover);
		free(lineage);
	}
}

static void
test_directories(void **state)
{
	char root[] = "/srv/c";
	const struct config_source source = source_check_source(root);
	char *path = source_files.directory(&source, ROLE_LINEAGES);

	(void)state;
	assert_ptr_equal(source_ops(SOURCE_FILES), &source_files);
	assert_string_equal(path, "/srv/c");
	free(path);
	assert_null(source_files.directory(&source, ROLE_ROOT));
	assert_null(source_files.directory(&source, ROLE_RENEWAL));
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_make, source_check_end)
	const struct CMUnitTest tests[] = {
		TEST(test_discover),
		TEST(test_discover_nothing),
		TEST(test_locate_table),
		TEST(test_locate_loop),
		TEST(test_absent_store),
		TEST(test_empty_store),
		TEST(test_forbidden_is_not_deleted),
		cmocka_unit_test(test_lineage_of_table),
		cmocka_unit_test(test_directories),
	};

	return cmocka_run_group_tests_name("source_files", tests, NULL, NULL);
}
