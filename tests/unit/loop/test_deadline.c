/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/deadline.h"
#include "loop/loop.h"
#include "tree.h"

enum { SOON_MS = 50, LATE_MS = 600000 };

static void
test_left(void **state)
{
	struct deadline late = deadline_in(LATE_MS);
	struct deadline never = deadline_in(INT64_MAX / 2);
	struct deadline over = deadline_in(0);
	struct deadline within;

	(void)state;
	assert_in_range(deadline_left(&late), 1, LATE_MS);
	assert_in_range(deadline_left(&never), INT32_MAX, INT32_MAX);
	assert_false(deadline_is_over(&late));
	assert_true(deadline_is_over(&over));
	assert_int_equal(deadline_left(&over), 0);
	within = deadline_within(&late, SOON_MS);
	assert_true(within.at < late.at);
	assert_int_equal(within.ms, SOON_MS);
	within = deadline_within(&late, INT64_MAX / 2);
	assert_int_equal(within.at, late.at);
	assert_in_range(within.ms, 1, LATE_MS);
	within = deadline_within(&over, SOON_MS);
	assert_true(deadline_is_over(&within));
}

/* What is ready all the time does not put it off. */
static void
test_over(void **state)
{
	struct deadline over = deadline_in(0);
	struct deadline late = deadline_in(LATE_MS);
	char octet = '\0';
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[0], "x", 1), 1);
	errno = 0;
	assert_int_equal(deadline_receive(&over, fds[1], &octet, 1), -1);
	assert_int_equal(errno, ETIMEDOUT);
	errno = 0;
	assert_false(deadline_send(&over, fds[1], "x", 1));
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(deadline_receive(&late, fds[1], &octet, 1), 1);
	assert_int_equal(octet, 'x');
	(void)close(fds[0]);
	assert_int_equal(deadline_receive(&late, fds[1], &octet, 1), 0);
	assert_false(deadline_send(&late, fds[1], "x", 1));
	assert_int_equal(errno, EPIPE);
	(void)close(fds[1]);
}

/* Neither does who does not read. */
static void
test_full(void **state)
{
	struct deadline soon = deadline_in(SOON_MS);
	size_t len = 1 << 24;
	char *octets = mem_new(len);
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_false(deadline_send(&soon, fds[0], octets, len));
	assert_int_equal(errno, ETIMEDOUT);
	assert_true(deadline_is_over(&soon));
	(void)close(fds[0]);
	(void)close(fds[1]);
	free(octets);
}

/* A listener that takes nobody; its queue is full. */
static void
test_connect(void **state)
{
	struct tree tree;
	char *path;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct sockaddr *to = (const struct sockaddr *)&address;
	struct deadline late = deadline_in(LATE_MS);
	struct deadline soon;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	int fds[2];

	(void)state;
	tree_init(&tree);
	path = tree_path(&tree, "socket");
	(void)strcpy(address.sun_path, path);
	assert_int_equal(bind(listener, to, sizeof(address)), 0);
	assert_int_equal(listen(listener, 0), 0);
	for (int i = 0; i < 2; i++)
		fds[i] = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(deadline_connect(&late, fds[0], to, sizeof(address)));
	soon = deadline_in(SOON_MS);
	assert_false(deadline_connect(&soon, fds[1], to, sizeof(address)));
	assert_int_equal(errno, ETIMEDOUT);
	for (int i = 0; i < 2; i++)
		(void)close(fds[i]);
	(void)close(listener);
	free(path);
	tree_fini(&tree);
}

static void
test_words(void **state)
{
	static const struct {
		int error;
		int64_t ms;
		const char *text;
	} rows[] = {
		{ ETIMEDOUT, 5000, "a: no answer within 5 seconds" },
		{ ETIMEDOUT, 1000, "a: no answer within 1 second" },
		{ ETIMEDOUT, 1200, "a: no answer within 1200 ms" },
		{ ETIMEDOUT, 0, "a: the time for all of it is up" },
		{ ECONNREFUSED, 5000, "a: Connection refused" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct deadline deadline = deadline_in(rows[i].ms);
		struct problem problem = { "" };

		errno = rows[i].error;
		deadline_problem(&deadline, "a", "no answer", &problem);
		assert_string_equal(problem.text, rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}
