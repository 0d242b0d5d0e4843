/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

/* Let the sanitizer refuse memory as the C library does. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void
test_zeroed(void **state)
{
	static const char zero[100];
	char *one = mem_new(sizeof(zero));
	char *many = mem_array(25, 4);

	(void)state;
	assert_memory_equal(one, zero, sizeof(zero));
	assert_memory_equal(many, zero, sizeof(zero));
	free(one);
	free(many);
}

static void
test_resize(void **state)
{
	char *text = mem_resize(NULL, 4, 1);

	(void)state;
	memcpy(text, "abc", 4);
	text = mem_resize(text, 1000, 1000);
	assert_string_equal(text, "abc");
	text = mem_resize(text, 2, 1);
	assert_memory_equal(text, "ab", 2);
	free(text);
}

/* Nothing is a size too, and gives memory that can be freed. */
static void
test_nothing(void **state)
{
	void *array = mem_array(0, 8);
	void *resized = mem_resize(NULL, 0, 8);
	char *copy = mem_copy(NULL, 0);

	(void)state;
	assert_non_null(array);
	assert_non_null(resized);
	assert_string_equal(copy, "");
	free(array);
	free(resized);
	free(copy);
}

static void
test_copies(void **state)
{
	char *string = mem_string("text");
	char *copy = mem_copy("a\0b", 3);
	char *format = mem_format("%d%s", 12, "x");

	(void)state;
	assert_string_equal(string, "text");
	assert_memory_equal(copy, "a\0b", 4);
	assert_string_equal(format, "12x");
	free(string);
	free(copy);
	free(format);
}

/* Run `action` in a child; return its exit status and what it says. */
static int
child_run(void (*action)(void), char *said, size_t room)
{
	int fds[2];
	int status = 0;
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(fds[1], STDERR_FILENO);
		action();
		_exit(99);
	}
	(void)close(fds[1]);
	/* A sanitizer may say something first. */
	while ((got = read(fds[0], said + len, room - 1 - len)) > 0)
		len += (size_t)got;
	said[len] = '\0';
	(void)close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* More than any address space has, but no overflow. */
static volatile size_t huge = SIZE_MAX / 4;

static void
exhaust_new(void)
{
	free(mem_new(huge));
}

static void
exhaust_array(void)
{
	free(mem_array(huge, 8));
}

static void
exhaust_resize(void)
{
	free(mem_resize(NULL, huge, 8));
}

static void
exhaust_copy(void)
{
	free(mem_copy("", SIZE_MAX));
}

static void
test_exhausted_table(void **state)
{
	static const struct {
		const char *why;
		void (*action)(void);
	} cases[] = {
		{ "too much", exhaust_new },
		{ "count times size overflows", exhaust_array },
		{ "so does a resize", exhaust_resize },
		{ "the NUL overflows", exhaust_copy },
	};
	char said[4096];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message("# %s\n", cases[i].why);
		assert_int_equal(
		    child_run(cases[i].action, said, sizeof(said)), 1);
		assert_non_null(strstr(said, "out of memory\n"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_exhausted_table),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
