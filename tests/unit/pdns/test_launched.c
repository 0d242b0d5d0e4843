/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pdns/bind_zones.h"
#include "pdns/launched.h"
#include "pdns/module.h"
#include "tree.h"

/* What launch= says, by files. */
static const struct {
	const char *why;
	const char *text;  /* of pdns.conf */
	const char *added; /* by a file of include-dir, or NULL */
	const char *backends[4];
	size_t first_remote;
	size_t twice;
	size_t from_added; /* index of the first that it added */
} rows[] = {
	{ "nothing", "", NULL, { NULL }, 0, 0, 0 },
	{ "as it should be", "launch=bind,remote\n", NULL, { "bind", "remote" },
	    1, 2, 2 },
	{ "Debian's bind.conf", "launch=bind,remote\n", "launch+=bind\n",
	    { "bind", "remote", "bind" }, 1, 2, 2 },
	{ "beside another", "launch=gsqlite3, remote\n", "launch+=bind\n",
	    { "gsqlite3", "remote", "bind" }, 1, 3, 2 },
	{ "two instances", "launch=bind:a bind:b remote:c\n", NULL,
	    { "bind:a", "bind:b", "remote:c" }, 2, 3, 3 },
	{ "an instance twice", "launch=bind:a remote bind:a\n", NULL,
	    { "bind:a", "remote", "bind:a" }, 1, 2, 3 },
	{ "replaced", "launch=lmdb\n", "launch=bind,remote\n",
	    { "bind", "remote" }, 1, 2, 0 },
	{ "no remote", "launch=remotely\n", NULL, { "remotely" }, 1, 1, 1 },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct tree tree;
		struct pdns_conf conf = { 0 };
		struct launched launched;
		struct problem problem;
		char *path, *added, *text;
		size_t count = 0;

		print_message("# %s\n", rows[i].why);
		tree_init(&tree);
		path = tree_path(&tree, "pdns.conf");
		added = tree_path(&tree, "d/added.conf");
		text = mem_format(
		    "%sinclude-dir=%s/d\n", rows[i].text, tree.root);
		tree_make(&tree, "d");
		tree_write(&tree, "pdns.conf", text);
		tree_write(&tree, "d/added.conf",
		    rows[i].added != NULL ? rows[i].added : "");
		assert_int_equal(
		    pdns_conf_load(path, &conf, &problem), STATUS_OK);
		launched_read(&conf, &launched);
		while (count < 4 && rows[i].backends[count] != NULL)
			count++;
		assert_int_equal(launched.count, count);
		for (size_t b = 0; b < count; b++) {
			assert_string_equal(
			    launched.list[b], rows[i].backends[b]);
			assert_string_equal(launched.files[b],
			    b < rows[i].from_added ? path : added);
		}
		assert_int_equal(launched.first_remote, rows[i].first_remote);
		assert_int_equal(launched_twice(&launched), rows[i].twice);
		launched_fini(&launched);
		pdns_conf_fini(&conf);
		free(text);
		free(added);
		free(path);
		tree_fini(&tree);
	}
}

/* named.conf, what "inc" has that it includes, and whether there is a zone. */
static const struct {
	const char *why;
	const char *text;
	const char *included; /* NULL: there is no such file */
	enum presence presence;
} configs[] = {
	{ "nothing", "", NULL, PRESENCE_NO },
	{ "options only", "options { directory \"/zone\"; };\n", NULL,
	    PRESENCE_NO },
	{ "a zone", "zone \"a.example\" { type native; };\n", NULL,
	    PRESENCE_YES },
	{ "without quotes", "options {};zone a.example{};", NULL,
	    PRESENCE_YES },
	{ "behind a block", "options { };\n zone\n\"a\" {};", NULL,
	    PRESENCE_YES },
	{ "line comments", "// zone \"a\" {};\n# zone \"a\" {};\n", NULL,
	    PRESENCE_NO },
	{ "block comment", "/* zone \"a\" {};\n */ options {};", NULL,
	    PRESENCE_NO },
	{ "a comment without an end", "/* zone \"a\" {};", NULL, PRESENCE_NO },
	{ "a text without an end", "options \"zone", NULL, PRESENCE_NO },
	{ "a text that is no word", "directory \"zone\";", NULL, PRESENCE_NO },
	{ "another word", "zones \"a\" {}; subzone {};", NULL, PRESENCE_NO },
	{ "an include that is not there", "include \"%s\";", NULL,
	    PRESENCE_NO },
	{ "an include without zones", "include \"%s\";", "# none\n",
	    PRESENCE_NO },
	{ "an include with zones", "include \"%s\";\n", "zone \"a\" {};",
	    PRESENCE_YES },
	{ "itself included", "include \"%s\";\n", "include \"%s\";",
	    PRESENCE_UNKNOWN },
};

/* Put the path where "%s" is. */
static char *
fill(const char *text, const char *path)
{
	const char *at = strstr(text, "%s");

	if (at == NULL)
		return mem_string(text);
	return mem_format("%.*s%s%s", (int)(at - text), text, path, at + 2);
}

static void
test_bind_zones(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(configs); i++) {
		struct tree tree;
		char *path, *included, *text;

		print_message("# %s\n", configs[i].why);
		tree_init(&tree);
		path = tree_path(&tree, "named.conf");
		included = tree_path(&tree, "inc");
		text = fill(configs[i].text, included);
		tree_write(&tree, "named.conf", text);
		free(text);
		if (configs[i].included != NULL) {
			text = fill(configs[i].included, included);
			tree_write(&tree, "inc", text);
			free(text);
		}
		assert_int_equal(bind_zones(path), configs[i].presence);
		free(included);
		free(path);
		tree_fini(&tree);
	}
	assert_int_equal(bind_zones(""), PRESENCE_NO);
	assert_int_equal(bind_zones("/nonexistent"), PRESENCE_UNKNOWN);
}

static void
test_module(void **state)
{
	char *path = module_path("/lib/pdns", "gsqlite3:a", 8);
	char *package = module_package("gmysql", 6);

	(void)state;
	assert_string_equal(path, "/lib/pdns/libgsqlite3backend.so");
	assert_string_equal(package, "pdns-backend-mysql");
	assert_null(module_package("remotely", 8));
	assert_null(module_package("remote", 3));
	assert_null(module_directory("/nonexistent"));
	free(package);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bind_zones),
		cmocka_unit_test(test_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
