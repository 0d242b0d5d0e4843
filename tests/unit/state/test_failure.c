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

/* Wherever the room ends, the journal is as before, and later nothing lacks. */
static void
test_full_disk(void **state)
{
	struct state_world *world = *state;
	size_t size;
	size_t room = 0;
	enum status status;
	uint32_t serial = 1;

	do {
		struct problem problem = { "" };

		size = journal_size(world);
		state_begun(world->state[0]);
		put_serial(world->state[0], "a.example", ++serial);
		put_serial(world->state[0], "b.example", serial);
		limit_files(size + room++);
		status = state_commit(world->state[0], &problem);
		limit_files(RLIM_INFINITY);
		if (status != STATUS_OK) {
			assert_int_equal(status, STATUS_IO);
			assert_non_null(strstr(problem.text, "make room"));
			assert_int_equal(journal_size(world), size);
		}
		/* Another process can go on, and we, with nothing new. */
		state_begun(world->state[1]);
		put_serial(world->state[1], "c.example", serial);
		state_committed(world->state[1]);
		state_world_hear(world, 0);
		state_world_hear(world, 1);
		assert_serial(&world->told[1], "a.example", (int)serial);
		assert_serial(&world->told[1], "b.example", (int)serial);
		assert_serial(&world->told[0], "c.example", (int)serial);
	} while (status != STATUS_OK);
	assert_true(room > 100);
}

enum { MANY = 12000, ROOM = 300000 };

static void
put_many(struct state *state)
{
	for (int i = 0; i < MANY; i++) {
		char *name = mem_format("z%d.example", i);

		put_serial(state, name, (uint32_t)i + 1);
		free(name);
	}
}

/* What does not wait for its commit is in the journal, whole, or waits on. */
static void
test_many(void **state)
{
	struct state_world *world = *state;
	struct problem problem = { "" };
	size_t size = journal_size(world);

	state_begun(world->state[0]);
	limit_files(size + ROOM);
	put_many(world->state[0]);
	assert_int_equal(journal_size(world), size);
	assert_int_equal(state_commit(world->state[0], &problem), STATUS_IO);
	limit_files(RLIM_INFINITY);
	assert_int_equal(journal_size(world), size);
	state_begun(world->state[0]);
	put_many(world->state[0]);
	assert_true(journal_size(world) > size + ROOM);
	state_committed(world->state[0]);
	state_world_hear(world, 1);
	assert_int_equal(world->told[1].told, MANY);
	assert_serial(&world->told[1], "z0.example", 1);
	assert_serial(&world->told[1], "z11999.example", MANY);
}

/* What another process has put after our failure is not put back. */
static void
test_full_disk_and_another(void **state)
{
	struct state_world *world = *state;
	struct problem problem = { "" };
	struct cert *ca = sample_cert("CA", 1, false);

	state_begun(world->state[0]);
	put_serial(world->state[0], "a.example", 5);
	put_serial(world->state[0], "b.example", 5);
	sample_put_lineage(world->state[0], "one", &ca, 1);
	cert_unref(ca);
	limit_files(journal_size(world));
	assert_int_equal(state_commit(world->state[0], &problem), STATUS_IO);
	limit_files(RLIM_INFINITY);
	state_begun(world->state[1]);
	put_serial(world->state[1], "a.example", 6);
	state_committed(world->state[1]);
	state_begun(world->state[0]);
	assert_serial(&world->told[0], "a.example", 6);
	assert_int_equal(world->told[0].told, 1);
	put_serial(world->state[0], "b.example", 7);
	state_committed(world->state[0]);
	state_world_hear(world, 1);
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
	before = file_content(world->directory, "state.jsonl", &len);
	before[len / 2] = '\0';
	file_fill(world->directory, "state.jsonl", before, len);
	limit_files(len / 2);
	assert_int_equal(
	    state_open(world->directory, &hooks, &opened, &warning, &problem),
	    STATUS_IO);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(problem.text, "make room"));
	after = file_content(world->directory, "state.jsonl", NULL);
	assert_memory_equal(after, before, len);
	free(after);
	free(before);
}

/* The same for the thread: said once, and tried again much later. */
static void
test_no_room_to_rewrite(void **state)
{
	struct state_world *world = *state;
	const struct timespec pause = { .tv_nsec = 1000000 };
	ino_t before = journal_inode(world);
	struct problem problem = { "" };
	char *path = mem_format("%s/state.jsonl.new", world->directory);
	enum status status = STATUS_OK;
	struct stat st;

	/* A directory in its place fails like any other thing. */
	assert_int_equal(mkdir(path, 0700), 0);
	for (uint32_t i = 0; status == STATUS_OK; i++) {
		state_begun(world->state[0]);
		for (uint32_t k = 0; k < 100; k++) {
			char name[32];

			(void)snprintf(name, sizeof(name), "%u.example", k);
			put_serial(world->state[0], name, i);
		}
		state_committed(world->state[0]);
		do
			status = state_begin(world->state[0], &problem);
		while (status == STATUS_BUSY && nanosleep(&pause, NULL) == 0);
		if (status == STATUS_OK)
			state_committed(world->state[0]);
		assert_true(i < 10000);
	}
	assert_int_equal(status, STATUS_IO);
	assert_non_null(strstr(problem.text, "state.jsonl.new"));
	for (uint32_t i = 0; i < 50; i++) {
		state_begun(world->state[0]);
		put_serial(world->state[0], "a.example", i);
		state_committed(world->state[0]);
	}
	assert_int_equal(journal_inode(world), before);
	assert_int_equal(rmdir(path), 0);
	state_world_outdate(world, 0);
	assert_int_not_equal(stat(path, &st), 0);
	state_world_hear(world, 1);
	assert_serial(&world->told[1], "a.example", 49);
	free(path);
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
	return (int)state_open(directory, &hooks, &opened, &warning, problem);
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
	char *journal = mem_format("%s/state.jsonl", sub);

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
	file_fill(sub, "state.jsonl", "", 0);
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
	struct timespec start;
	struct timespec end;
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
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(
	    state_open(world->directory, &hooks, &opened, &warning, &problem),
	    STATUS_OK);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	assert_in_range(end.tv_sec - start.tv_sec, 1, 20);
	assert_int_equal(owners, 1);
	assert_int_equal(state_begin(opened, &problem), STATUS_BUSY);
	/* Who may not wait does not. */
	state_close(opened);
	assert_int_equal(state_open_now(world->directory, &hooks, &opened,
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

/* Without a journal there is nothing to read. */
static void
test_lock_of_nothing(void **state)
{
	struct state_world *world = *state;
	const struct state_hooks hooks = { 0 };
	struct problem problem = { "" };
	struct state *opened = NULL;
	char *warning = NULL;
	char *journal = state_journal_path(world->directory);
	pid_t pid = hold_lock(world, 60, 0);

	assert_int_equal(unlink(journal), 0);
	assert_int_equal(
	    state_open(world->directory, &hooks, &opened, &warning, &problem),
	    STATUS_BUSY);
	assert_non_null(strstr(problem.text, "another process"));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	free(journal);
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
		WORLD_TEST(test_full_disk_and_another),
		WORLD_TEST(test_put_without_lock),
		WORLD_TEST(test_no_room_to_repair),
		WORLD_TEST(test_no_room_to_rewrite),
		WORLD_TEST(test_rights),
		WORLD_TEST(test_wait_for_lock),
		WORLD_TEST(test_lock_of_nothing),
	};

	return cmocka_run_group_tests_name("state_failure", tests, NULL, NULL);
}
