/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limit.h"
#include "conn_end.h"
#include "loop/log.h"

/* How a connection ends, and who ends it. */

#define assert_hears(end, text) assert_string_equal(conn_end_hear(end), text)

/* Return the timer that cuts off who does not read, or NULL. */
static struct loop_timer *
stalled(const struct conn_end *end)
{
	const struct timer *timer = timers_first(&end->loop.timers);

	return timer != NULL ? timer->item : NULL;
}

static void
test_who_never_reads_is_cut_off(void **state)
{
	struct loop_timer *timer;
	struct conn_end end;
	size_t lines;
	int64_t before;

	(void)state;
	conn_end_init_socket(&end);
	assert_null(stalled(&end));
	before = loop_now();
	conn_end_say(&end, "big\n");
	timer = stalled(&end);
	assert_non_null(timer);
	assert_in_range(timer->timer.when, before + 30000, loop_now() + 30000);
	/* Whoever reads all of it, is not. */
	(void)conn_end_hear_all(&end, 65536, &lines);
	assert_null(stalled(&end));
	conn_end_say(&end, "big\n");
	timer = stalled(&end);
	assert_non_null(timer);
	loop_timer_clear(&end.loop, timer);
	timer->due(timer->arg);
	assert_int_equal(end.ended, 1);
	conn_end_turn(&end);
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
}

static void
test_overlong_line_ends_socket(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_socket(&end);
	conn_end_say_long(&end, 40 * LIMIT_LINE);
	assert_int_equal(end.ended, 1);
	assert_int_equal(end.answers, 0);
	conn_end_free(&end);
	assert_null(conn_end_hear(&end));
	conn_end_fini(&end);
}

static void
test_cannot_tell_ends_socket(void **state)
{
	static const char *const lines[] = { "fail\n", "bad\n" };
	struct conn_end end;

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		conn_end_init_socket(&end);
		conn_end_say(&end, "before\n");
		assert_hears(&end, "before\n");
		conn_end_write(&end, lines[i], strlen(lines[i]));
		conn_end_say(&end, "behind\n");
		assert_int_equal(end.ended, 1);
		assert_int_equal(end.answers, 2);
		conn_end_free(&end);
		assert_null(conn_end_hear(&end));
		conn_end_fini(&end);
	}
}

static void
test_peer_closes(void **state)
{
	/* With nothing said, in the middle of a line, before its reply. */
	static const char *const texts[] = { "", "hal", "whole\n", "two\nhal",
		"big\n", "big\nmore\n", "\n\n" };
	struct conn_end end;

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		print_message("# %zu\n", i);
		conn_end_init_socket(&end);
		conn_end_write(&end, texts[i], strlen(texts[i]));
		conn_end_close_to(&end);
		conn_end_turn(&end);
		assert_int_equal(end.ended, 1);
		conn_end_fini(&end);
	}
}

static void
test_peer_closes_while_busy(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_socket(&end);
	conn_end_say(&end, "big\nmore\n");
	assert_true(conn_is_busy(end.conn));
	conn_end_close_to(&end);
	conn_end_turn(&end);
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
}

/* Who has said all may still listen: a person with a here document. */
static void
test_peer_half_closes(void **state)
{
	struct conn_end end;
	const char *text;

	(void)state;
	conn_end_init_socket(&end);
	conn_end_write(&end, "one\ntwo", 7);
	assert_int_equal(shutdown(end.to, SHUT_WR), 0);
	conn_end_turn(&end);
	text = conn_end_hear(&end);
	assert_non_null(text);
	assert_string_equal(text, "one\ntwo\n");
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
	conn_end_init_pipe(&end);
	conn_end_write(&end, "one\ntwo", 7);
	conn_end_close_to(&end);
	conn_end_turn(&end);
	assert_hears(&end, "one\ntwo\n");
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
}

static void
test_half_close_waits_for_reading(void **state)
{
	struct conn_end end;
	size_t lines;

	(void)state;
	conn_end_init_pipe(&end);
	conn_end_write(&end, "big\nlast", 8);
	conn_end_close_to(&end);
	conn_end_turn(&end);
	assert_int_equal(end.ended, 0);
	assert_int_equal(conn_end_hear_all(&end, 65536, &lines),
	    CONN_END_BIG + strlen("last\n"));
	assert_int_equal(end.answers, 2);
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
}

/* The one who should read our replies has gone. */
static void
test_pipe_without_reader(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_pipe(&end);
	conn_end_close_from(&end);
	conn_end_say(&end, "one\n");
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
}

static void
test_peer_closes_while_waiting(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_socket(&end);
	conn_end_say(&end, "wait\n");
	conn_end_close_to(&end);
	conn_end_turn(&end);
	assert_int_equal(end.ended, 1);
	conn_resume(end.conn);
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
	/* Standard input may end long before the answer: `echo | pipe`. */
	conn_end_init_pipe(&end);
	conn_end_write(&end, "wait\nbehind", 11);
	conn_end_turn(&end);
	conn_end_close_to(&end);
	conn_end_turn(&end);
	assert_int_equal(end.ended, 0);
	end.is_ready = true;
	conn_resume(end.conn);
	conn_end_turn(&end);
	assert_hears(&end, "wait\nbehind\n");
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
}

static void
test_finish_when_idle(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_socket(&end);
	conn_end_say(&end, "one\n");
	/* Not read yet: whoever goes on with the socket reads it. */
	conn_end_write(&end, "two\n", 4);
	conn_finish(end.conn);
	assert_int_equal(end.ended, 1);
	assert_true(conn_is_finished(end.conn));
	conn_end_turn(&end);
	assert_int_equal(end.answers, 1);
	conn_finish(end.conn);
	assert_int_equal(end.ended, 1);
	conn_end_fini(&end);
}

static void
test_finish_after_what_was_read(void **state)
{
	static const struct {
		const char *read;
		const char *rest;
		bool is_finished;
	} rows[] = {
		{ "he", "llo\n", true },
		{ "one\nhe", "llo\n", true },
		{ "wait\n", "", true },
		{ "wait\nhe", "llo\n", true },
		{ "big\n", "", true },
		{ "ba", "d\n", false },
		{ "fai", "l\n", false },
	};
	struct conn_end end;
	size_t lines;

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		conn_end_init_socket(&end);
		conn_end_say(&end, rows[i].read);
		conn_finish(end.conn);
		assert_int_equal(end.ended, 0);
		assert_false(conn_is_finished(end.conn));
		end.is_ready = true;
		conn_end_say(&end, rows[i].rest);
		conn_resume(end.conn);
		(void)conn_end_hear_all(&end, 65536, &lines);
		assert_int_equal(end.ended, 1);
		assert_int_equal(
		    conn_is_finished(end.conn), rows[i].is_finished);
		conn_end_fini(&end);
	}
}

static void
test_finish_without_peer(void **state)
{
	struct conn_end end;

	(void)state;
	conn_end_init_socket(&end);
	conn_end_say(&end, "hal");
	conn_finish(end.conn);
	conn_end_close_to(&end);
	conn_end_turn(&end);
	assert_int_equal(end.ended, 1);
	assert_false(conn_is_finished(end.conn));
	conn_end_fini(&end);
}

static void
test_bad_descriptor(void **state)
{
	const struct conn_hooks hooks = { NULL, NULL, NULL };
	struct loop loop;

	(void)state;
	loop_init(&loop);
	assert_null(conn_new(&loop, -1, -1, false, &hooks));
	conn_free(NULL);
	loop_fini(&loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_never_reads_is_cut_off),
		cmocka_unit_test(test_overlong_line_ends_socket),
		cmocka_unit_test(test_cannot_tell_ends_socket),
		cmocka_unit_test(test_peer_closes),
		cmocka_unit_test(test_peer_closes_while_busy),
		cmocka_unit_test(test_peer_half_closes),
		cmocka_unit_test(test_half_close_waits_for_reading),
		cmocka_unit_test(test_pipe_without_reader),
		cmocka_unit_test(test_peer_closes_while_waiting),
		cmocka_unit_test(test_finish_when_idle),
		cmocka_unit_test(test_finish_after_what_was_read),
		cmocka_unit_test(test_finish_without_peer),
		cmocka_unit_test(test_bad_descriptor),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	/* The log is not what is tested here. */
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("conn: ends", tests, NULL, NULL);
}
