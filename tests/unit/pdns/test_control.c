/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "control_bench.h"

/*
 * What PowerDNS hears, and what the log says when it does not work.
 */

/* An answer that was on its way is cached after the first time. */
static void
test_again(void **state)
{
	struct bench *bench = *state;
	int64_t started = loop_now();

	pdns_control_purge(bench->control, "a.example.net");
	bench_expect(bench, "PURGE a.example.net\n", "0\n");
	bench_expect_quiet(bench);
	assert_true(loop_now() - started >= 1000);
	/* What was not heard once is not to be heard again. */
	(void)close(bench->listen_fd);
	pdns_control_purge(bench->control, "b.example.net");
	for (int i = 0; bench_logged(bench, "refused") == 0 && i < 1000; i++)
		loop_turn(&bench->loop, 1);
	bench_listen(bench);
	started = loop_now();
	while (loop_now() - started < 1200)
		loop_turn(&bench->loop, 100);
	bench_expect_quiet(bench);
}

/* Zones first, for a zone that is not known is refused, and that is cached. */
static void
test_rediscover(void **state)
{
	struct bench *bench = *state;

	pdns_control_notify(bench->control, "example.net");
	pdns_control_purge(bench->control, "example.net$");
	pdns_control_rediscover(bench->control);
	pdns_control_rediscover(bench->control);
	bench_expect(bench, "REDISCOVER\n", "Ok");
	bench_expect(bench, "PURGE example.net$\n", "0\n");
	bench_expect(bench, "NOTIFY example.net\n", "Added to queue\n");
	assert_int_equal(bench_logged(bench, ""), 0);
	for (int i = 0; i < 2; i++) {
		pdns_control_rediscover(bench->control);
		bench_expect(bench, "REDISCOVER\n", "no backend\n");
	}
	assert_int_equal(
	    bench_logged(bench, "does not ask for our zones anew: no backend"),
	    1);
	bench_expect_quiet(bench);
}

/* A PowerDNS that is not there yet has missed nothing. */
static void
test_greeting(void **state)
{
	struct bench *bench = *state;

	(void)close(bench->listen_fd);
	for (int i = 0; i < 2; i++) {
		pdns_control_purge(bench->control, "example.net$");
		pdns_control_greet(bench->control);
		pdns_control_rediscover(bench->control);
		for (int k = 0; k < 5; k++)
			loop_turn(&bench->loop, 1);
		(void)unlink(bench->path);
	}
	assert_int_equal(bench_logged(bench, ""), 0);
	bench_listen(bench);
	bench_expect_quiet(bench);
	pdns_control_greet(bench->control);
	pdns_control_rediscover(bench->control);
	bench_expect(bench, "REDISCOVER\n", "Ok");
	(void)close(bench->listen_fd);
	pdns_control_purge(bench->control, "a.example.net");
	for (int i = 0; bench_logged(bench, "refused") == 0 && i < 1000; i++)
		loop_turn(&bench->loop, 1);
	assert_int_equal(bench_logged(bench, "Connection refused"), 1);
	bench_listen(bench);
}

/* Names go together, each once, and before the notification. */
static void
test_commands(void **state)
{
	struct bench *bench = *state;

	pdns_control_notify(bench->control, "example.net");
	pdns_control_purge(bench->control, "b.example.net");
	pdns_control_purge(bench->control, "a.example.net");
	pdns_control_purge(bench->control, "b.example.net");
	bench_expect(bench, "PURGE a.example.net b.example.net\n", "2\n");
	bench_expect(bench, "NOTIFY example.net\n", "Added to queue\n");
	pdns_control_purge(bench->control, "c.example.net$");
	bench_expect(bench, "PURGE c.example.net$\n", "0\n");
	bench_expect_quiet(bench);
	assert_int_equal(bench_logged(bench, ""), 0);
}

/* Thousands of names are several commands, and none is lost. */
static void
test_many(void **state)
{
	struct bench *bench = *state;
	size_t commands = 0;
	size_t names = 0;

	for (int i = 0; i < 2000; i++) {
		char *name = mem_format("_25._tcp.mail%d.example.net", i);

		pdns_control_purge(bench->control, name);
		free(name);
	}
	for (; names < 2000; commands++) {
		char *command = bench_serve(bench, "1\n");

		assert_in_range(strlen(command), 1, 8192 + 256);
		for (const char *at = command; *at != '\0'; at++)
			names += *at == ' ';
		free(command);
	}
	assert_int_equal(names, 2000);
	assert_in_range(commands, 2, 20);
	bench_expect_quiet(bench);
}

/* Told once that it fails, and once that it works again. */
static void
test_absent(void **state)
{
	struct bench *bench = *state;

	(void)close(bench->listen_fd);
	for (int i = 0; i < 3; i++) {
		pdns_control_purge(bench->control, "a.example.net");
		pdns_control_notify(bench->control, "example.net");
		loop_turn(&bench->loop, 10);
	}
	assert_int_equal(bench_logged(bench, "Connection refused"), 1);
	bench_listen(bench);
	bench_expect_quiet(bench);
	pdns_control_purge(bench->control, "b.example.net");
	bench_expect(bench, "PURGE b.example.net\n", "0\n");
	assert_int_equal(bench_logged(bench, "answers again"), 1);
	assert_int_equal(bench_logged(bench, ""), 2);
}

/* PowerDNS ends in the middle: the next change finds its way. */
static void
test_broken(void **state)
{
	struct bench *bench = *state;
	const struct linger at_once = { 1, 0 };
	int fd;

	pdns_control_purge(bench->control, "a.example.net");
	fd = bench_accept(bench);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	(void)close(fd);
	for (int i = 0; i < 5; i++)
		loop_turn(&bench->loop, 1);
	pdns_control_purge(bench->control, "b.example.net");
	bench_expect(bench, "PURGE b.example.net\n", "0\n");
}

static void
hang_over(void *arg)
{
	bool *is_over = arg;

	*is_over = true;
}

/* It waits five seconds, and less than six by the same loop's timers. */
static void
test_hang(void **state)
{
	struct bench *bench = *state;
	bool is_over = false;
	struct loop_timer six = { .due = hang_over, .arg = &is_over };
	int64_t started = loop_now();
	int fd;

	pdns_control_purge(bench->control, "a.example.net");
	loop_timer_set(&bench->loop, &six, loop_now() + 6000);
	fd = bench_accept(bench);
	while (
	    bench_logged(bench, "no answer within 5 seconds") == 0 && !is_over)
		loop_turn(&bench->loop, 100);
	assert_int_equal(bench_logged(bench, "no answer within 5 seconds"), 1);
	assert_false(is_over);
	loop_timer_clear(&bench->loop, &six);
	assert_true(loop_now() - started >= 4900);
	(void)close(fd);
	pdns_control_purge(bench->control, "b.example.net");
	bench_expect(bench, "PURGE b.example.net\n", "0\n");
}

/* It begins to answer, and goes on with that: it has five seconds as well. */
static void
test_drip(void **state)
{
	struct bench *bench = *state;
	bool is_over = false;
	struct loop_timer six = { .due = hang_over, .arg = &is_over };
	int fd;

	pdns_control_purge(bench->control, "a.example.net");
	loop_timer_set(&bench->loop, &six, loop_now() + 6000);
	fd = bench_accept(bench);
	while (bench_logged(bench, "") == 0 && !is_over) {
		(void)send(fd, "1", 1, MSG_NOSIGNAL);
		loop_turn(&bench->loop, 100);
		loop_turn(&bench->loop, 100);
	}
	assert_int_equal(bench_logged(bench, "no answer within 5 seconds"), 1);
	assert_false(is_over);
	loop_timer_clear(&bench->loop, &six);
	(void)close(fd);
}

/* Nothing that PowerDNS says is as long. */
static void
test_flood(void **state)
{
	struct bench *bench = *state;
	char octets[1000];
	int fd;

	memset(octets, '1', sizeof(octets));
	pdns_control_purge(bench->control, "a.example.net");
	fd = bench_accept(bench);
	for (int i = 0; i < 20 && bench_logged(bench, "") == 0; i++) {
		(void)send(fd, octets, sizeof(octets), MSG_NOSIGNAL);
		loop_turn(&bench->loop, 0);
	}
	assert_int_equal(
	    bench_logged(bench, "an answer is longer than 4096 octets"), 1);
	(void)close(fd);
	pdns_control_purge(bench->control, "b.example.net");
	bench_expect(bench, "PURGE b.example.net\n", "0\n");
}

static void
test_refused(void **state)
{
	struct bench *bench = *state;

	for (int i = 0; i < 2; i++) {
		pdns_control_notify(bench->control, "example.net");
		bench_expect(bench, "NOTIFY example.net\n",
		    "PowerDNS not configured as primary\n");
	}
	assert_int_equal(bench_logged(bench, "not configured as primary"), 1);
	assert_int_equal(bench_logged(bench, ""), 1);
}

/* Who has no secondaries needs none, but hears of other faults. */
static void
test_alone(void **state)
{
	struct bench *bench = *state;

	pdns_control_notify_alone(bench->control, "example.net");
	bench_expect(bench, "NOTIFY example.net\n",
	    "PowerDNS not configured as primary (primary), or secondary\n");
	assert_int_equal(bench_logged(bench, ""), 0);
	pdns_control_notify_alone(bench->control, "example.net");
	bench_expect(bench, "NOTIFY example.net\n",
	    "Failed to add to the queue - see log\n");
	assert_int_equal(bench_logged(bench, "Failed to add"), 1);
}

static void
test_none(void **state)
{
	struct bench *bench = *state;
	int64_t late;
	struct pdns_control *none = pdns_control_new(&bench->loop, &late);

	pdns_control_purge(none, "a.example.net");
	pdns_control_notify(none, "example.net");
	bench_expect_quiet(bench);
	pdns_control_set_path(none, bench->path);
	bench_expect_quiet(bench);
	pdns_control_purge(none, "b.example.net");
	bench_expect(bench, "PURGE b.example.net\n", "0\n");
	pdns_control_free(none);
	assert_int_equal(bench_logged(bench, ""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_commands, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_again, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_rediscover, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_greeting, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_many, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_absent, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_broken, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_hang, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_drip, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_flood, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_refused, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_alone, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_none, control_bench_begin, control_bench_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
