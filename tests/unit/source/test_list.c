/* SPDX-License-Identifier: MIT */
/* A directory that cannot be read to its end, or is too long. */
#include "unit.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/limit.h"
#include "source/entries.h"
#include "tree.h"

typedef struct dirent *readdir_fn(DIR *dir);

/* Entries until it fails; negative: never. */
static int left = -1;

/* In the place of the C library's. */
struct dirent *
readdir(DIR *dir)
{
	readdir_fn *next = (readdir_fn *)(uintptr_t)dlsym(RTLD_NEXT, "readdir");

	if (left == 0) {
		errno = EIO;
		return NULL;
	}
	left -= left > 0;
	return next(dir);
}

static void
count(const char *name, const char *path, void *arg)
{
	size_t *found = arg;

	assert_non_null(strstr(path, name));
	(*found)++;
}

static void
test_failure(void **state)
{
	struct problem problem = { "" };
	struct tree tree;
	size_t found = 0;

	(void)state;
	tree_init(&tree);
	tree_write(&tree, "a", "");
	tree_write(&tree, "b", "");
	assert_int_equal(
	    source_list(tree.root, LIMIT_ENTRIES, count, &found, &problem),
	    STATUS_OK);
	assert_int_equal(found, 2);
	for (int entries = 0; entries < 5; entries++) {
		left = entries;
		assert_int_equal(source_list(tree.root, LIMIT_ENTRIES, count,
				     &found, &problem),
		    STATUS_IO);
		assert_non_null(strstr(problem.text, strerror(EIO)));
	}
	left = -1;
	tree_fini(&tree);
}

/* What is more than somebody wants to see, and exactly that much. */
static void
test_limit(void **state)
{
	struct problem problem = { "" };
	struct tree tree;

	(void)state;
	tree_init(&tree);
	tree_write(&tree, "a", "");
	tree_write(&tree, "b", "");
	tree_write(&tree, "c", "");
	for (size_t limit = 0; limit <= 4; limit++) {
		size_t found = 0;
		bool is_enough = limit >= 3;

		assert_int_equal(
		    source_list(tree.root, limit, count, &found, &problem),
		    is_enough ? STATUS_OK : STATUS_LIMIT);
		assert_int_equal(found, is_enough ? 3 : limit);
	}
	assert_non_null(strstr(problem.text, tree.root));
	tree_fini(&tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests_name("source_list", tests, NULL, NULL);
}
