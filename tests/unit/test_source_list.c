/* SPDX-License-Identifier: MIT */
/* A directory that cannot be read to its end is no shorter one. */
#include "unit.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "source.h"
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
	    source_list(tree.root, count, &found, &problem), STATUS_OK);
	assert_int_equal(found, 2);
	for (int entries = 0; entries < 5; entries++) {
		left = entries;
		assert_int_equal(
		    source_list(tree.root, count, &found, &problem), STATUS_IO);
		assert_non_null(strstr(problem.text, strerror(EIO)));
	}
	left = -1;
	tree_fini(&tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests_name("source_list", tests, NULL, NULL);
}
