/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tell/runner.h"

struct world {
	char directory[32];
	struct loop loop;
	struct runner runner;
	struct run_result result;
	size_t ended;
};

static void
done(void *arg, const struct run_result *result)
{
	struct world *world = arg;

	world->result = *result;
	world->ended++;
}

/* Begin one that runs `script` by a shell, in the directory of the test. */
static void
begin(struct world *world, const char *script)
{
	char *whole = mem_format("cd %s && %s", world->directory, script);
	char shell[] = "/bin/sh";
	char option[] = "-c";
	char *command[] = { shell, option, whole };

	assert_true(runner_begin(&world->runner, command, 3));
	runner_join(&world->runner, &world->loop, done, world);
	free(whole);
}

/* Run it and wait for the end. */
static void
run(struct world *world, const struct buf *text, uint32_t timeout)
{
	size_t before = world->ended;

	assert_true(runner_is_free(&world->runner));
	runner_run(&world->runner, text, timeout);
	assert_false(runner_is_free(&world->runner));
	while (world->ended == before)
		loop_turn(&world->loop, 10000);
}

static void
must_end(struct world *world, enum run_end end, int value)
{
	struct buf text = { 0 };

	buf_add_string(&text, "{}\n");
	run(world, &text, 20);
	assert_int_equal(world->result.end, end);
	assert_int_equal(world->result.value, value);
	buf_fini(&text);
}

/* What is in a file of the directory; free() it. */
static char *
content(const struct world *world, const char *name)
{
	char *path = mem_format("%s/%s", world->directory, name);
	FILE *stream = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (stream == NULL || getdelim(&text, &room, '\0', stream) < 0) {
		free(text);
		text = mem_string("");
	}
	if (stream != NULL)
		assert_int_equal(fclose(stream), 0);
	free(path);
	return text;
}

static int
setup(void **state)
{
	struct world *world = mem_new(sizeof(*world));

	(void)snprintf(
	    world->directory, sizeof(world->directory), "/tmp/tlsa.XXXXXX");
	assert_non_null(mkdtemp(world->directory));
	loop_init(&world->loop);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;
	char *remove = mem_format("rm -r %s", world->directory);

	runner_end(&world->runner);
	loop_fini(&world->loop);
	/* NOLINTNEXTLINE(cert-env33-c): a directory of our own */
	assert_int_equal(system(remove), 0);
	free(remove);
	free(world);
	return 0;
}

static void
test_ends(void **state)
{
	begin(*state, "read line && [ \"$line\" = '{}' ]");
	must_end(*state, RUN_EXITED, 0);
	must_end(*state, RUN_EXITED, 0);
}

static void
test_status(void **state)
{
	begin(*state, "exit 7");
	must_end(*state, RUN_EXITED, 7);
}

/* It has the usual signals, and none is kept from it. */
static void
test_signal(void **state)
{
	begin(*state, "kill -TERM $$");
	must_end(*state, RUN_KILLED, SIGTERM);
}

static void
test_refused(void **state)
{
	struct world *world = *state;
	char path[] = "/nonexistent/program";
	char *command[] = { path };

	assert_true(runner_begin(&world->runner, command, 1));
	runner_join(&world->runner, &world->loop, done, world);
	must_end(world, RUN_REFUSED, ENOENT);
	must_end(world, RUN_REFUSED, ENOENT);
}

/* The whole text, also one that no socket takes at once. */
static void
test_long(void **state)
{
	struct world *world = *state;
	struct buf text = { 0 };
	char *got;

	for (unsigned i = 0; i < 300000; i++)
		buf_add_format(&text, "%09u\n", i);
	begin(world, "cat >got");
	run(world, &text, 60);
	assert_int_equal(world->result.end, RUN_EXITED);
	got = content(world, "got");
	assert_int_equal(strlen(got), text.len);
	assert_memory_equal(got, text.data, text.len);
	free(got);
	buf_fini(&text);
}

/* One that reads nothing of it keeps nobody waiting. */
static void
test_unread(void **state)
{
	struct world *world = *state;
	struct buf text = { 0 };

	for (unsigned i = 0; i < 300000; i++)
		buf_add_format(&text, "%09u\n", i);
	begin(world, "exit 0");
	run(world, &text, 60);
	assert_int_equal(world->result.end, RUN_EXITED);
	buf_fini(&text);
}

static bool
is_alive(const char *number)
{
	pid_t pid = (pid_t)strtol(number, NULL, 10);
	char path[64];
	char state = 'Z';
	FILE *stream;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	stream = fopen(path, "re");
	if (stream != NULL) {
		if (fscanf(stream, "%*d (%*[^)]) %c", &state) != 1)
			state = 'Z';
		(void)fclose(stream);
	}
	return pid > 0 && state != 'Z' && state != 'X';
}

/* A killed process is gone a moment later. */
static void
must_die(const struct world *world, const char *name)
{
	char *number = content(world, name);

	assert_true(strlen(number) > 1);
	for (int i = 0; i < 1000 && is_alive(number); i++)
		(void)usleep(10000);
	assert_false(is_alive(number));
	free(number);
}

/* With what it began, though that ignores whatever can be ignored. */
static void
test_overtime(void **state)
{
	struct world *world = *state;
	struct buf text = { 0 };

	begin(world, "trap '' TERM HUP INT; (echo $(exec sh -c 'echo $PPID') "
		     ">child; exec sleep 1000) & wait");
	run(world, &text, 1);
	assert_int_equal(world->result.end, RUN_OVERTIME);
	must_die(world, "child");
}

/* When who answers ends, so does a run that is under way. */
static void
test_end(void **state)
{
	struct world *world = *state;
	struct buf text = { 0 };
	char *number = mem_string("");

	begin(world, "echo $$ >new; mv new program; exec sleep 1000");
	runner_run(&world->runner, &text, 1000);
	while (number[0] == '\0') {
		loop_turn(&world->loop, 10);
		free(number);
		number = content(world, "program");
	}
	free(number);
	runner_end(&world->runner);
	must_die(world, "program");
	world->runner = (struct runner){ .io = { .fd = -1 } };
}

/* It gets no descriptor but the first three. */
static void
test_descriptors(void **state)
{
	struct world *world = *state;
	int fd = open("/dev/null", O_RDONLY);
	char *got;

	assert_true(fd >= 0);
	begin(world, "ls /proc/self/fd >got; readlink /proc/self/fd/1 /proc/"
		     "self/fd/2 >>got");
	(void)close(fd);
	must_end(world, RUN_EXITED, 0);
	got = content(world, "got");
	/* ls has one of its own. */
	assert_true(strncmp(got, "0\n1\n2\n3\n/", 9) == 0);
	free(got);
}

static void
test_gone(void **state)
{
	struct world *world = *state;

	begin(world, "exit 0");
	assert_int_equal(kill(world->runner.pid, SIGKILL), 0);
	while (world->ended == 0)
		loop_turn(&world->loop, 10000);
	assert_int_equal(world->result.end, RUN_GONE);
	assert_false(runner_is_free(&world->runner));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_ends),
		TEST(test_status),
		TEST(test_signal),
		TEST(test_refused),
		TEST(test_long),
		TEST(test_unread),
		TEST(test_overtime),
		TEST(test_end),
		TEST(test_descriptors),
		TEST(test_gone),
	};

	return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
