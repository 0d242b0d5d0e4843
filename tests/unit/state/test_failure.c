/* SPDX-License-Identifier: MIT */
/* What the system refuses: room, rights, the lock. */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/directory.h"
#include "state_sample.h"
#include "state_world.h"

/* Let no file grow beyond `size` octets: write(2) writes less, or fails. */
static void
limit_files(rlim_t size)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
assert_serial(const struct ledger *ledger, const char *name, int serial)
{
	char *key = mem_format("zone %s", name);
	char *start = mem_format("zone %s 1073741824 %d ", name, serial);
	const char *line = trie_get(&ledger->lines, key, strlen(key));

	assert_non_null(line);
	assert_memory_equal(line, start, strlen(start));
	free(start);
	free(key);
}

/* The thread may have met the limit as well, and says so once. */
static void
room_begun(struct state *state)
{
	struct problem problem = { "" };
	enum status status;

	while ((status = state_begin(state, &problem)) != STATUS_OK)
		must(status == STATUS_BUSY ||
			 strstr(problem.text, "make room") != NULL,
		    problem.text);
}

static void
room_hear(struct state_world *world, size_t who)
{
	room_begun(world->state[who]);
	state_committed(world->state[who]);
}

static size_t
wal_size(const struct state_world *world)
{
	char *path = mem_format("%s/state.db-wal", world->directory);
	struct stat st;
	bool is_there = stat(path, &st) == 0;

	free(path);
	return is_there ? (size_t)st.st_size : 0;
}

/* Wherever the room ends, all is as before, and later nothing lacks. */
static void
test_full_disk(void **state)
{
	struct state_world *world = *state;
	size_t failures = 0;
	uint32_t serial = 1;

	for (size_t room = 0; room < 16384; room += 509) {
		struct problem problem = { "" };
		enum status status;

		room_begun(world->state[0]);
		put_serial(world->state[0], "a.example", ++serial);
		put_serial(world->state[0], "b.example", serial);
		limit_files(room);
		status = state_commit(world->state[0], &problem);
		limit_files(RLIM_INFINITY);
		if (status != STATUS_OK) {
			assert_int_equal(status, STATUS_IO);
			assert_non_null(strstr(problem.text, "make room"));
			failures++;
		}
		/* Another process can go on, and we, with nothing new. */
		room_begun(world->state[1]);
		put_serial(world->state[1], "c.example", serial);
		state_committed(world->state[1]);
		room_hear(world, 0);
		room_hear(world, 1);
		assert_serial(&world->told[1], "a.example", (int)serial);
		assert_serial(&world->told[1], "b.example", (int)serial);
		assert_serial(&world->told[0], "c.example", (int)serial);
	}
	assert_true(failures > 8);
}

enum { MANY = 20000, ROOM = 300000 };

static void
put_many(struct state *state)
{
	for (int i = 0; i < MANY; i++) {
		char *name = mem_format("z%d.example", i);

		put_serial(state, name, (uint32_t)i + 1);
		free(name);
	}
}

/* What no longer waits in memory is written, whole, or asked for again. */
static void
test_many(void **state)
{
	struct state_world *world = *state;
	struct problem problem = { "" };

	room_begun(world->state[0]);
	limit_files(wal_size(world) + ROOM);
	put_many(world->state[0]);
	assert_int_equal(state_commit(world->state[0], &problem), STATUS_IO);
	limit_files(RLIM_INFINITY);
	assert_int_equal(
	    state_number(world->directory, "SELECT count(*) FROM zone"), 0);
	assert_false(state_wants_all(world->state[0]));
	room_begun(world->state[0]);
	assert_true(state_wants_all(world->state[0]));
	assert_false(state_wants_all(world->state[0]));
	put_many(world->state[0]);
	state_committed(world->state[0]);
	room_hear(world, 1);
	assert_int_equal(world->told[1].told, MANY);
	assert_serial(&world->told[1], "z0.example", 1);
	assert_serial(&world->told[1], "z19999.example", MANY);
}

/* Room that comes back half-way makes no half of a commit. */
static void
test_room_is_back(void **state)
{
	struct state_world *world = *state;
	struct problem problem = { "" };

	room_begun(world->state[0]);
	limit_files(wal_size(world) + ROOM);
	put_many(world->state[0]);
	limit_files(RLIM_INFINITY);
	put_many(world->state[0]);
	if (state_commit(world->state[0], &problem) != STATUS_OK) {
		assert_non_null(strstr(problem.text, "make room"));
		assert_int_equal(
		    state_number(world->directory, "SELECT count(*) FROM zone"),
		    0);
		assert_int_equal(state_number(world->directory, STAMP), 0);
		room_hear(world, 0);
	}
	assert_int_equal(
	    state_number(world->directory, "SELECT count(*) FROM zone"), MANY);
	assert_int_equal(state_number(world->directory, STAMP), 1);
}

/* What another process has put after our failure is not put back. */
static void
test_full_disk_and_another(void **state)
{
	struct state_world *world = *state;
	struct problem problem = { "" };
	struct cert *ca = sample_cert("CA", 1, false);

	room_begun(world->state[0]);
	put_serial(world->state[0], "a.example", 5);
	put_serial(world->state[0], "b.example", 5);
	sample_put_lineage(world->state[0], "one", &ca, 1);
	cert_unref(ca);
	limit_files(0);
	assert_int_equal(state_commit(world->state[0], &problem), STATUS_IO);
	limit_files(RLIM_INFINITY);
	room_begun(world->state[1]);
	put_serial(world->state[1], "a.example", 6);
	state_committed(world->state[1]);
	room_begun(world->state[0]);
	assert_serial(&world->told[0], "a.example", 6);
	assert_int_equal(world->told[0].told, 1);
	put_serial(world->state[0], "b.example", 7);
	state_committed(world->state[0]);
	room_hear(world, 1);
	assert_int_equal(world->told[1].told, 2);
	assert_serial(&world->told[1], "b.example", 7);
	assert_non_null(trie_get(&world->told[1].lines, "lineage s one", 13));
}

/* Who goes on after a begin that failed loses nothing. */
static void
test_put_without_lock(void **state)
{
	struct state_world *world = *state;
	struct problem problem = { "" };

	assert_int_equal(state_commit(world->state[0], &problem), STATUS_OK);
	state_begun(world->state[1]);
	assert_int_equal(state_begin(world->state[0], &problem), STATUS_BUSY);
	put_serial(world->state[0], "a.example", 1);
	assert_int_equal(state_commit(world->state[0], &problem), STATUS_IO);
	assert_non_null(strstr(problem.text, world->directory));
	put_serial(world->state[1], "b.example", 2);
	state_committed(world->state[1]);
	state_world_hear(world, 0);
	state_world_hear(world, 1);
	assert_serial(&world->told[0], "b.example", 2);
	assert_serial(&world->told[1], "a.example", 1);
}

static void
spoil(const struct state_world *world)
{
	char *path = mem_format("%s/state.db", world->directory);
	static const char rubbish[8192];
	FILE *stream = fopen(path, "r+");

	assert_non_null(stream);
	assert_int_equal(
	    fwrite(rubbish, 1, sizeof(rubbish), stream), sizeof(rubbish));
	assert_int_equal(fclose(stream), 0);
	free(path);
}

/* A repair at the start that has no room leaves all as it is. */
static void
test_no_room_to_repair(void **state)
{
	struct state_world *world = *state;
	const struct state_hooks hooks = { 0 };
	struct problem problem = { "" };
	struct state *opened = NULL;
	char *warning = NULL;
	size_t len = 0;
	char *before;
	char *after;

	sample_put_all(world);
	for (size_t i = 0; i < 2; i++) {
		state_close(world->state[i]);
		world->state[i] = NULL;
	}
	spoil(world);
	before = file_content(world->directory, "state.db", &len);
	limit_files(10000);
	assert_int_equal(state_open(world->directory, true, &hooks, &opened,
			     &warning, &problem),
	    STATUS_IO);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(problem.text, "make room"));
	after = file_content(world->directory, "state.db", NULL);
	assert_memory_equal(after, before, len);
	free(after);
	free(before);
}

/* In a process of its own, without root's rights. */
static int
open_as_nobody(const char *directory, struct problem *problem)
{
	const struct state_hooks hooks = { 0 };
	struct state *opened = NULL;
	char *warning = NULL;

	if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
		return -1;
	return (int)state_open(
	    directory, true, &hooks, &opened, &warning, problem);
}

static void
assert_refused(const char *directory, const char *remedy)
{
	struct problem problem = { "" };
	uid_t uid = geteuid();
	gid_t gid = getegid();

	assert_int_equal(open_as_nobody(directory, &problem), STATUS_IO);
	if (uid == 0) {
		assert_int_equal(seteuid(uid), 0);
		assert_int_equal(setegid(gid), 0);
	}
	print_message("# %s\n", problem.text);
	assert_non_null(strstr(problem.text, directory));
	assert_non_null(strstr(problem.text, remedy));
}

static void
test_rights(void **state)
{
	struct state_world *world = *state;
	char *below = mem_format("%s/a/b", world->directory);
	char *sub = mem_format("%s/a", world->directory);
	char *lock = mem_format("%s/state.lock", sub);
	char *journal = mem_format("%s/state.db", sub);

	assert_int_equal(chmod(world->directory, 0555), 0);
	/* It cannot be made, */
	assert_refused(sub, "let user");
	/* cannot be written, */
	assert_refused(world->directory, "let user");
	assert_int_equal(chmod(world->directory, 0777), 0);
	/* has nothing above it, */
	assert_refused(below, "No such file");
	assert_int_equal(mkdir(sub, 0777), 0);
	assert_int_equal(chmod(sub, 0777), 0);
	/* its files are somebody else's, or no files. */
	file_fill(sub, "state.lock", "", 0);
	assert_int_equal(chmod(lock, 0), 0);
	assert_refused(sub, "let user");
	assert_int_equal(chmod(lock, 0666), 0);
	file_fill(sub, "state.db", "x", 1);
	assert_int_equal(chmod(journal, 0444), 0);
	assert_refused(sub, "let user");
	assert_int_equal(unlink(journal), 0);
	assert_int_equal(mkfifo(journal, 0666), 0);
	assert_int_equal(chmod(journal, 0666), 0);
	assert_refused(sub, "no regular file");
	assert_refused(lock, "Not a directory");
	temporary_remove(sub);
	free(below);
	free(lock);
	free(journal);
}

/* Hold the lock in another process for a time; returns when it has it. */
static pid_t
hold_lock(const struct state_world *world, time_t seconds, long nanoseconds)
{
	const struct timespec time = { seconds, nanoseconds };
	int ends[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct state *holder = state_opened(world->directory, NULL);

		state_begun(holder);
		(void)close(ends[0]);
		(void)close(ends[1]);
		(void)nanosleep(&time, NULL);
		_exit(0);
	}
	(void)close(ends[1]);
	assert_int_equal(read(ends[0], &c, 1), 0);
	(void)close(ends[0]);
	return pid;
}

static void
count_owner(const struct state_owner *owner, void *arg)
{
	unsigned *count = arg;

	*count += owner->count > 0;
}

/* Who holds the lock for long keeps nobody from reading, only from writing. */
static void
test_wait_for_lock(void **state)
{
	struct state_world *world = *state;
	unsigned owners = 0;
	const struct state_hooks hooks = { .owner = count_owner,
		.arg = &owners };
	struct problem problem = { "" };
	struct state *opened = NULL;
	char *warning = NULL;
	pid_t pid;

	pid = hold_lock(world, 0, 300000000);
	state_close(state_opened(world->directory, NULL));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	opened = state_opened(world->directory, NULL);
	state_begun(opened);
	put_owner(opened, "_25._tcp.one.example", "3 1 1 00");
	assert_int_equal(state_commit(opened, &problem), STATUS_OK);
	state_close(opened);
	pid = hold_lock(world, 60, 0);
	assert_int_equal(state_open(world->directory, true, &hooks, &opened,
			     &warning, &problem),
	    STATUS_OK);
	assert_int_equal(owners, 1);
	assert_int_equal(state_begin(opened, &problem), STATUS_BUSY);
	/* Who may not wait does not. */
	state_close(opened);
	assert_int_equal(state_open(world->directory, false, &hooks, &opened,
			     &warning, &problem),
	    STATUS_OK);
	assert_int_equal(owners, 2);
	/* The lock goes with its process. */
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	state_begun(opened);
	put_owner(opened, "_25._tcp.more.example", "3 1 1 01");
	assert_int_equal(state_commit(opened, &problem), STATUS_OK);
	state_close(opened);
	state_close(state_opened(world->directory, NULL));
}

/* Who makes the file, or mends it, keeps others from doing so. */
static void
test_lock_of_nothing(void **state)
{
	struct state_world *world = *state;
	const struct state_hooks hooks = { 0 };
	struct problem problem = { "" };
	struct state *opened = NULL;
	char *warning = NULL;
	struct directory directory;

	assert_int_equal(
	    directory_open(world->directory, "state.lock", &directory, NULL),
	    STATUS_OK);
	assert_int_equal(directory_lock(&directory, true, NULL), STATUS_OK);
	state_remove(world->directory);
	assert_int_equal(state_open(world->directory, true, &hooks, &opened,
			     &warning, &problem),
	    STATUS_BUSY);
	assert_non_null(strstr(problem.text, "another process"));
	directory_unlock(&directory);
	state_close(state_opened(world->directory, NULL));
	directory_fini(&directory);
}

#define WORLD_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, state_world_setup, state_world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_full_disk),
		WORLD_TEST(test_many),
		WORLD_TEST(test_room_is_back),
		WORLD_TEST(test_full_disk_and_another),
		WORLD_TEST(test_put_without_lock),
		WORLD_TEST(test_no_room_to_repair),
		WORLD_TEST(test_rights),
		WORLD_TEST(test_wait_for_lock),
		WORLD_TEST(test_lock_of_nothing),
	};

	return cmocka_run_group_tests_name("state_failure", tests, NULL, NULL);
}
