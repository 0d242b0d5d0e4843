/* SPDX-License-Identifier: MIT */
/* files/file.h: lists of paths, and where links lead. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/file.h"
#include "tree.h"

static int
tree_begin(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	*state = &tree;
	return 0;
}

static int
tree_end(void **state)
{
	tree_fini(*state);
	return 0;
}

static void
test_paths(void **state)
{
	struct paths paths = { 0 };

	(void)state;
	paths_add(&paths, "/a");
	paths_add(&paths, "/b");
	paths_add(&paths, "/a");
	paths_add(&paths, "/a/");
	assert_int_equal(paths.count, 3);
	assert_string_equal(paths.list[0], "/a");
	assert_string_equal(paths.list[1], "/b");
	assert_string_equal(paths.list[2], "/a/");
	paths_fini(&paths);
	assert_int_equal(paths.count, 0);
	paths_fini(&paths);
}

static void
test_directory_table(void **state)
{
	static const struct {
		const char *path;
		const char *directory;
	} cases[] = {
		{ "/a/b", "/a" },
		{ "/a/b/", "/a/b" },
		{ "/a", "/" },
		{ "/", "/" },
		{ "/a/../b", "/a/.." },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char *directory = path_directory(cases[i].path);

		print_message("# %s\n", cases[i].path);
		assert_string_equal(directory, cases[i].directory);
		free(directory);
	}
}

static void
test_follow_table(void **state)
{
	static const struct {
		const char *why;
		const char *name;
		const char *steps; /* those behind the first */
		const char *target;
	} cases[] = {
		{ "a file", "live/plain", "live", "live/plain" },
		{ "nothing", "live/absent", "live", "live/absent" },
		{ "nothing at all", "no/file", "no", "no/file" },
		{ "odd", "live//./../live/plain", "live live/plain",
		    "live/plain" },
		{ "a link", "live/one", "live live/plain", "live/plain" },
		{ "a link up and down", "live/two",
		    "live archive archive/two2 live/plain", "live/plain" },
		{ "a link that leads nowhere", "live/three",
		    "live archive archive/three", "archive/three" },
		{ "a link to a directory", "live/four", "live archive",
		    "archive" },
		{ "links in the middle", "live/four/deep/file",
		    "live live/four archive archive/deep elsewhere "
		    "elsewhere/file live/plain",
		    "live/plain" },
	};
	struct tree *tree = *state;

	tree_make(tree, "live");
	tree_make(tree, "archive");
	tree_write(tree, "live/plain", "");
	tree_link(tree, "plain", "live/one");
	tree_link(tree, "../archive/two2", "live/two");
	tree_link(tree, "../live/plain", "archive/two2");
	tree_link(tree, "../archive/three", "live/three");
	tree_link(tree, "../archive", "live/four");
	tree_make(tree, "elsewhere");
	tree_link(tree, "../elsewhere/", "archive/deep");
	tree_link(tree, "../live/plain", "elsewhere/file");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem = { "" };
		struct paths steps = { 0 };
		struct buf text = { 0 };
		char *path = tree_path(tree, cases[i].name);
		char *target = NULL;

		print_message("# %s\n", cases[i].why);
		assert_int_equal(
		    path_follow(path, tree->root, &steps, &target, &problem),
		    STATUS_OK);
		assert_string_equal(steps.list[0], path);
		assert_string_equal(
		    target + strlen(tree->root) + 1, cases[i].target);
		for (size_t k = 1; k < steps.count; k++)
			buf_add_format(&text, "%s%s", k > 1 ? " " : "",
			    steps.list[k] + strlen(tree->root) + 1);
		assert_string_equal(buf_text(&text), cases[i].steps);
		paths_fini(&steps);
		buf_fini(&text);
		free(target);
		free(path);
	}
}

static void
test_follow_absolute(void **state)
{
	struct tree *tree = *state;
	struct problem problem = { "" };
	struct paths steps = { 0 };
	char *file = tree_path(tree, "file");
	char *link = tree_path(tree, "link");
	char *target = NULL;

	tree_link(tree, file, "link");
	assert_int_equal(
	    path_follow(link, tree->root, &steps, &target, &problem),
	    STATUS_OK);
	assert_string_equal(target, file);
	assert_int_equal(steps.count, 2);
	paths_fini(&steps);
	free(target);
	free(link);
	free(file);
}

/* Without a base, each component from the root on; a base may be a link. */
static void
test_follow_base(void **state)
{
	struct tree *tree = *state;
	struct problem problem = { "" };
	struct paths steps = { 0 };
	char *base = tree_path(tree, "base");
	char *path = tree_path(tree, "base/up");
	char *file = tree_path(tree, "real/file");
	char *target = NULL;

	tree_make(tree, "real/deep");
	tree_write(tree, "real/file", "");
	tree_link(tree, "real/deep", "base");
	tree_link(tree, "../file", "real/deep/up");
	assert_int_equal(
	    path_follow(path, base, &steps, &target, &problem), STATUS_OK);
	assert_string_equal(target, file);
	paths_fini(&steps);
	free(target);
	assert_int_equal(
	    path_follow(path, NULL, &steps, &target, &problem), STATUS_OK);
	assert_string_equal(target, file);
	/* The path itself, then /tmp and so on. */
	assert_string_equal(strrchr(steps.list[1], '/'), steps.list[1]);
	assert_true(steps.count > 5);
	paths_fini(&steps);
	free(target);
	free(base);
	free(path);
	free(file);
}

/* As many links as allowed, one more, and a loop. */
static void
test_follow_limit(void **state)
{
	static const struct {
		const char *why;
		int first;
		enum status status;
	} cases[] = {
		{ "as many as allowed", 1, STATUS_OK },
		{ "one more", 0, STATUS_LIMIT },
		{ "no end", -1, STATUS_LIMIT },
	};
	struct tree *tree = *state;

	/* Each links to the next; the last is a file. */
	for (int i = 0; i < LIMIT_SYMLINKS; i++) {
		char *name = mem_format("l%d", i);
		char *next = mem_format("l%d", i + 1);

		tree_link(tree, next, name);
		free(name);
		free(next);
	}
	tree_link(tree, "l-1", "l-1");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem = { "" };
		struct paths steps = { 0 };
		char *name = mem_format("l%d", cases[i].first);
		char *path = tree_path(tree, name);
		char *target = NULL;

		print_message("# %s\n", cases[i].why);
		assert_int_equal(
		    path_follow(path, tree->root, &steps, &target, &problem),
		    cases[i].status);
		assert_int_equal(target != NULL, cases[i].status == STATUS_OK);
		if (cases[i].status != STATUS_OK)
			assert_non_null(strstr(problem.text, path));
		paths_fini(&steps);
		free(target);
		free(path);
		free(name);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_begin, tree_end)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_directory_table),
		TEST(test_follow_table),
		TEST(test_follow_absolute),
		TEST(test_follow_base),
		TEST(test_follow_limit),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
