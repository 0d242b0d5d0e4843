/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "wall/focus.h"

enum { SOURCES = 3 };

static const struct fingerprint print = { .inode = 7, .size = 12 };

static struct focus *
focus_make(int *ret_fd)
{
	struct focus *focus = focus_new(ret_fd);

	assert_non_null(focus);
	return focus;
}

static void
focus_done(struct focus *focus, int fd)
{
	focus_unmap(focus);
	assert_int_equal(close(fd), 0);
}

static bool
is_nothing(struct focus *focus)
{
	struct fingerprint seen;
	unsigned source;
	char *name;

	return !focus_take(focus, SOURCES, &source, &name, &seen);
}

static void
assert_taken(struct focus *focus, unsigned wanted, const char *wanted_name)
{
	struct fingerprint seen = { 0 };
	unsigned source = SOURCES;
	char *name = NULL;

	assert_true(focus_take(focus, SOURCES, &source, &name, &seen));
	assert_int_equal(source, wanted);
	assert_string_equal(name, wanted_name);
	assert_true(fingerprint_equal(&seen, &print));
	free(name);
}

static void
test_once(void **state)
{
	int fd;
	struct focus *focus = focus_make(&fd);

	(void)state;
	assert_true(is_nothing(focus));
	focus_begin(focus, 2, "mail.example.com", &print);
	focus_begin(focus, 1, "mx", &print);
	assert_taken(focus, 1, "mx");
	assert_true(is_nothing(focus));
	focus_begin(focus, 1, "mx", &print);
	focus_end(focus);
	assert_true(is_nothing(focus));
	focus_done(focus, fd);
}

/* By fork, and by its descriptor. */
static void
test_shared(void **state)
{
	int fd;
	struct focus *focus = focus_make(&fd);
	struct focus *other = focus_map(fd);
	pid_t pid = fork();

	(void)state;
	assert_non_null(other);
	if (pid == 0) {
		focus_begin(focus, 0, "mail", &print);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_taken(other, 0, "mail");
	focus_unmap(other);
	focus_done(focus, fd);
}

static void
test_long_name(void **state)
{
	int fd;
	struct focus *focus = focus_make(&fd);
	char *name = mem_new(LIMIT_NAME + 1);

	(void)state;
	memset(name, 'a', LIMIT_NAME);
	focus_begin(focus, 0, name, &print);
	assert_taken(focus, 0, name);
	free(name);
	focus_done(focus, fd);
}

/* Whoever was taken over by a file writes there what he likes. */
static void
test_hostile(void **state)
{
	int fd;
	struct focus *focus = focus_make(&fd);
	struct fingerprint seen;
	char long_name[LIMIT_NAME + 1] = "";
	unsigned source;
	struct stat st;
	char *name;

	(void)state;
	focus_begin(focus, SOURCES, "mail", &print);
	assert_true(is_nothing(focus));
	focus_begin(focus, 0, "", &print);
	assert_true(is_nothing(focus));
	assert_int_equal(fstat(fd, &st), 0);
	memset(focus, 1, (size_t)st.st_size);
	assert_true(is_nothing(focus));
	/* No end of the name: it is the last member. */
	memset(long_name, 'a', LIMIT_NAME);
	focus_begin(focus, 0, long_name, &print);
	memset((char *)focus + st.st_size - _Alignof(struct fingerprint), 'a',
	    _Alignof(struct fingerprint));
	assert_true(focus_take(focus, SOURCES, &source, &name, &seen));
	assert_int_equal(strlen(name), LIMIT_NAME);
	free(name);
	/* Shorter memory would end who looks into it. */
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(errno, EPERM);
	focus_done(focus, fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
