/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"

/* What was called, in order. */
struct calls {
	struct loop *loop;
	char text[64];
};

struct fd_call {
	struct loop_io io;
	struct calls *calls;
	char name;
	uint32_t events;
};

struct timer_call {
	struct loop_timer timer;
	struct calls *calls;
	char name;
};

static void
note(struct calls *calls, char name)
{
	size_t len = strlen(calls->text);

	assert_true(len + 1 < sizeof(calls->text));
	calls->text[len] = name;
}

static void
fd_ready(void *arg, uint32_t events)
{
	struct fd_call *call = arg;

	call->events = events;
	note(call->calls, call->name);
}

static void
timer_due(void *arg)
{
	struct timer_call *call = arg;

	note(call->calls, call->name);
}

static void
fd_init(struct fd_call *call, struct calls *calls, int fd, char name)
{
	*call = (struct fd_call){ .calls = calls, .name = name };
	call->io = (struct loop_io){ fd, fd_ready, call };
}

static void
timer_init(struct timer_call *call, struct calls *calls, char name)
{
	*call = (struct timer_call){ .calls = calls, .name = name };
	call->timer.due = timer_due;
	call->timer.arg = call;
}

static void
turns(struct loop *loop, int count)
{
	for (int i = 0; i < count; i++)
		loop_turn(loop, 0);
}

static void
test_timers(void **state)
{
	struct loop loop;
	struct calls calls = { .loop = &loop };
	struct timer_call a, b, c;
	int64_t now = loop_now();

	(void)state;
	loop_init(&loop);
	timer_init(&a, &calls, 'a');
	timer_init(&b, &calls, 'b');
	timer_init(&c, &calls, 'c');
	loop_timer_set(&loop, &b.timer, now);
	loop_timer_set(&loop, &a.timer, now - 5);
	loop_timer_set(&loop, &c.timer, now + 60000);
	/* One a turn, the earliest first. */
	turns(&loop, 1);
	assert_string_equal(calls.text, "a");
	turns(&loop, 1);
	assert_string_equal(calls.text, "ab");
	turns(&loop, 3);
	assert_string_equal(calls.text, "ab");
	/* A timer can be moved, and set again, and cleared. */
	loop_timer_set(&loop, &c.timer, 0);
	loop_timer_set(&loop, &a.timer, 0);
	loop_timer_clear(&loop, &a.timer);
	loop_timer_clear(&loop, &a.timer);
	turns(&loop, 3);
	assert_string_equal(calls.text, "abc");
	loop_fini(&loop);
}

/* Return how long turns took until a timer of 30 ms was due. */
static int64_t
wait_for_timer(void)
{
	struct loop loop;
	struct calls calls = { .loop = &loop };
	struct timer_call a;
	int64_t start = loop_now();
	int64_t end;

	loop_init(&loop);
	timer_init(&a, &calls, 'a');
	loop_timer_set(&loop, &a.timer, start + 30);
	while (calls.text[0] == '\0' && loop_now() < start + 60000)
		loop_turn(&loop, -1);
	end = loop_now();
	assert_string_equal(calls.text, "a");
	loop_fini(&loop);
	return end - start;
}

/*
 * A turn waits for the first timer, and not longer.  Once in a while the
 * machine stands still, but not each time.
 */
static void
test_waits_for_timer(void **state)
{
	int64_t shortest = INT64_MAX;

	(void)state;
	for (int i = 0; i < 10 && shortest >= 2000; i++) {
		int64_t took = wait_for_timer();

		assert_true(took >= 30);
		shortest = took < shortest ? took : shortest;
	}
	assert_true(shortest < 2000);
}

static void
test_descriptors(void **state)
{
	struct loop loop;
	struct calls calls = { .loop = &loop };
	struct fd_call a, b;
	int fds[2];

	(void)state;
	loop_init(&loop);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	fd_init(&a, &calls, fds[0], 'a');
	fd_init(&b, &calls, fds[1], 'b');
	assert_true(loop_add(&loop, &a.io, EPOLLIN));
	assert_true(loop_add(&loop, &b.io, EPOLLIN));
	turns(&loop, 1);
	assert_string_equal(calls.text, "");
	assert_int_equal(write(fds[1], "x", 1), 1);
	turns(&loop, 2);
	assert_string_equal(calls.text, "aa");
	assert_int_equal(a.events, EPOLLIN);
	loop_change(&loop, &a.io, 0);
	loop_change(&loop, &b.io, EPOLLOUT);
	turns(&loop, 1);
	assert_string_equal(calls.text, "aab");
	assert_int_equal(b.events, EPOLLOUT);
	loop_remove(&loop, &a.io);
	loop_remove(&loop, &b.io);
	turns(&loop, 1);
	assert_string_equal(calls.text, "aab");
	(void)close(fds[0]);
	(void)close(fds[1]);
	loop_fini(&loop);
}

/* epoll(7) refuses a plain file, which is what `pipe <FILE` reads. */
static void
test_plain_file(void **state)
{
	struct loop loop;
	struct calls calls = { .loop = &loop };
	struct fd_call a, b;
	FILE *file = tmpfile();

	(void)state;
	loop_init(&loop);
	assert_non_null(file);
	fd_init(&a, &calls, fileno(file), 'a');
	fd_init(&b, &calls, fileno(file), 'b');
	assert_true(loop_add(&loop, &a.io, EPOLLIN));
	assert_false(loop_add(&loop, &b.io, EPOLLIN));
	/* It is always ready, so a turn does not wait. */
	loop_turn(&loop, -1);
	loop_turn(&loop, -1);
	assert_string_equal(calls.text, "aa");
	loop_remove(&loop, &a.io);
	turns(&loop, 1);
	assert_string_equal(calls.text, "aa");
	assert_true(loop_add(&loop, &b.io, EPOLLIN));
	turns(&loop, 1);
	assert_string_equal(calls.text, "aab");
	(void)fclose(file);
	loop_fini(&loop);
}

static void
test_no_descriptor(void **state)
{
	struct loop loop;
	struct calls calls = { .loop = &loop };
	struct fd_call a;

	(void)state;
	loop_init(&loop);
	fd_init(&a, &calls, -1, 'a');
	assert_false(loop_add(&loop, &a.io, EPOLLIN));
	turns(&loop, 1);
	assert_string_equal(calls.text, "");
	loop_fini(&loop);
}

static void
stop_due(void *arg)
{
	loop_stop(arg);
}

static void
test_stop(void **state)
{
	struct loop loop;
	struct loop_timer timer = { .due = stop_due, .arg = &loop };

	(void)state;
	loop_init(&loop);
	loop_timer_set(&loop, &timer, loop_now() + 1);
	loop_run(&loop);
	assert_true(loop.stopped);
	loop_fini(&loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_waits_for_timer),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_plain_file),
		cmocka_unit_test(test_no_descriptor),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
