/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "source/kinds.h"
#include "source_check.h"

#define LETSENCRYPT "https://acme-v02.api.letsencrypt.org/directory"

static void
generation_make(const struct tree *tree, unsigned long number)
{
	static const char *const names[] = { "privkey", "cert", "chain",
		"fullchain" };

	for (size_t i = 0; i < LENGTH(names); i++) {
		char *file = mem_format(
		    "certs/mail/%s-%lu.pem", names[i], number);

		tree_write(tree, file, "text");
		free(file);
	}
}

/* A lineage as dehydrated makes it, with two generations. */
static int
store_make(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	tree_make(&tree, "accounts");
	tree_make(&tree, "chains");
	tree_make(&tree, "certs/mail");
	generation_make(&tree, 1795436930);
	generation_make(&tree, 1795436942);
	tree_link(&tree, "privkey-1795436942.pem", "certs/mail/privkey.pem");
	tree_link(
	    &tree, "fullchain-1795436942.pem", "certs/mail/fullchain.pem");
	tree_write(&tree, "config", "# as shipped\n");
	*state = &tree;
	return 0;
}

static void
test_discover(void **state)
{
	struct tree *tree = *state;

	tree_make(tree, "certs/web");
	tree_make(tree, "certs/.git");
	tree_write(tree, "certs/README", "");
	tree_make(tree, "archive/old");
	source_check_found(&source_dehydrated, tree, "mail web ");
	tree_remove(tree, "certs");
	free(source_check_discover(&source_dehydrated, tree, STATUS_ABSENT));
}

static void
test_locate(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	source_check_located(&source_dehydrated, tree, "mail",
	    "certs/mail/fullchain.pem", "certs/mail/fullchain-1795436942.pem");
	assert_int_equal(
	    source_check_locate(&source_dehydrated, tree, "mail", &location),
	    STATUS_OK);
	source_check_paths(
	    tree, &location.past, "certs/mail/fullchain-1795436930.pem ");
	source_check_paths(tree, &location.next, "");
	assert_true(source_check_has(tree, &location.watched, "certs/mail/"));
	assert_true(source_check_has(tree, &location.watched, "config"));
	assert_true(location.is_candidate);
	location_fini(&location);
}

/* Links that lead nowhere yet, or elsewhere. */
static void
test_locate_links(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "certs/mail/fullchain-1795436942.pem");
	source_check_located(&source_dehydrated, tree, "mail",
	    "certs/mail/fullchain.pem", "certs/mail/fullchain-1795436942.pem");
	tree_remove(tree, "certs/mail/fullchain.pem");
	source_check_located(&source_dehydrated, tree, "mail",
	    "certs/mail/fullchain.pem", "certs/mail/fullchain.pem");
	tree_link(tree, "../../x.pem", "certs/mail/fullchain.pem");
	source_check_located(&source_dehydrated, tree, "mail",
	    "certs/mail/fullchain.pem", "x.pem");
	tree_remove(tree, "certs/mail/fullchain.pem");
	tree_link(tree, "fullchain.pem", "certs/mail/fullchain.pem");
	assert_int_equal(source_check_status(&source_dehydrated, tree, "mail"),
	    STATUS_LIMIT);
}

static void
expect_staged(const struct tree *tree, const char *next, const char *past)
{
	struct location location = { 0 };

	assert_int_equal(
	    source_check_locate(&source_dehydrated, tree, "mail", &location),
	    STATUS_OK);
	source_check_paths(tree, &location.next, next);
	source_check_paths(tree, &location.past, past);
	location_fini(&location);
}

/* The newest one that is complete, and the public half of what was rolled. */
static void
test_staged(void **state)
{
	static const char past[] = "certs/mail/fullchain-1795436930.pem ";
	struct tree *tree = *state;

	print_message("# the chain has its name, the rest has not\n");
	tree_write(tree, "certs/mail/privkey-1795436954.pem", "");
	tree_write(tree, "certs/mail/fullchain-1795436954.pem", "");
	expect_staged(tree, "", past);
	tree_write(tree, "certs/mail/cert-1795436954.pem", "");
	expect_staged(tree, "", past);
	tree_write(tree, "certs/mail/chain-1795436954.pem", "");
	expect_staged(tree, "certs/mail/fullchain-1795436954.pem ", past);
	print_message("# a key that is kept has no file of its own\n");
	tree_remove(tree, "certs/mail/privkey-1795436954.pem");
	expect_staged(tree, "certs/mail/fullchain-1795436954.pem ", past);
	print_message("# what was rolled\n");
	tree_write(tree, "certs/mail/privkey.roll.pem", "");
	expect_staged(tree, "certs/mail/fullchain-1795436954.pem ", past);
	tree_write(tree, "certs/mail/pubkey.roll.pem", "");
	expect_staged(tree,
	    "certs/mail/fullchain-1795436954.pem certs/mail/pubkey.roll.pem ",
	    past);
	print_message("# a file in place of the link\n");
	tree_remove(tree, "certs/mail/fullchain.pem");
	tree_write(tree, "certs/mail/fullchain.pem", "");
	expect_staged(tree, "certs/mail/pubkey.roll.pem ", "");
}

static void
test_past_is_limited(void **state)
{
	struct tree *tree = *state;

	for (unsigned long i = 1; i <= 7; i++)
		generation_make(tree, 1795430000 + i);
	expect_staged(tree, "",
	    "certs/mail/fullchain-1795436930.pem "
	    "certs/mail/fullchain-1795430007.pem "
	    "certs/mail/fullchain-1795430006.pem "
	    "certs/mail/fullchain-1795430005.pem "
	    "certs/mail/fullchain-1795430004.pem ");
}

static void
test_deleted(void **state)
{
	struct tree *tree = *state;

	tree_make(tree, "certs/web");
	tree_rename(tree, "certs/mail", "mail.gone");
	assert_int_equal(source_check_status(&source_dehydrated, tree, "mail"),
	    STATUS_ABSENT);
	print_message("# what a file system leaves that is not mounted\n");
	tree_remove(tree, "certs/web");
	assert_int_equal(
	    source_check_status(&source_dehydrated, tree, "mail"), STATUS_OK);
	tree_remove(tree, "certs");
	assert_int_equal(
	    source_check_status(&source_dehydrated, tree, "mail"), STATUS_OK);
}

static void
test_forbidden_is_not_deleted(void **state)
{
	struct tree *tree = *state;
	enum status status;

	if (!source_check_lock(tree, "certs", 0))
		skip();
	status = source_check_status(&source_dehydrated, tree, "never");
	source_check_unlock(tree, "certs");
	assert_int_equal(status, STATUS_IO);
}

static const struct {
	const char *why;
	const char *config; /* NULL: none */
	const char *own;    /* certs/mail/config; NULL: none */
	const char *plan;
} plans[] = {
	{ "as shipped", "", NULL, "new key, " LETSENCRYPT },
	{ "none", NULL, NULL, "unknown" },
	{ "the key is kept", "PRIVATE_KEY_RENEW=\"no\"\n", NULL,
	    "reused key, " LETSENCRYPT },
	{ "or only by this lineage", "", "PRIVATE_KEY_RENEW=no\n",
	    "reused key, " LETSENCRYPT },
	{ "or not", "PRIVATE_KEY_RENEW=no\n", "PRIVATE_KEY_RENEW=yes\n",
	    "new key, " LETSENCRYPT },
	{ "neither yes nor no", "PRIVATE_KEY_RENEW=true\n", NULL,
	    "unknown, " LETSENCRYPT },
	{ "only a shell knows", "PRIVATE_KEY_RENEW=$keep\n", NULL,
	    "unknown, " LETSENCRYPT },
	{ "commands, too", "PRIVATE_KEY_RENEW=no\n. other\n", NULL, "unknown" },
	{ "commands of this lineage", "PRIVATE_KEY_RENEW=no\n", "[ x ]\n",
	    "unknown" },
	{ "an algorithm", "KEY_ALGO=rsa\n", NULL,
	    "new key, RSA, " LETSENCRYPT },
	{ "another one", "KEY_ALGO=rsa\n", "KEY_ALGO=secp384r1\n",
	    "new key, ECDSA, " LETSENCRYPT },
	{ "that is not known here", "KEY_ALGO=ed448\n", NULL,
	    "new key, " LETSENCRYPT },
	{ "does not concern a key that is kept",
	    "KEY_ALGO=rsa\nPRIVATE_KEY_RENEW=no\n", NULL,
	    "reused key, " LETSENCRYPT },
	{ "nor one that is there already",
	    "KEY_ALGO=rsa\nPRIVATE_KEY_ROLLOVER=yes\n", NULL,
	    "new key, " LETSENCRYPT },
	{ "a CA by name", "CA=zerossl\n", NULL,
	    "new key, https://acme.zerossl.com/v2/DV90" },
	{ "by URL", "CA=\"https://acme.example/dir\"\n", NULL,
	    "new key, https://acme.example/dir" },
	{ "by a name that is not known here", "CA=other\n", NULL, "new key" },
	{ "only a shell knows", "CA=\"$CA_ZEROSSL\"\n", NULL, "new key" },
	{ "of another directory", "BASEDIR=/nowhere\nPRIVATE_KEY_RENEW=no\n",
	    NULL, "unknown" },
	{ "nobody knows of which", "BASEDIR=$HOME\nPRIVATE_KEY_RENEW=no\n",
	    NULL, "unknown" },
	{ "what is none of ours",
	    "WELLKNOWN=\"${BASEDIR}/acme-challenges\"\nPRIVATE_KEY_RENEW=no\n",
	    NULL, "reused key, " LETSENCRYPT },
	{ "lineages elsewhere", "DOMAINS_D=/nowhere\n",
	    "PRIVATE_KEY_RENEW=no\n", "new key, " LETSENCRYPT },
	{ "nobody knows where", "DOMAINS_D=\"$BASEDIR/d\"\n", NULL, "unknown" },
	{ "more files, that are not there", "CONFIG_D=/nowhere/conf.d\n", NULL,
	    "unknown" },
};

static void
test_plan_table(void **state)
{
	struct tree *tree = *state;

	for (size_t i = 0; i < LENGTH(plans); i++) {
		print_message("# %s\n", plans[i].why);
		tree_remove(tree, "config");
		if (plans[i].config != NULL)
			tree_write(tree, "config", plans[i].config);
		if (plans[i].own != NULL)
			tree_write(tree, "certs/mail/config", plans[i].own);
		source_check_plan(
		    &source_dehydrated, tree, "mail", plans[i].plan);
		tree_write(tree, "config", "");
		if (plans[i].own != NULL)
			tree_remove(tree, "certs/mail/config");
	}
}

/* Files of CONFIG_D come later, and in their order. */
static void
test_plan_directory(void **state)
{
	struct tree *tree = *state;
	char *config = mem_format("CONFIG_D=%s/conf.d\nBASEDIR=\"%s/\"\n"
				  "DOMAINS_D=%s/domains.d\n",
	    tree->root, tree->root, tree->root);

	tree_write(tree, "config", config);
	tree_make(tree, "conf.d");
	tree_make(tree, "domains.d");
	source_check_plan(
	    &source_dehydrated, tree, "mail", "new key, " LETSENCRYPT);
	tree_write(tree, "conf.d/20.sh", "PRIVATE_KEY_RENEW=no\n");
	tree_write(tree, "conf.d/10.sh", "PRIVATE_KEY_RENEW=yes\n");
	tree_write(tree, "conf.d/30", "PRIVATE_KEY_RENEW=yes\n");
	source_check_plan(
	    &source_dehydrated, tree, "mail", "reused key, " LETSENCRYPT);
	tree_write(tree, "domains.d/mail", "PRIVATE_KEY_RENEW=yes\n");
	source_check_plan(
	    &source_dehydrated, tree, "mail", "new key, " LETSENCRYPT);
	tree_write(tree, "conf.d/40.sh", "exit\n");
	source_check_plan(&source_dehydrated, tree, "mail", "unknown");
	free(config);
}

/* A hook supplies the request, so that the key is nobody's business. */
static void
test_plan_without_key(void **state)
{
	struct tree *tree = *state;

	tree_write(tree, "config", "PRIVATE_KEY_RENEW=no\n");
	tree_remove(tree, "certs/mail/privkey.pem");
	source_check_plan(
	    &source_dehydrated, tree, "mail", "unknown, " LETSENCRYPT);
}

static void
test_key_of(void **state)
{
	source_check_key(&source_dehydrated, *state, "mail",
	    "certs/mail/fullchain-1795436942.pem",
	    "certs/mail/privkey-1795436942.pem");
	print_message("# a generation with the key of the one before\n");
	source_check_key(&source_dehydrated, *state, "mail",
	    "certs/mail/fullchain-1795436954.pem", "certs/mail/privkey.pem");
	print_message("# a file in place of the link\n");
	source_check_key(&source_dehydrated, *state, "mail",
	    "certs/mail/fullchain.pem", "certs/mail/privkey.pem");
}

static void
test_lineage_of_table(void **state)
{
	static const struct source_check_entry cases[] = {
		{ "a lineage", ROLE_LINEAGES, "mail", "mail", false },
		{ "hidden", ROLE_LINEAGES, ".git", NULL, false },
		{ "certs come", ROLE_ROOT, "certs", NULL, true },
		{ "a lock, at each run", ROLE_ROOT, "lock", NULL, false },
		{ "what was cleaned up", ROLE_ROOT, "archive", NULL, false },
		{ "accounts", ROLE_ROOT, "accounts", NULL, false },
	};

	(void)state;
	source_check_entries(&source_dehydrated, cases, LENGTH(cases));
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_make, source_check_end)
	const struct CMUnitTest tests[] = {
		TEST(test_discover),
		TEST(test_locate),
		TEST(test_locate_links),
		TEST(test_staged),
		TEST(test_past_is_limited),
		TEST(test_deleted),
		TEST(test_forbidden_is_not_deleted),
		TEST(test_plan_table),
		TEST(test_plan_directory),
		TEST(test_plan_without_key),
		TEST(test_key_of),
		cmocka_unit_test(test_lineage_of_table),
	};

	return cmocka_run_group_tests_name(
	    "source_dehydrated", tests, NULL, NULL);
}
