/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "captive.h"
#include "wall/confine.h"

/*
 * A process that was taken over, played: it is locked in as the real one, and
 * then tries.  Under kernels that lack one lock, or both, it is seen which one
 * held it, and that without locks it would have got through.
 */

/* ---- what it tries: true, it got through ---- */

static bool
record_opens(void)
{
	return captive_opens(captive_at("state/journal"), O_RDONLY);
}

static bool
file_is_written(void)
{
	return captive_opens(captive_at("store/mail.pem"), O_WRONLY);
}

static bool
file_is_made(void)
{
	return captive_opens(
		   captive_at("store/new.pem"), O_RDWR | O_CREAT | O_EXCL) &&
	       unlink(captive_at("store/new.pem")) == 0;
}

static bool
directory_is_made(void)
{
	return mkdir(captive_at("store/new"), 0700) == 0 &&
	       rmdir(captive_at("store/new")) == 0;
}

static bool
link_is_made(void)
{
	return symlink("x", captive_at("store/new")) == 0 &&
	       unlink(captive_at("store/new")) == 0;
}

static bool
file_is_moved(void)
{
	return rename(captive_at("store/mail.pem"),
		   captive_at("store/moved.pem")) == 0 &&
	       rename(captive_at("store/moved.pem"),
		   captive_at("store/mail.pem")) == 0;
}

static bool
file_is_truncated(void)
{
	return truncate(captive_at("beside.pem"), 5) == 0;
}

static bool
mode_is_changed(void)
{
	return chmod(captive_at("store/mail.pem"), 0600) == 0;
}

static bool
parent_is_traced(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0;
}

static bool
parent_opens(void)
{
	char *path = mem_format("/proc/%d/mem", (int)getppid());
	bool is_open = captive_opens(path, O_RDONLY);

	free(path);
	return is_open;
}

static bool
device_opens(void)
{
	return captive_opens("/dev/zero", O_RDONLY);
}

static const struct attempt {
	const char *what;
	bool (*gets_through)(void);
	unsigned by;   /* any of these locks is enough */
	bool is_other; /* without them, something else may hold it */
} attempts[] = {
	{ "open the record", record_opens, LOCK_LANDLOCK, false },
	{ "open it by a link", captive_opens_record_by_link, LOCK_LANDLOCK,
	    false },
	{ "open it by /proc", captive_opens_record_by_descriptor, LOCK_LANDLOCK,
	    false },
	{ "write a file", file_is_written, LOCKS_ALL, false },
	{ "make a file", file_is_made, LOCKS_ALL, false },
	{ "make a directory", directory_is_made, LOCKS_ALL, false },
	{ "make a link", link_is_made, LOCKS_ALL, false },
	{ "move a file", file_is_moved, LOCKS_ALL, false },
	{ "cut a file", file_is_truncated, LOCK_SECCOMP, true },
	{ "change a mode", mode_is_changed, LOCK_SECCOMP, false },
	{ "speak TCP", captive_speaks, LOCK_SECCOMP, false },
	{ "speak to a socket", captive_makes_socket, LOCK_SECCOMP, false },
	{ "run a program", captive_runs, LOCKS_ALL, false },
	{ "make a process", captive_forks, LOCK_SECCOMP, false },
	{ "trace who made it", parent_is_traced, LOCKS_ALL, true },
	{ "read its memory", captive_reads_parent, LOCKS_ALL, true },
	{ "open its memory", parent_opens, LOCK_LANDLOCK, true },
	{ "signal it", captive_signals_parent, LOCK_SECCOMP, true },
	{ "have it signalled", captive_gives_to_parent, LOCK_SECCOMP, true },
	{ "open a device", device_opens, LOCK_LANDLOCK, false },
};

/* ---- what it must still be able to do ---- */

static bool
all_is_seen(int events)
{
	DIR *list = opendir(captive_at("state"));
	struct stat st;
	char link[64];
	bool is_seen = list != NULL &&
		       stat(captive_at("state/journal"), &st) == 0 &&
		       lstat(captive_at("store/thief.pem"), &st) == 0 &&
		       readlink(captive_at("store/link.pem"), link,
			   sizeof(link)) == 8 &&
		       inotify_add_watch(events, "/", IN_CREATE) > 0 &&
		       inotify_add_watch(events, captive_top, IN_CREATE) > 0 &&
		       inotify_add_watch(
			   events, captive_at("store"), IN_CREATE) > 0;

	if (list != NULL)
		(void)closedir(list);
	return is_seen && captive_opens("/proc/self/status", O_RDONLY);
}

static bool
attempts_fail(unsigned locks)
{
	bool is_good = true;

	for (size_t i = 0; i < LENGTH(attempts); i++) {
		const struct attempt *row = &attempts[i];
		bool is_held = (row->by & locks) != 0;

		/* Of root, and of Yama, nothing is known here. */
		if (!is_held && row->is_other)
			continue;
		is_good &= captive_check(
		    row->gets_through() != is_held, row->what);
	}
	return is_good;
}

static bool
play_reader(unsigned locks)
{
	int events = inotify_init1(IN_CLOEXEC);
	struct confine confine;
	bool is_good;

	confine_reading(&confine, captive_reading(), false);
	is_good = captive_check(confine.locks == locks, "its locks");
	is_good &= captive_check(captive_reads_all(), "read the store");
	is_good &= captive_check(all_is_seen(events), "see what is there");
	is_good &= attempts_fail(locks);
	return is_good;
}

static void
test_reader(void **state)
{
	static const unsigned kernels[] = { LOCKS_ALL, LOCK_LANDLOCK,
		LOCK_SECCOMP, 0 };

	(void)state;
	captive_need();
	for (size_t i = 0; i < LENGTH(kernels); i++)
		assert_true(captive_played(play_reader, kernels[i]));
}

#define WORLD(test)                                                            \
	cmocka_unit_test_setup_teardown(test, captive_begin, captive_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(test_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
