/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "source/kinds.h"
#include "source_check.h"
#include "tree.h"

/* Two lineages as certbot makes them. */
static int
store_make(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	tree_make(&tree, "archive/mail");
	tree_make(&tree, "archive/web");
	tree_make(&tree, "live/mail");
	tree_make(&tree, "live/web");
	tree_make(&tree, "renewal");
	tree_write(&tree, "archive/mail/fullchain3.pem", "chain");
	tree_write(&tree, "archive/web/fullchain1.pem", "chain");
	tree_link(&tree, "../../archive/mail/fullchain3.pem",
	    "live/mail/fullchain.pem");
	tree_link(&tree, "../../archive/web/fullchain1.pem",
	    "live/web/fullchain.pem");
	tree_write(&tree, "live/README", "This directory ...");
	tree_write(&tree, "renewal/mail.conf", "[renewalparams]\n");
	tree_write(&tree, "renewal/web.conf", "[renewalparams]\n");
	*state = &tree;
	return 0;
}

static void
test_discover(void **state)
{
	struct tree *tree = *state;

	source_check_found(&source_certbot, tree, "mail web ");
	/* renewal/ often is for root alone, and often it knows more. */
	tree_remove(tree, "renewal");
	source_check_found(&source_certbot, tree, "mail web ");
	tree_make(tree, "renewal");
	tree_write(tree, "renewal/new.conf", "");
	tree_write(tree, "renewal/new.conf.new", "");
	tree_write(tree, "renewal/.conf", "");
	tree_write(tree, "renewal/notes", "");
	tree_make(tree, "live/.hidden");
	source_check_found(&source_certbot, tree, "mail new web ");
	tree_remove(tree, "live");
	source_check_found(&source_certbot, tree, "new ");
}

static void
test_discover_nothing(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "live");
	tree_remove(tree, "renewal");
	free(source_check_discover(&source_certbot, tree, STATUS_ABSENT));
	tree_write(tree, "live", "no directory");
	free(source_check_discover(&source_certbot, tree, STATUS_ABSENT));
}

static void
test_locate_default(void **state)
{
	static const char *const gone[] = { NULL, "renewal/mail.conf",
		"renewal" };
	struct tree *tree = *state;

	for (size_t i = 0; i < LENGTH(gone); i++) {
		if (gone[i] != NULL)
			tree_remove(tree, gone[i]);
		source_check_located(&source_certbot, tree, "mail",
		    "live/mail/fullchain.pem", "archive/mail/fullchain3.pem");
	}
}

static enum status
locate(const struct tree *tree, const char *name, struct location *ret_location,
    struct problem *problem)
{
	const struct config_source source = source_check_source(tree->root);

	return source_certbot.locate(
	    &source, name, NULL, ret_location, problem);
}

/* Locate it; the warning must contain all of the texts. */
static void
assert_warned(const struct tree *tree, const char *name, const char *file,
    const char *const *texts, size_t count)
{
	struct problem problem = { "" };
	struct location location = { 0 };
	char *full = tree_path(tree, file);

	assert_int_equal(locate(tree, name, &location, &problem), STATUS_OK);
	assert_string_equal(location.file, full);
	assert_non_null(location.warning);
	for (size_t i = 0; i < count; i++)
		assert_non_null(strstr(location.warning, texts[i]));
	location_fini(&location);
	free(full);
}

/* What the renewal file says about the path wins, if it leads anywhere. */
static void
test_locate_by_conf(void **state)
{
	struct tree *tree = *state;
	char *told = tree_path(tree, "elsewhere/chain.pem");
	const char *const texts[] = { told, "leads nowhere",
		"live/mail/fullchain.pem is read" };
	char *conf = mem_format(
	    "fullchain = %s/elsewhere/chain.pem\n[renewalparams]\n",
	    tree->root);

	tree_write(tree, "renewal/mail.conf", conf);
	assert_warned(
	    tree, "mail", "live/mail/fullchain.pem", texts, LENGTH(texts));
	tree_make(tree, "elsewhere");
	tree_link(
	    tree, "../archive/mail/fullchain3.pem", "elsewhere/chain.pem");
	source_check_located(&source_certbot, tree, "mail",
	    "elsewhere/chain.pem", "archive/mail/fullchain3.pem");
	tree_remove(tree, "live");
	source_check_located(&source_certbot, tree, "mail",
	    "elsewhere/chain.pem", "archive/mail/fullchain3.pem");
	free(conf);
	free(told);
	tree_make(tree, "live/mail");
	tree_write(tree, "renewal/mail.conf", "fullchain = relative.pem\n");
	source_check_located(&source_certbot, tree, "mail",
	    "live/mail/fullchain.pem", "live/mail/fullchain.pem");
}

/* The store was carried here, and another one is where it was. */
static void
test_locate_outside(void **state)
{
	const char *const texts[] = { "is outside of the source",
		"live/mail/fullchain.pem is read" };
	const char *const links[] = { "outside of the source" };
	struct tree *tree = *state;
	struct tree other;
	char *told;
	char *conf;

	tree_init(&other);
	tree_make(&other, "live/mail");
	tree_write(&other, "live/mail/fullchain.pem", "another one");
	told = tree_path(&other, "live/mail/fullchain.pem");
	conf = mem_format("fullchain = %s\n[renewalparams]\n", told);
	tree_write(tree, "renewal/mail.conf", conf);
	assert_warned(
	    tree, "mail", "live/mail/fullchain.pem", texts, LENGTH(texts));
	/* The same store by another path. */
	tree_remove(&other, "live");
	tree_make(&other, "live");
	tree_link(&other, tree->root, "same");
	free(conf);
	conf = mem_format(
	    "fullchain = %s/same/live/mail/fullchain.pem\n", other.root);
	tree_write(tree, "renewal/mail.conf", conf);
	source_check_located(&source_certbot, tree, "mail",
	    "live/mail/fullchain.pem", "archive/mail/fullchain3.pem");
	/* An absolute link is what a server follows, too. */
	tree_write(&other, "live/fullchain3.pem", "another one");
	free(told);
	told = tree_path(&other, "live/fullchain3.pem");
	tree_remove(tree, "live/mail/fullchain.pem");
	tree_link(tree, told, "live/mail/fullchain.pem");
	assert_warned(
	    tree, "mail", "live/mail/fullchain.pem", links, LENGTH(links));
	tree_fini(&other);
	free(conf);
	free(told);
}

/* What is beside the live generation in the archive. */
static void
test_generations(void **state)
{
	static const char *const kinds[] = { "privkey", "cert", "chain",
		"fullchain" };
	struct tree *tree = *state;

	tree_write(tree, "archive/mail/fullchain1.pem", "chain");
	tree_write(tree, "archive/mail/fullchain2.pem", "chain");
	for (size_t i = 0; i <= LENGTH(kinds); i++) {
		struct location location = { 0 };

		print_message("# %zu files of the next one\n", i);
		assert_int_equal(source_check_locate(
				     &source_certbot, tree, "mail", &location),
		    STATUS_OK);
		assert_int_equal(location.next.count, i == LENGTH(kinds));
		source_check_paths(tree, &location.past,
		    "archive/mail/fullchain2.pem "
		    "archive/mail/fullchain1.pem ");
		assert_true(
		    source_check_has(tree, &location.watched, "archive/mail/"));
		location_fini(&location);
		if (i < LENGTH(kinds)) {
			char *file = mem_format(
			    "archive/mail/%s4.pem", kinds[i]);

			tree_write(tree, file, "text");
			free(file);
		}
	}
}

/* A link that leads nowhere yet. */
static void
test_locate_dangling(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "archive/mail/fullchain3.pem");
	source_check_located(&source_certbot, tree, "mail",
	    "live/mail/fullchain.pem", "archive/mail/fullchain3.pem");
	tree_remove(tree, "archive");
	source_check_located(&source_certbot, tree, "mail",
	    "live/mail/fullchain.pem", "archive/mail/fullchain3.pem");
	tree_remove(tree, "live/mail/fullchain.pem");
	source_check_located(&source_certbot, tree, "mail",
	    "live/mail/fullchain.pem", "live/mail/fullchain.pem");
	tree_remove(tree, "live/mail");
	source_check_located(&source_certbot, tree, "mail",
	    "live/mail/fullchain.pem", "live/mail/fullchain.pem");
}

static void
test_locate_loop(void **state)
{
	struct tree *tree = *state;
	struct problem problem = { "" };
	struct location location = { .is_candidate = true };

	tree_remove(tree, "live/mail/fullchain.pem");
	tree_link(tree, "other.pem", "live/mail/fullchain.pem");
	tree_link(tree, "fullchain.pem", "live/mail/other.pem");
	assert_int_equal(
	    locate(tree, "mail", &location, &problem), STATUS_LIMIT);
	assert_non_null(strstr(problem.text, "symbolic links"));
	assert_true(location.is_candidate);
	assert_null(location.file);
}

/*
 * Deleted is what no part of a whole store knows any more; certbot removes
 * the renewal file first, the directory in live/ then.
 */
static void
test_deleted(void **state)
{
	struct tree *tree = *state;

	assert_int_equal(
	    source_check_status(&source_certbot, tree, "never"), STATUS_ABSENT);
	tree_remove(tree, "renewal/mail.conf");
	assert_int_equal(
	    source_check_status(&source_certbot, tree, "mail"), STATUS_OK);
	tree_remove(tree, "live/mail/fullchain.pem");
	assert_int_equal(
	    source_check_status(&source_certbot, tree, "mail"), STATUS_OK);
	tree_remove(tree, "live/mail");
	assert_int_equal(
	    source_check_status(&source_certbot, tree, "mail"), STATUS_ABSENT);
	print_message("# a link that leads nowhere is there\n");
	tree_link(tree, "nowhere", "live/mail");
	assert_int_equal(
	    source_check_status(&source_certbot, tree, "mail"), STATUS_OK);
	tree_remove(tree, "live/mail");
	print_message("# a store that is not whole has deleted nothing\n");
	tree_rename(tree, "renewal", "renewal.gone");
	assert_int_equal(
	    source_check_status(&source_certbot, tree, "mail"), STATUS_OK);
	tree_rename(tree, "renewal.gone", "renewal");
	tree_rename(tree, "live", "live.gone");
	assert_int_equal(
	    source_check_status(&source_certbot, tree, "mail"), STATUS_OK);
	tree_write(tree, "live", "no directory");
	assert_int_equal(
	    source_check_status(&source_certbot, tree, "mail"), STATUS_OK);
}

/* What may not be looked at may well be there. */
static void
test_forbidden_is_not_deleted(void **state)
{
	struct tree *tree = *state;
	enum status status;

	tree_remove(tree, "renewal/mail.conf");
	if (!source_check_lock(tree, "live", 0))
		skip();
	status = source_check_status(&source_certbot, tree, "mail");
	source_check_unlock(tree, "live");
	assert_int_not_equal(status, STATUS_ABSENT);
	if (!source_check_lock(tree, "renewal", 0))
		skip();
	status = source_check_status(&source_certbot, tree, "mail");
	source_check_unlock(tree, "renewal");
	assert_int_equal(status, STATUS_OK);
}

static void
test_forbidden_discover(void **state)
{
	struct tree *tree = *state;

	source_check_found_locked(
	    &source_certbot, tree, "renewal", STATUS_OK, "mail web ");
	tree_remove(tree, "renewal");
	source_check_found_locked(&source_certbot, tree, "live", STATUS_IO, "");
}

/* The certificates count: what is wrong with the file is but a warning. */
static void
test_warning_table(void **state)
{
	static const struct {
		const char *why;
		const char *conf; /* NULL: a directory */
		const char *says; /* NULL: no warning */
	} cases[] = {
		{ "as it should be", "[renewalparams]\nkey_type = rsa\n",
		    NULL },
		{ "just created", "", NULL },
		{ "no key and no section", "[renewalparams]\nwhat is this\n",
		    "renewal/mail.conf: line 2" },
		{ "a truth that is none",
		    "fullchain = /x\n[renewalparams]\nreuse_key = perhaps\n",
		    "reuse_key" },
		{ "no file at all", NULL, "no regular file" },
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem = { "" };
		struct location location = { 0 };
		char *file = tree_path(tree, "live/mail/fullchain.pem");

		print_message("# %s\n", cases[i].why);
		tree_remove(tree, "renewal/mail.conf");
		if (cases[i].conf != NULL)
			tree_write(tree, "renewal/mail.conf", cases[i].conf);
		else
			tree_make(tree, "renewal/mail.conf");
		assert_int_equal(
		    locate(tree, "mail", &location, &problem), STATUS_OK);
		assert_string_equal(location.file, file);
		if (cases[i].says == NULL)
			assert_null(location.warning);
		else if (location.warning == NULL ||
			 strstr(location.warning, cases[i].says) == NULL)
			fail_msg("%s", location.warning);
		location_fini(&location);
		free(file);
	}
}

/* An entry of live/ that is no lineage is not missed when it has no chain. */
static void
test_candidate_table(void **state)
{
	static const struct {
		const char *why;
		const char *name;
		enum status status;
		bool candidate;
	} cases[] = {
		{ "a lineage", "mail", STATUS_OK, false },
		{ "a directory", "empty", STATUS_OK, false },
		{ "only a renewal file", "new", STATUS_OK, false },
		{ "a file", "README", STATUS_ABSENT, false },
		{ "a file, where renewal/ is not yet", "README", STATUS_OK,
		    true },
	};
	struct tree *tree = *state;

	tree_make(tree, "live/empty");
	tree_write(tree, "renewal/new.conf", "");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem = { "" };
		struct location location = { 0 };

		print_message("# %s\n", cases[i].why);
		if (i + 1 == LENGTH(cases))
			tree_remove(tree, "renewal");
		assert_int_equal(
		    locate(tree, cases[i].name, &location, &problem),
		    cases[i].status);
		assert_int_equal(location.is_candidate, cases[i].candidate);
		location_fini(&location);
	}
}

static void
test_lineage_of_table(void **state)
{
	static const struct source_check_entry cases[] = {
		{ "in live", ROLE_LINEAGES, "mail", "mail", false },
		{ "a renewal file", ROLE_RENEWAL, "mail.conf", "mail", false },
		{ "a name with dots", ROLE_RENEWAL, "mail.example.org.conf",
		    "mail.example.org", false },
		{ "live comes", ROLE_ROOT, "live", NULL, true },
		{ "renewal comes", ROLE_ROOT, "renewal", NULL, true },
		{ "archive comes", ROLE_ROOT, "archive", NULL, true },
		{ "certbot's README", ROLE_LINEAGES, "README", NULL, false },
		{ "what discover() passes over too", ROLE_LINEAGES, ".git",
		    NULL, false },
		{ "a renewal file being written", ROLE_RENEWAL, "mail.conf.new",
		    NULL, false },
		{ "a renewal file without name", ROLE_RENEWAL, ".conf", NULL,
		    false },
		{ "certbot's lock, at each run", ROLE_ROOT, ".certbot.lock",
		    NULL, false },
		{ "keys of accounts", ROLE_ROOT, "accounts", NULL, false },
	};

	(void)state;
	source_check_entries(&source_certbot, cases, LENGTH(cases));
}

static void
test_directories(void **state)
{
	static const char *const paths[ROLES] = {
		[ROLE_ROOT] = "/etc/letsencrypt",
		[ROLE_LINEAGES] = "/etc/letsencrypt/live",
		[ROLE_RENEWAL] = "/etc/letsencrypt/renewal",
	};
	char root[] = "/etc/letsencrypt";
	const struct config_source source = source_check_source(root);

	(void)state;
	assert_ptr_equal(source_ops(SOURCE_CERTBOT), &source_certbot);
	for (int role = 0; role < ROLES; role++) {
		char *path = source_certbot.directory(
		    &source, (enum source_role)role);

		assert_string_equal(path, paths[role]);
		free(path);
	}
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_make, source_check_end)
	const struct CMUnitTest tests[] = {
		TEST(test_discover),
		TEST(test_discover_nothing),
		TEST(test_locate_default),
		TEST(test_locate_by_conf),
		TEST(test_locate_outside),
		TEST(test_locate_dangling),
		TEST(test_generations),
		TEST(test_locate_loop),
		TEST(test_deleted),
		TEST(test_forbidden_is_not_deleted),
		TEST(test_forbidden_discover),
		TEST(test_warning_table),
		TEST(test_candidate_table),
		cmocka_unit_test(test_lineage_of_table),
		cmocka_unit_test(test_directories),
	};

	return cmocka_run_group_tests_name("source_certbot", tests, NULL, NULL);
}
