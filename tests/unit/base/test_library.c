/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "base/library.h"

#define ZLIB_TABLE(X) X(zlibVersion) X(zlibCompileFlags)

const char *zlibVersion(void);
unsigned long zlibCompileFlags(void);

struct zlib {
	ZLIB_TABLE(LIBRARY_MEMBER)
};

static const char *const names[] = { ZLIB_TABLE(LIBRARY_NAME) };

static void
test_load(void **state)
{
	struct problem problem = { "" };
	struct zlib zlib = { NULL, NULL };

	(void)state;
	assert_true(library_load("libz.so.1", names, 2, &zlib, &problem));
	assert_int_equal(zlib.zlibVersion()[0], '1');
	assert_int_not_equal(zlib.zlibCompileFlags(), 0);
}

static void
test_absent(void **state)
{
	static const char *const none[] = { "zlibVersion", "of_no_zlib" };
	struct problem problem = { "" };
	struct zlib zlib;

	(void)state;
	assert_false(library_load("libnone.so.7", names, 2, &zlib, &problem));
	assert_non_null(strstr(problem.text, "libnone.so.7"));
	assert_false(library_load("libz.so.1", none, 2, &zlib, &problem));
	assert_non_null(strstr(problem.text, "of_no_zlib"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
