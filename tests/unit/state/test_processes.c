/* SPDX-License-Identifier: MIT */
/* Several processes that write into one state directory at once. */
#include "unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "state_world.h"

enum { WRITERS = 4, ROUNDS = 300, PADDING = 500 };

/* What a process knows of the one zone. */
static uint32_t last_serial;
static uint32_t told_back; /* times that the serial went back */

static void
note_serial(const struct state_zone *zone, void *arg)
{
	(void)arg;
	if (zone->serial < last_serial)
		told_back++;
	last_serial = zone->serial;
}

static struct state *
open_counting(const char *directory)
{
	const struct state_hooks hooks = { .zone = note_serial };
	struct problem problem = { "" };
	struct state *state = NULL;
	char *warning = NULL;

	last_serial = 0;
	if (state_open(directory, true, &hooks, &state, &warning, &problem) !=
	    STATUS_OK) {
		(void)fprintf(stderr, "%s\n", problem.text);
		_exit(2);
	}
	if (warning != NULL)
		_exit(3);
	return state;
}

/*
 * Each commit moves the serial on by one from what the others left, as every
 * owner of a zone's serial does; the padding makes the -wal begin anew.
 */
static void
write_serials(const char *directory, int who)
{
	struct state *state = open_counting(directory);
	char padding[PADDING + 1];
	char name[32];

	(void)snprintf(name, sizeof(name), "%d.example", who);
	memset(padding, 'x', PADDING);
	padding[PADDING] = '\0';
	for (int i = 0; i < ROUNDS; i++) {
		padding[0] = (char)('a' + i % 26);
		state_begun(state);
		last_serial++;
		put_serial(state, "a.example", last_serial);
		put_owner(state, name, padding);
		state_committed(state);
	}
	state_close(state);
	_exit(told_back > 0 ? 4 : 0);
}

/* Only look when there is news, and see the last one all the same. */
static void
watch_serials(const char *directory, uint32_t last)
{
	struct state *state = open_counting(directory);
	int waited = 0;

	while (last_serial < last) {
		struct problem problem = { "" };
		enum status status = STATUS_BUSY;

		while (!state_has_news(state)) {
			(void)poll(NULL, 0, 1);
			if (++waited > 60000)
				_exit(5);
		}
		while (status == STATUS_BUSY) {
			status = state_begin(state, &problem);
			if (status == STATUS_BUSY)
				(void)poll(NULL, 0, 1);
		}
		if (status != STATUS_OK)
			_exit(6);
		state_committed(state);
	}
	state_close(state);
	_exit(told_back > 0 ? 4 : 0);
}

static void
test_processes_agree(void **state)
{
	struct state_world *world = *state;
	pid_t pids[WRITERS + 1];
	struct state *opened;

	for (int i = 0; i <= WRITERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0 && i < WRITERS)
			write_serials(world->directory, i);
		if (pids[i] == 0)
			watch_serials(world->directory, WRITERS * ROUNDS);
	}
	for (int i = 0; i <= WRITERS; i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	opened = open_counting(world->directory);
	assert_int_equal(last_serial, WRITERS * ROUNDS);
	state_close(opened);
	/* These two have slept all the while. */
	state_world_hear(world, 0);
	assert_int_equal(world->told[0].told, 1 + WRITERS);
}

/* All begin at once, with nothing there. */
static void
test_processes_start_together(void **state)
{
	struct state_world *world = *state;
	char *directory = mem_format("%s/new", world->directory);
	pid_t pids[8];

	for (size_t i = 0; i < LENGTH(pids); i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			struct state *opened = open_counting(directory);
			char name[32];

			(void)snprintf(name, sizeof(name), "%zu.example", i);
			state_begun(opened);
			put_owner(opened, name, "3 1 1 00");
			state_committed(opened);
			state_close(opened);
			_exit(0);
		}
	}
	for (size_t i = 0; i < LENGTH(pids); i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	state_close(state_opened(directory, &world->told[0]));
	assert_int_equal(world->told[0].told, LENGTH(pids));
	temporary_remove(directory);
}

#define WORLD_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, state_world_setup, state_world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_processes_agree),
		WORLD_TEST(test_processes_start_together),
	};

	return cmocka_run_group_tests_name(
	    "state_processes", tests, NULL, NULL);
}
