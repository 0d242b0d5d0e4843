/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "source/kinds.h"
#include "source_check.h"

#define MAIL "mail.example.com"
#define ECC  MAIL "_ecc"
#define CONF                                                                   \
	"Le_Domain='" MAIL "'\n"                                               \
	"Le_API='https://acme.example/dir'\n"                                  \
	"Le_Keylength='ec-256'\n"

/* A home with one lineage of each kind of key. */
static int
store_make(void **state)
{
	static const char *const others[] = { "ca", "deploy", "dnsapi",
		"notify", ECC, MAIL };
	static struct tree tree;

	tree_init(&tree);
	for (size_t i = 0; i < LENGTH(others); i++)
		tree_make(&tree, others[i]);
	tree_write(&tree, "account.conf", "");
	tree_write(&tree, "acme.sh", "");
	tree_write(&tree, ECC "/fullchain.cer", "chain");
	tree_write(&tree, ECC "/" MAIL ".key", "key");
	tree_write(&tree, ECC "/" MAIL ".conf",
	    CONF "Le_NextRenewTime='1800534930'\n");
	tree_write(&tree, MAIL "/fullchain.cer", "chain");
	tree_write(&tree, MAIL "/" MAIL ".key", "key");
	*state = &tree;
	return 0;
}

static void
test_discover(void **state)
{
	struct tree *tree = *state;

	tree_make(tree, "*.example.com_ecc");
	tree_make(tree, ".git");
	source_check_found(
	    &source_acmesh, tree, "*.example.com_ecc " MAIL " " ECC " ");
	source_check_absent(&source_acmesh, tree);
}

static void
test_locate(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	source_check_located(&source_acmesh, tree, ECC, ECC "/fullchain.cer",
	    ECC "/fullchain.cer");
	source_check_located(&source_acmesh, tree, MAIL, MAIL "/fullchain.cer",
	    MAIL "/fullchain.cer");
	assert_int_equal(
	    source_check_locate(&source_acmesh, tree, ECC, &location),
	    STATUS_OK);
	source_check_paths(tree, &location.watched,
	    ECC "/fullchain.cer " ECC " " ECC "/pubkey.roll.pem " ECC
		"/pubkey.next.pem " ECC "/" MAIL ".conf ");
	assert_int_equal(location.next.count + location.past.count, 0);
	assert_null(location.issuers);
	assert_true(location.is_candidate);
	location_fini(&location);
}

/* The key that comes next is private, its public half is not. */
static void
test_staged(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	tree_write(tree, ECC "/" MAIL ".key.next", "key");
	tree_write(tree, ECC "/pubkey.next.pem", "key");
	assert_int_equal(
	    source_check_locate(&source_acmesh, tree, ECC, &location),
	    STATUS_OK);
	source_check_paths(tree, &location.next, ECC "/pubkey.next.pem ");
	location_fini(&location);
}

static void
test_deleted(void **state)
{
	struct tree *tree = *state;
	struct tree gone = { tree_path(tree, "gone") };

	print_message("# acme.sh --remove leaves the directory\n");
	tree_rename(tree, ECC "/" MAIL ".conf", ECC "/" MAIL ".conf.removed");
	assert_int_equal(
	    source_check_status(&source_acmesh, tree, ECC), STATUS_OK);
	tree_remove(tree, ECC "/fullchain.cer");
	assert_int_equal(
	    source_check_status(&source_acmesh, tree, ECC), STATUS_OK);
	tree_remove(tree, ECC);
	assert_int_equal(
	    source_check_status(&source_acmesh, tree, ECC), STATUS_ABSENT);
	print_message("# the last one, of which the account is left\n");
	tree_make(tree, "gone");
	tree_make(tree, "gone/ca");
	tree_write(tree, "gone/account.conf", "");
	assert_int_equal(
	    source_check_status(&source_acmesh, &gone, ECC), STATUS_OK);
	tree_remove(tree, "gone");
	print_message("# what a file system leaves that is not mounted\n");
	tree_make(tree, "gone");
	assert_int_equal(
	    source_check_status(&source_acmesh, &gone, ECC), STATUS_OK);
	free(gone.root);
}

static const struct {
	const char *why;
	const char *conf; /* NULL: none */
	const char *plan;
} plans[] = {
	{ "reused by default", CONF "Le_NextRenewTime='1'\n",
	    "reused key, ECDSA, https://acme.example/dir, at 1" },
	{ "a new one each time",
	    CONF "Le_ForceNewDomainKey='1'\nLe_NextRenewTime='1'\n",
	    "new key, ECDSA, https://acme.example/dir, at 1" },
	{ "or not", CONF "Le_ForceNewDomainKey='0'\nLe_NextRenewTime='1'\n",
	    "reused key, ECDSA, https://acme.example/dir, at 1" },
	{ "RSA", "Le_Keylength='4096'\nLe_NextRenewTime='1'\n",
	    "reused key, RSA, at 1" },
	{ "old: no length", "Le_Keylength=''\nLe_NextRenewTime='1'\n",
	    "reused key, at 1" },
	{ "empty", "", "unknown" },
	{ "the first issue is under way", CONF,
	    "unknown, ECDSA, https://acme.example/dir" },
	{ "only a shell knows",
	    CONF "Le_ForceNewDomainKey=\"$new\"\nLe_NextRenewTime='1'\n",
	    "unknown, ECDSA, https://acme.example/dir, at 1" },
	{ "as the CA suggests", "Le_NextRenewTime='1795435200'\n",
	    "reused key, at 1795435200" },
	{ "at no time", "Le_NextRenewTime='99999999999999999999'\n",
	    "reused key" },
	{ "before there was any", "Le_NextRenewTime='-1'\n", "reused key" },
	{ "in words", "Le_NextRenewTime='1 day'\n", "reused key" },
	{ "none", NULL, "unknown" },
};

static void
test_plan_table(void **state)
{
	struct tree *tree = *state;

	for (size_t i = 0; i < LENGTH(plans); i++) {
		print_message("# %s\n", plans[i].why);
		tree_remove(tree, ECC "/" MAIL ".conf");
		if (plans[i].conf != NULL)
			tree_write(tree, ECC "/" MAIL ".conf", plans[i].conf);
		source_check_plan(&source_acmesh, tree, ECC, plans[i].plan);
	}
}

/* Somebody else has the key, and made the request. */
static void
test_plan_without_key(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, ECC "/" MAIL ".key");
	source_check_plan(&source_acmesh, tree, ECC,
	    "unknown, ECDSA, https://acme.example/dir, at 1800534930");
}

static void
test_warning(void **state)
{
	struct tree *tree = *state;
	struct location location = { 0 };

	tree_write(tree, ECC "/" MAIL ".conf", CONF "reboot\n");
	assert_int_equal(
	    source_check_locate(&source_acmesh, tree, ECC, &location),
	    STATUS_OK);
	assert_non_null(strstr(location.warning, MAIL ".conf: line 4"));
	assert_false(location.plan.is_known);
	location_fini(&location);
}

static void
test_key_of(void **state)
{
	source_check_key(&source_acmesh, *state, ECC, ECC "/fullchain.cer",
	    ECC "/" MAIL ".key");
	source_check_key(&source_acmesh, *state, MAIL, MAIL "/fullchain.cer",
	    MAIL "/" MAIL ".key");
}

static void
test_lineage_of_table(void **state)
{
	static const struct source_check_entry cases[] = {
		{ "a lineage", ROLE_LINEAGES, MAIL, MAIL, false },
		{ "with an ECDSA key", ROLE_LINEAGES, ECC, ECC, false },
		{ "settings", ROLE_LINEAGES, "account.conf", NULL, false },
		{ "written at each run", ROLE_LINEAGES, "http.header", NULL,
		    false },
		{ "accounts", ROLE_LINEAGES, "ca", NULL, false },
		{ "hidden", ROLE_LINEAGES, ".git", NULL, false },
	};

	(void)state;
	source_check_entries(&source_acmesh, cases, LENGTH(cases));
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
		TEST(test_plan_table),
		TEST(test_plan_without_key),
		TEST(test_warning),
		TEST(test_key_of),
		cmocka_unit_test(test_lineage_of_table),
	};

	return cmocka_run_group_tests_name("source_acmesh", tests, NULL, NULL);
}
