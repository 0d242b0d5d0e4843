/* SPDX-License-Identifier: MIT */
/*
 * A process is killed before, in the middle of, and after each of its system
 * calls that change a file; whatever it had committed must be there when the
 * state is opened again, and nothing else be different.  KILL_EVERY in the
 * environment: only at each so many of them.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "state_sample.h"
#include "state_world.h"

enum { STEPS = 3 };

enum moment {
	MOMENT_BEFORE,
	MOMENT_HALF, /* a write is half done */
	MOMENT_AFTER,
	MOMENTS,
};

/* Damage that the thread finds is told of once. */
static void
step_begin(struct state *state)
{
	struct problem problem = { "" };
	enum status status = STATUS_BUSY;
	unsigned told = 0;

	while (status != STATUS_OK) {
		status = state_begin(state, &problem);
		told += status == STATUS_IO;
		must(told == 0 ||
			 (told == 1 && strstr(problem.text, "damaged") != NULL),
		    problem.text);
		if (status == STATUS_BUSY)
			(void)usleep(100);
	}
}

/* Put what step number `step` puts, or write it down as expected, or both. */
static void
step_do(struct state *state, struct ledger *ledger, uint32_t step)
{
	const struct state_zone zone = {
		.name = "a.example",
		.id = 0x40000000,
		.serial = 100 + step,
	};
	const struct state_association association = {
		step % 2 == 0 ? "3 1 1 00" : "3 1 1 ff",
		1000 + step,
		2000 + step,
	};
	const struct state_owner owner = {
		.name = step % 2 == 0 ? "even.example" : "odd.example",
		.ttl = step,
		.list = &association,
		.count = step == 1 ? 0 : 1,
	};
	struct cert *ca[] = { sample_cert("CA", 1, false),
		sample_cert("Next CA", 5 + 2 * step, false) };
	struct state_generation generation = {
		.chain = sample_chain(sample_cert("leaf", step, false), ca, 2),
		.since = step,
	};
	const struct state_lineage lineage = {
		.source = "s",
		.name = "n",
		.file = "f",
		.list = &generation,
		.count = 1,
	};

	if (state != NULL) {
		step_begin(state);
		state_put_zone(state, &zone);
		state_put_owner(state, &owner);
		state_put_lineage(state, &lineage);
		state_committed(state);
	}
	if (ledger != NULL) {
		ledger_zone(&zone, ledger);
		ledger_owner(&owner, ledger);
		ledger_lineage(&lineage, ledger);
		/* Who opens the state never hears of it. */
		if (owner.count == 0)
			(void)trie_remove(&ledger->lines, "owner odd.example",
			    strlen("owner odd.example"));
	}
	chain_unref(generation.chain);
	cert_unref(ca[0]);
	cert_unref(ca[1]);
}

/* Step 0 was done by an earlier version, which told of a zone alone. */
static bool is_imported;

/* What is there after that many of them. */
static void
expect(struct ledger *ledger, uint32_t steps)
{
	ledger_init(ledger);
	for (uint32_t step = 0; step < steps; step++) {
		step_do(NULL, ledger, step);
		if (is_imported && step == 0) {
			(void)trie_remove(&ledger->lines, "owner even.example",
			    strlen("owner even.example"));
			(void)trie_remove(&ledger->lines, "lineage s n",
			    strlen("lineage s n"));
		}
	}
}

/* The state directory that each process begins with. */
struct scene {
	const char *name;
	const char *file; /* NULL: nothing */
	char *content;
	size_t len;
	bool damaged;
};

/* The file after step 0. */
static void
scene_make(struct scene *scene)
{
	char *directory = temporary_new();
	struct state *state = state_opened(directory, NULL);

	step_do(state, NULL, 0);
	state_close(state);
	scene->file = "state.db";
	scene->content = file_content(directory, "state.db", &scene->len);
	temporary_remove(directory);
}

/* What parent and child share: how many steps have been committed. */
static volatile uint32_t *committed;

/* The process that is killed. */
static void
child_main(const char *directory)
{
	const struct state_hooks hooks = { 0 };
	struct problem problem = { "" };
	struct state *state = NULL;
	char *warning = NULL;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(2);
	(void)raise(SIGSTOP);
	if (state_open(directory, true, &hooks, &state, &warning, &problem) !=
	    STATUS_OK)
		_exit(3);
	for (uint32_t step = *committed; step < STEPS; step++) {
		step_do(state, NULL, step);
		*committed = step + 1;
	}
	state_close(state);
	_exit(0);
}

static bool
changes_files(const struct __ptrace_syscall_info *call)
{
	switch (call->entry.nr) {
	case SYS_write:
	case SYS_pwrite64:
	case SYS_ftruncate:
	case SYS_fsync:
	case SYS_fdatasync:
	case SYS_renameat:
	case SYS_linkat:
	case SYS_unlinkat:
	case SYS_fchown:
#ifdef SYS_rename
	case SYS_rename:
	case SYS_link:
	case SYS_unlink:
	case SYS_chown:
	case SYS_mkdir:
#endif
		return true;
	case SYS_openat:
		return (call->entry.args[2] & O_CREAT) != 0;
	default:
		return false;
	}
}

/* Let the next write get no further than its half. */
static bool
halve(pid_t pid, const struct __ptrace_syscall_info *call)
{
	struct rlimit limit = { .rlim_max = RLIM_INFINITY };

	if (call->entry.nr != SYS_pwrite64 || call->entry.args[2] < 2)
		return false;
	limit.rlim_cur = call->entry.args[3] + call->entry.args[2] / 2;
	return prlimit(pid, RLIMIT_FSIZE, &limit, NULL) == 0;
}

/* Where the process is to end. */
struct target {
	unsigned number; /* of the calls that change files, from 1 on */
	enum moment moment;
	unsigned count;  /* of those that have been entered */
	bool is_reached; /* ... and at its exit, the process is to end */
};

/* Return true if the thread, which stopped at a system call, ends here. */
static bool
is_the_end(pid_t tid, struct target *target)
{
	struct __ptrace_syscall_info call;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(call), &call) <= 0)
		return false;
	if (call.op == PTRACE_SYSCALL_INFO_EXIT)
		return target->is_reached;
	if (call.op != PTRACE_SYSCALL_INFO_ENTRY || target->is_reached ||
	    !changes_files(&call) || ++target->count != target->number)
		return false;
	if (target->moment == MOMENT_HALF && !halve(tid, &call))
		return true;
	target->is_reached = target->moment != MOMENT_BEFORE;
	return !target->is_reached;
}

static void
reap(pid_t pid)
{
	int status;

	(void)kill(pid, SIGKILL);
	while (waitpid(-1, &status, __WALL) > 0 || errno == EINTR)
		continue;
}

/*
 * Run the process until its end, or where `target` says.  Returns true if it
 * was killed.
 */
static bool
run(const char *directory, struct target *target)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
		       PTRACE_O_EXITKILL;
	pid_t pid = fork();
	int status = 0;
	pid_t tid;

	assert_true(pid >= 0);
	if (pid == 0)
		child_main(directory);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL, options), 0);
	assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		long signal = 0;

		if (WIFEXITED(status) && tid == pid)
			assert_int_equal(WEXITSTATUS(status), 0);
		if (!WIFSTOPPED(status))
			continue;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (is_the_end(tid, target)) {
				reap(pid);
				return true;
			}
		} else if (WSTOPSIG(status) != SIGTRAP &&
			   WSTOPSIG(status) != SIGSTOP) {
			signal = WSTOPSIG(status);
		}
		(void)ptrace(PTRACE_SYSCALL, tid, NULL, signal);
	}
	return false;
}

/* Each line is as it was after one step, or after the next one. */
static void
check_ledger(const struct ledger *got, uint32_t steps)
{
	struct ledger before;
	struct ledger after;

	expect(&before, steps);
	expect(&after, steps < STEPS ? steps + 1 : STEPS);
	if (!ledger_is_between(got, &before, &after))
		ledger_must_equal(got, &before);
	ledger_fini(&before);
	ledger_fini(&after);
}

/* Open what the killed process left. */
static void
check_directory(const char *directory, const struct scene *scene)
{
	struct problem problem = { "" };
	struct state_hooks hooks;
	struct state *state = NULL;
	char *warning = NULL;
	struct ledger expected;
	struct ledger got;

	ledger_init(&got);
	hooks = ledger_hooks(&got);
	if (state_open(directory, true, &hooks, &state, &warning, &problem) !=
	    STATUS_OK)
		fail_msg("%s", problem.text);
	assert_true(warning == NULL || scene->damaged);
	free(warning);
	check_ledger(&got, *committed);
	/* Life goes on. */
	for (uint32_t step = *committed; step < STEPS; step++) {
		step_do(state, NULL, step);
		step_do(NULL, &got, step);
	}
	state_close(state);
	state = state_opened(directory, NULL);
	state_close(state);
	expect(&expected, STEPS);
	/* Who mends a file meanwhile is told of what is gone as well. */
	if (scene->damaged)
		(void)trie_remove(&got.lines, "owner odd.example",
		    strlen("owner odd.example"));
	ledger_must_equal(&got, &expected);
	ledger_fini(&expected);
	ledger_fini(&got);
}

/* Kill at each call there is.  Returns how many there were. */
static unsigned
kill_everywhere(const struct scene *scene, enum moment moment)
{
	const char *every = getenv("KILL_EVERY");
	unsigned stride = every != NULL ? (unsigned)atoi(every) : 1;
	struct target target = { .moment = moment };
	bool was_killed = true;

	while (was_killed) {
		char *directory = temporary_new();

		target = (struct target){
			.moment = moment,
			.number = target.number + stride,
		};
		*committed = scene->file != NULL ? 1 : 0;
		if (scene->file != NULL)
			file_fill(
			    directory, scene->file, scene->content, scene->len);
		was_killed = run(directory, &target);
		check_directory(directory, scene);
		temporary_remove(directory);
		assert_true(target.number < 1000);
	}
	print_message("# %s: killed at %u calls, each %u\n", scene->name,
	    target.number - stride, stride);
	return target.number - stride;
}

static int
setup(void **state)
{
	(void)state;
	/* What a killed process wrote is there, on a disk or in memory. */
	if (access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 0);
	committed = mmap(NULL, sizeof(*committed), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return committed == MAP_FAILED;
}

static void
test_new_directory(void **state)
{
	struct scene scene = { .name = "new directory" };

	(void)state;
	for (enum moment moment = 0; moment < MOMENTS; moment++)
		assert_true(kill_everywhere(&scene, moment) > STEPS);
}

static void
test_goes_on(void **state)
{
	struct scene scene = { .name = "goes on" };

	(void)state;
	scene_make(&scene);
	for (enum moment moment = 0; moment < MOMENTS; moment++)
		assert_true(kill_everywhere(&scene, moment) > STEPS);
	free(scene.content);
}

/* A page that only quick_check finds out, and the thread with it. */
static void
test_repair(void **state)
{
	struct scene scene = { .name = "repair", .damaged = true };

	(void)state;
	scene_make(&scene);
	/* The head of the page of the tables' names is whole. */
	memset(scene.content + scene.len - 4096, 0xff, 512);
	for (enum moment moment = 0; moment < MOMENTS; moment++)
		assert_true(kill_everywhere(&scene, moment) > STEPS);
	free(scene.content);
}

/* What an earlier version kept: all of it, however often it is begun. */
static void
test_import(void **state)
{
	static const char zone[] =
	    "{\"version\":1}\n{\"zone\":\"a.example\",\"id\":1073741824,"
	    "\"serial\":100,\"notified\":0,\"content\":"
	    "\"00000000000000000000000000000000\"}\n";
	struct scene scene = { .name = "import" };

	(void)state;
	scene.file = "state.jsonl";
	scene.content = mem_copy(zone, sizeof(zone) - 1);
	scene.len = sizeof(zone) - 1;
	is_imported = true;
	for (enum moment moment = 0; moment < MOMENTS; moment++)
		assert_true(kill_everywhere(&scene, moment) > STEPS);
	is_imported = false;
	free(scene.content);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_directory),
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_import),
		cmocka_unit_test(test_repair),
	};

	return cmocka_run_group_tests_name("state_crash", tests, setup, NULL);
}
