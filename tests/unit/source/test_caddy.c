/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "source/kinds.h"
#include "source_check.h"

#define ACME "certificates/acme.example-directory"
#define SELF "certificates/local"

/* Two names of an ACME server, and one of the CA that Caddy is itself. */
static int
store_make(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	tree_make(&tree, ACME "/mail.example");
	tree_make(&tree, ACME "/wildcard_.example");
	tree_make(&tree, SELF "/inner");
	tree_make(&tree, "locks");
	tree_write(&tree, ACME "/mail.example/mail.example.crt", "chain");
	tree_write(&tree, ACME "/mail.example/mail.example.key", "key");
	tree_write(&tree, ACME "/mail.example/mail.example.json",
	    "{\"sans\": [\"mail.example\"], \"issuer_data\": {\"ca\": "
	    "\"https://acme.example/directory\"}}");
	tree_write(&tree, SELF "/inner/inner.crt", "chain");
	*state = &tree;
	return 0;
}

static void
test_discover(void **state)
{
	struct tree *tree = *state;

	tree_write(tree, "certificates/x", "");
	source_check_found(
	    &source_caddy, tree, "inner mail.example wildcard_.example ");
	source_check_absent(&source_caddy, tree);
}

static void
older(const struct tree *tree, const char *name)
{
	const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	char *path = tree_path(tree, name);

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	free(path);
}

static void
test_locate(void **state)
{
	struct tree *tree = *state;

	source_check_located(&source_caddy, tree, "mail.example",
	    ACME "/mail.example/mail.example.crt",
	    ACME "/mail.example/mail.example.crt");
	source_check_plan(&source_caddy, tree, "mail.example",
	    "unknown, https://acme.example/directory");
	source_check_plan(&source_caddy, tree, "inner", "unknown");
	source_check_key(&source_caddy, tree, "mail.example",
	    ACME "/mail.example/mail.example.crt",
	    ACME "/mail.example/mail.example.key");
	/* Another issuer's is newer, then older. */
	tree_make(tree, SELF "/mail.example");
	tree_write(tree, SELF "/mail.example/mail.example.crt", "chain");
	older(tree, ACME "/mail.example/mail.example.crt");
	source_check_located(&source_caddy, tree, "mail.example",
	    SELF "/mail.example/mail.example.crt",
	    SELF "/mail.example/mail.example.crt");
	tree_write(tree, ACME "/mail.example/mail.example.crt", "chain");
	older(tree, SELF "/mail.example/mail.example.crt");
	source_check_located(&source_caddy, tree, "mail.example",
	    ACME "/mail.example/mail.example.crt",
	    ACME "/mail.example/mail.example.crt");
}

/* What the CA said of renewals, as Caddy 2.11 keeps it. */
static const struct {
	const char *why;
	const char *info;
	const char *plan;
} plans[] = {
	{ "a time of its choice",
	    "{\"_selectedTime\": \"2026-11-23T12:00:00Z\", "
	    "\"suggestedWindow\": {\"start\": \"2026-11-22T00:00:00Z\", "
	    "\"end\": \"2026-11-25T00:00:00Z\"}}",
	    "unknown, at 1795435200" },
	{ "with a fraction, elsewhere",
	    "{\"_selectedTime\": \"2026-11-23T13:00:00.25+01:00\"}",
	    "unknown, at 1795435200" },
	{ "not chosen yet",
	    "{\"_selectedTime\": \"0001-01-01T00:00:00Z\", "
	    "\"suggestedWindow\": {\"start\": \"2026-11-23T11:00:00Z\", "
	    "\"end\": \"2026-11-23T13:00:00Z\"}}",
	    "unknown, at 1795435200" },
	{ "a window that ends before it begins",
	    "{\"suggestedWindow\": {\"start\": \"2026-11-23T13:00:00Z\", "
	    "\"end\": \"2026-11-23T11:00:00Z\"}}",
	    "unknown" },
	{ "half a window",
	    "{\"suggestedWindow\": {\"start\": \"2026-11-23T13:00:00Z\"}}",
	    "unknown" },
	{ "no dates", "{\"_selectedTime\": 7, \"suggestedWindow\": \"\"}",
	    "unknown" },
	{ "not told", "null", "unknown" },
};

static void
test_renewal_table(void **state)
{
	struct tree *tree = *state;

	for (size_t i = 0; i < LENGTH(plans); i++) {
		char *json = mem_format(
		    "{\"issuer_data\": {\"renewal_info\": %s}}", plans[i].info);

		print_message("# %s\n", plans[i].why);
		tree_write(tree, ACME "/mail.example/mail.example.json", json);
		source_check_plan(
		    &source_caddy, tree, "mail.example", plans[i].plan);
		free(json);
	}
}

/* New names appear in the directory of an issuer. */
static void
test_more(void **state)
{
	struct tree *tree = *state;
	const struct config_source source = source_check_source(tree->root);
	struct paths paths = { 0 };

	source_caddy.more(&source, &paths);
	assert_int_equal(paths.count, 2);
	assert_true(source_check_has(tree, &paths, ACME "/"));
	assert_true(source_check_has(tree, &paths, SELF "/"));
	paths_fini(&paths);
}

static void
test_lineage_of_table(void **state)
{
	static const struct source_check_entry cases[] = {
		{ "an issuer or a name", ROLE_LINEAGES, "any", NULL, true },
		{ "hidden", ROLE_LINEAGES, ".any", NULL, false },
		{ "all", ROLE_ROOT, "certificates", NULL, true },
		{ "other things", ROLE_ROOT, "locks", NULL, false },
	};

	(void)state;
	source_check_entries(&source_caddy, cases, LENGTH(cases));
}

/* What cannot be looked at may be the newest, or the only one. */
static void
test_locked(void **state)
{
	static const char *const names[] = { ACME "/mail.example", ACME };
	struct tree *tree = *state;

	tree_make(tree, SELF "/mail.example");
	tree_write(tree, SELF "/mail.example/mail.example.crt", "chain");
	for (size_t i = 0; i < LENGTH(names); i++) {
		enum status status;

		if (!source_check_lock(tree, names[i], 0))
			skip();
		status = source_check_status(
		    &source_caddy, tree, "mail.example");
		source_check_unlock(tree, names[i]);
		assert_int_equal(status, STATUS_IO);
	}
	source_check_found_locked(&source_caddy, tree, ACME "/mail.example",
	    STATUS_OK, "inner mail.example wildcard_.example ");
	source_check_found_locked(
	    &source_caddy, tree, ACME, STATUS_IO, "inner mail.example ");
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
		TEST(test_renewal_table),
		TEST(test_more),
		cmocka_unit_test(test_lineage_of_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
