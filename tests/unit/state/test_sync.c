/* SPDX-License-Identifier: MIT */
/* Who waits for the disk: the thread, and never who commits. */
#include "unit.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "keyring/file.h"
#include "state_sample.h"
#include "state_world.h"

static pthread_t loop;
static _Atomic unsigned waits[2]; /* of the loop, of others */

static int
waited(long number, int fd)
{
	waits[!pthread_equal(pthread_self(), loop)]++;
	return (int)syscall(number, fd);
}

/* In place of those of the C library. */
int
fsync(int fd)
{
	return waited(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	return waited(SYS_fdatasync, fd);
}

/*
 * Until the thread has waited so often, which takes as long as the disk does,
 * and no more is added.  A minute: it never does.
 */
static void
thread_await(unsigned wanted)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	unsigned before;

	for (int i = 0; waits[1] < wanted && i < 3000; i++)
		(void)nanosleep(&pause, NULL);
	do {
		before = waits[1];
		(void)nanosleep(&pause, NULL);
	} while (waits[1] != before);
}

static void
test_loop(void **state)
{
	struct state_world *world = *state;

	loop = pthread_self();
	/* The first one may begin the -wal. */
	state_begun(world->state[0]);
	put_serial(world->state[0], "a.example", 1);
	state_committed(world->state[0]);
	thread_await(1);
	waits[0] = 0;
	for (uint32_t i = 2; i < 30; i++) {
		waits[1] = 0;
		state_begun(world->state[0]);
		put_serial(world->state[0], "a.example", i);
		state_committed(world->state[0]);
		assert_int_equal(waits[0], 0);
		/* The -wal, and the database. */
		thread_await(2);
		assert_true(waits[1] >= 2);
	}
}

/* What the thread does keeps the -wal short. */
static void
test_short(void **state)
{
	struct state_world *world = *state;
	char *path = mem_format("%s/state.db-wal", world->directory);
	struct stat st;

	for (uint32_t i = 1; i < 60; i++) {
		waits[1] = 0;
		sample_put_all(world);
		state_begun(world->state[0]);
		put_serial(world->state[0], "a.example", i);
		state_committed(world->state[0]);
		thread_await(1);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, 0, 300000);
	free(path);
}

/*
 * Neither who commits nor the thread, which looks at all of it, keeps the
 * record in memory: the caches of the two took 2 MB each.
 */
static void
test_memory(void **state)
{
	struct state_world *world = *state;
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	sqlite3_int64 before = sqlite3_memory_used();

	waits[1] = 0;
	state_begun(world->state[0]);
	for (int i = 0; i < 20000; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "m%d.example", i);
		put_owner(world->state[0], name, "3 1 1 00");
	}
	state_committed(world->state[0]);
	thread_await(1);
	/* what it lays down behind the last wait is a moment's work */
	for (int i = 0; i < 3000 && sqlite3_memory_used() > before + 262144;
	     i++)
		(void)nanosleep(&pause, NULL);
	assert_in_range(sqlite3_memory_used(), 0, before + 262144);
}

/* A change of keys is on the disk when it is told. */
static void
test_keys(void **state)
{
	struct state_world *world = *state;
	struct keyring_file file;
	struct keyring keyring;
	struct dname apex;

	loop = pthread_self();
	keyring_init(&keyring);
	assert_int_equal(dname_parse("a.", 2, &apex), STATUS_OK);
	assert_int_equal(
	    keyring_file_open(world->directory, &file, NULL), STATUS_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    keyring_file_begin(&file, &keyring, NULL), STATUS_OK);
		(void)keyring_add_key(
		    keyring_zone(&keyring, &apex, true), 257, true, true, "x");
		waits[0] = 0;
		assert_int_equal(
		    keyring_file_commit(&file, &keyring, NULL), STATUS_OK);
		assert_true(waits[0] > 0);
	}
	keyring_file_close(&file);
	keyring_fini(&keyring);
}

#define WORLD_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, state_world_setup, state_world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_loop),
		WORLD_TEST(test_short),
		WORLD_TEST(test_memory),
		WORLD_TEST(test_keys),
	};

	return cmocka_run_group_tests_name("state_sync", tests, NULL, NULL);
}
