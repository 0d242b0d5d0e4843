/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/limit.h"
#include "conn_end.h"
#include "loop/log.h"

/* Lines, replies and waiting; how a connection ends is in test_conn_end.c. */

#define assert_hears(end, text) assert_string_equal(conn_end_hear(end), text)

static void
test_byte_by_byte(void **state)
{
	static const char line[] = "a request\r\n";
	struct conn_end end;

	(void)state;
	conn_end_init_socket(&end);
	for (size_t i = 0; i < sizeof(line) - 2; i++) {
		conn_end_write(&end, line + i, 1);
		conn_end_turn(&end);
		assert_hears(&end, "");
	}
	assert_int_equal(end.answers, 0);
	conn_end_say(&end, "\n");
	assert_hears(&end, "a request\n");
	assert_int_equal(end.answers, 1);
	conn_end_fini(&end);
}

static void
test_several_in_one_write(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_socket(&end);
	conn_end_say(&end, "one\n\n\r\n  \ntwo\r\n three \nfo");
	assert_hears(&end, "one\ntwo\n three\n");
	conn_end_say(&end, "ur\n\n");
	assert_hears(&end, "four\n");
	assert_int_equal(end.answers, 4);
	assert_int_equal(end.ended, 0);
	conn_end_fini(&end);
}

/* Any cut of the stream into writes gives the same replies. */
static void
test_any_cut(void **state)
{
	static const char text[] = "one\ntwo\r\n\n\nthree\nfail\nfour\nbad\n"
				   "five\n";
	static const char expected[] = "one\ntwo\nthree\n{\"result\":null}\n"
				       "four\n{\"result\":false}\nfive\n";

	(void)state;
	for (size_t a = 0; a < sizeof(text); a++) {
		for (size_t b = a; b < sizeof(text); b++) {
			struct conn_end end;

			conn_end_init_pipe(&end);
			conn_end_write(&end, text, a);
			conn_end_turn(&end);
			conn_end_write(&end, text + a, b - a);
			conn_end_turn(&end);
			conn_end_write(&end, text + b, sizeof(text) - 1 - b);
			conn_end_turn(&end);
			assert_hears(&end, expected);
			conn_end_fini(&end);
		}
	}
}

static void
slow_reader(struct conn_end *end)
{
	size_t lines;

	conn_end_say(end, "big\nafter\nmore\n");
	assert_true(conn_is_busy(end->conn));
	/* Nothing else is answered before the reply was taken. */
	assert_int_equal(end->answers, 1);
	conn_end_say(end, "late\n");
	assert_int_equal(end->answers, 1);
	assert_int_equal(conn_end_hear_all(end, 10000, &lines),
	    CONN_END_BIG + strlen("after\nmore\nlate\n"));
	assert_int_equal(lines, 4);
	assert_false(conn_is_busy(end->conn));
	assert_int_equal(end->answers, 4);
	conn_end_say(end, "next\n");
	assert_hears(end, "next\n");
	assert_int_equal(end->ended, 0);
}

static void
test_slow_reader(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_socket(&end);
	slow_reader(&end);
	conn_end_fini(&end);
	conn_end_init_pipe(&end);
	slow_reader(&end);
	conn_end_fini(&end);
}

static void
test_longest_line(void **state)
{
	struct conn_end end;
	size_t octets, lines;

	(void)state;
	conn_end_init_socket(&end);
	conn_end_say_long(&end, LIMIT_LINE);
	octets = conn_end_hear_all(&end, 65536, &lines);
	assert_int_equal(octets, LIMIT_LINE + 1);
	assert_int_equal(lines, 1);
	conn_end_say(&end, "next\n");
	assert_hears(&end, "next\n");
	conn_end_fini(&end);
}

static void
test_overlong_line_in_pipe(void **state)
{
	static const size_t lengths[] = { LIMIT_LINE + 20000, 2 * LIMIT_LINE,
		40 * LIMIT_LINE };
	struct conn_end end;
	size_t octets, lines;

	(void)state;
	for (size_t i = 0; i < LENGTH(lengths); i++) {
		conn_end_init_pipe(&end);
		conn_end_say_long(&end, lengths[i]);
		octets = conn_end_hear_all(&end, 65536, &lines);
		/* One reply, whichever way it says no. */
		assert_int_equal(lines, 1);
		assert_true(octets < 40);
		assert_int_equal(end.answers, 0);
		conn_end_say(&end, "next\n");
		assert_hears(&end, "next\n");
		assert_int_equal(end.ended, 0);
		conn_end_fini(&end);
	}
}

static void
test_cannot_tell_keeps_pipe(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_pipe(&end);
	for (int i = 0; i < 3; i++) {
		conn_end_say(&end, "before\nfail\nbehind\n");
		assert_hears(&end, "before\n{\"result\":null}\nbehind\n");
	}
	conn_end_say(&end, "bad\n");
	assert_hears(&end, "{\"result\":false}\n");
	assert_int_equal(end.ended, 0);
	conn_end_fini(&end);
}

static void
wait_and_resume(struct conn_end *end)
{
	conn_end_say(end, "before\nwait\nbehind\n");
	assert_hears(end, "before\n");
	conn_end_say(end, "more\n");
	assert_hears(end, "");
	assert_int_equal(end->answers, 1);
	assert_false(conn_is_busy(end->conn));
	/* Asked again too early: it waits on. */
	conn_resume(end->conn);
	conn_end_turn(end);
	assert_hears(end, "");
	end->is_ready = true;
	conn_resume(end->conn);
	conn_end_turn(end);
	assert_hears(end, "wait\nbehind\nmore\n");
	conn_resume(end->conn);
	conn_end_turn(end);
	assert_hears(end, "");
	conn_end_say(end, "next\n");
	assert_hears(end, "next\n");
	assert_int_equal(end->ended, 0);
}

static void
test_waits_for_first_snapshot(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_socket(&end);
	wait_and_resume(&end);
	conn_end_fini(&end);
	conn_end_init_pipe(&end);
	wait_and_resume(&end);
	conn_end_fini(&end);
}

/* `pdns-tlsa pipe <FILE`: epoll(7) does not take a plain file. */
static void
test_plain_file_as_input(void **state)
{
	FILE *file = tmpfile();
	struct conn_end end;

	(void)state;
	assert_non_null(file);
	assert_true(fputs("one\nwait\ntwo\nthree", file) >= 0);
	rewind(file);
	conn_end_init_file(&end, fileno(file));
	conn_end_turn(&end);
	assert_hears(&end, "one\n");
	end.is_ready = true;
	conn_resume(end.conn);
	conn_end_turn(&end);
	assert_hears(&end, "wait\ntwo\nthree\n");
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
	(void)fclose(file);
}

/* A long life with big replies now and then. */
static void
test_many_requests(void **state)
{
	struct conn_end end;
	size_t lines;

	(void)state;
	conn_end_init_socket(&end);
	for (int i = 0; i < 20; i++) {
		conn_end_say(&end, "big\n");
		assert_int_equal(
		    conn_end_hear_all(&end, 65536, &lines), CONN_END_BIG);
		for (int k = 0; k < 100; k++) {
			conn_end_say(&end, "one\ntwo\n");
			assert_hears(&end, "one\ntwo\n");
		}
	}
	assert_int_equal(end.answers, 20 * 201);
	conn_end_fini(&end);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_several_in_one_write),
		cmocka_unit_test(test_any_cut),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_overlong_line_in_pipe),
		cmocka_unit_test(test_cannot_tell_keeps_pipe),
		cmocka_unit_test(test_waits_for_first_snapshot),
		cmocka_unit_test(test_plain_file_as_input),
		cmocka_unit_test(test_many_requests),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	/* The log is not what is tested here. */
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
