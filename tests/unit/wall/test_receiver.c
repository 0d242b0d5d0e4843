/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "captive.h"
#include "wall/confine.h"
#include "wall/landlock.h"
#include "wall/receiver.h"

/*
 * Who receives from other hosts and was taken over, played: locked in as the
 * real one, and then it tries.  store/ is what it writes; other/deep is what it
 * reads besides.
 */

enum { PORT = 5353 };

/* ---- what it tries: true, it got through ---- */

static bool
elsewhere_is_read(void)
{
	return captive_opens(captive_at("beside.pem"), O_RDONLY);
}

static bool
elsewhere_is_listed(void)
{
	DIR *list = opendir(captive_at("state"));

	if (list != NULL)
		(void)closedir(list);
	return list != NULL;
}

static bool
elsewhere_is_written(void)
{
	return captive_opens(captive_at("beside.pem"), O_WRONLY);
}

static bool
elsewhere_is_made(void)
{
	return captive_opens(
		   captive_at("other/new"), O_RDWR | O_CREAT | O_EXCL) &&
	       unlink(captive_at("other/new")) == 0;
}

static bool
readable_is_written(void)
{
	return captive_opens(captive_at("other/deep/web.pem"), O_WRONLY);
}

static bool
directory_is_made(void)
{
	return mkdir(captive_at("other/new"), 0700) == 0 &&
	       rmdir(captive_at("other/new")) == 0;
}

static bool
elsewhere_is_moved(void)
{
	return rename(captive_at("beside.pem"), captive_at("moved.pem")) == 0 &&
	       rename(captive_at("moved.pem"), captive_at("beside.pem")) == 0;
}

static bool
store_is_moved_out(void)
{
	return rename(captive_at("store/mail.pem"), captive_at("mail.pem")) ==
		   0 &&
	       rename(captive_at("mail.pem"), captive_at("store/mail.pem")) ==
		   0;
}

static bool
link_is_made(void)
{
	return symlink("/etc", captive_at("store/new")) == 0 &&
	       unlink(captive_at("store/new")) == 0;
}

static bool
elsewhere_is_cut(void)
{
	return truncate(captive_at("beside.pem"), 5) == 0;
}

static bool
mode_is_changed(void)
{
	return chmod(captive_at("beside.pem"), 0600) == 0;
}

static bool
time_is_changed(void)
{
	return utimensat(AT_FDCWD, captive_at("beside.pem"), NULL, 0) == 0;
}

static bool
calls_are_taken(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_taken = fd >= 0 && listen(fd, 1) == 0;

	(void)close(fd);
	return is_taken;
}

static bool
kernel_is_asked(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static bool
limit_is_raised(void)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

static bool
connects(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_allowed = fd >= 0 && (connect(fd, (struct sockaddr *)&address,
					  sizeof(address)) == 0 ||
					 errno == ECONNREFUSED);

	(void)close(fd);
	return is_allowed;
}

/* The discard port: nobody listens there. */
static bool
others_are_connected(void)
{
	return connects(9);
}

static const struct attempt {
	const char *what;
	bool (*gets_through)(void);
	unsigned by;   /* any of these locks is enough */
	bool is_other; /* without them, something else may hold it */
} attempts[] = {
	{ "read elsewhere", elsewhere_is_read, LOCK_LANDLOCK, false },
	{ "open the record by a link", captive_opens_record_by_link,
	    LOCK_LANDLOCK, false },
	{ "open it by /proc", captive_opens_record_by_descriptor, LOCK_LANDLOCK,
	    false },
	{ "list a directory", elsewhere_is_listed, LOCK_LANDLOCK, false },
	{ "write elsewhere", elsewhere_is_written, LOCK_LANDLOCK, false },
	{ "write what it may read", readable_is_written, LOCK_LANDLOCK, false },
	{ "make a file elsewhere", elsewhere_is_made, LOCK_LANDLOCK, false },
	{ "make a directory elsewhere", directory_is_made, LOCK_LANDLOCK,
	    false },
	{ "move a file elsewhere", elsewhere_is_moved, LOCK_LANDLOCK, false },
	{ "move one out of the store", store_is_moved_out, LOCK_LANDLOCK,
	    false },
	{ "make a link in the store", link_is_made, LOCK_LANDLOCK, false },
	{ "cut a file", elsewhere_is_cut, LOCK_SECCOMP, true },
	{ "change a mode", mode_is_changed, LOCK_SECCOMP, false },
	{ "change a time", time_is_changed, LOCK_SECCOMP, false },
	{ "run a program", captive_runs, LOCKS_ALL, false },
#ifndef __SANITIZE_ADDRESS__
	{ "make a process", captive_forks, LOCK_SECCOMP, false },
#endif
	{ "read its parent's memory", captive_reads_parent, LOCKS_ALL, true },
	{ "signal it", captive_signals_parent, LOCK_SECCOMP, true },
	{ "have it signalled", captive_gives_to_parent, LOCK_SECCOMP, true },
	{ "wait for calls", calls_are_taken, LOCK_SECCOMP, true },
	{ "speak to the kernel", kernel_is_asked, LOCK_SECCOMP, true },
	{ "raise a limit", limit_is_raised, LOCK_SECCOMP, true },
};

static bool
attempts_fail(unsigned locks)
{
	bool is_good = true;

	for (size_t i = 0; i < LENGTH(attempts); i++) {
		const struct attempt *row = &attempts[i];
		bool is_held = (row->by & locks) != 0;

		/* Of root, of Yama, and of newer landlocks nothing is known. */
		if (!is_held && row->is_other)
			continue;
		is_good &= captive_check(
		    row->gets_through() != is_held, row->what);
	}
	return is_good;
}

/* ---- what it must still be able to do ---- */

static bool
shelf_is_made(const char *name)
{
	char *path = mem_format("store/%s", name);
	char *old = mem_format("store/%s/.a.new", name);
	char *new = mem_format("store/%s/a", name);
	bool is_made = (mkdir(captive_at(path), 0700) == 0 ||
			   errno == EEXIST) &&
		       captive_opens(captive_at(old), O_RDWR | O_CREAT) &&
		       rename(captive_at(old), captive_at(new)) == 0 &&
		       captive_opens(captive_at(new), O_RDONLY) &&
		       unlink(captive_at(new)) == 0;

	free(new);
	free(old);
	free(path);
	return is_made;
}

static bool
store_is_listed(void)
{
	DIR *list = opendir(captive_at("store"));

	if (list != NULL)
		(void)closedir(list);
	return list != NULL;
}

static void *
thread_run(void *arg)
{
	return arg;
}

static bool
thread_is_made(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, thread_run, NULL) == 0 &&
	       pthread_join(thread, NULL) == 0;
}

/* Whatever locks there are: at the size of what may be sent it ends. */
static bool
file_is_limited(void)
{
	static char octets[LIMIT_PEM_FILE + 1];
	int fd = open(
	    captive_at("store/large"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool is_limited = fd >= 0 &&
			  write(fd, octets, sizeof(octets)) == LIMIT_PEM_FILE &&
			  write(fd, octets, 1) < 0 && errno == EFBIG;

	(void)close(fd);
	(void)unlink(captive_at("store/large"));
	return is_limited;
}

static unsigned
lock_in(void)
{
	struct paths reads = { 0 };
	char *store = mem_format("%s/store", captive_top);
	const struct receiver receiver = { store, &reads, PORT };
	unsigned locks;

	paths_add(&reads, captive_at("other/deep"));
	locks = receiver_confine(&receiver);
	paths_fini(&reads);
	free(store);
	return locks;
}

static bool
play_receiver(unsigned locks)
{
	bool is_good = captive_check(lock_in() == locks, "its locks");

	is_good &= captive_check(attempts_fail(locks), "is held");
	is_good &= captive_check(shelf_is_made("mail"), "make a lineage");
	is_good &= captive_check(store_is_listed(), "count lineages");
	is_good &= captive_check(
	    captive_reads(captive_at("store/mail.pem")) &&
		captive_reads(captive_at("other/deep/web.pem")),
	    "read what is left to it");
	is_good &= captive_check(
	    captive_opens("/dev/urandom", O_RDONLY), "chance");
	is_good &= captive_check(
	    captive_makes_socket() && captive_speaks(), "ask");
	is_good &= captive_check(connects(53) && connects(PORT), "by TCP");
	is_good &= captive_check(thread_is_made(), "begin a thread");
	return is_good & captive_check(file_is_limited(), "stay small");
}

static void
test_receiver(void **state)
{
	static const unsigned kernels[] = { LOCKS_ALL, LOCK_LANDLOCK,
		LOCK_SECCOMP, 0 };

	(void)state;
	captive_need();
	for (size_t i = 0; i < LENGTH(kernels); i++)
		assert_true(captive_played(play_receiver, kernels[i]));
}

/* Kernels know of ports since 6.7. */
static bool
play_ports(unsigned locks)
{
	bool is_good = captive_check(lock_in() == locks, "its locks");

	return is_good & captive_check(!others_are_connected(), "another port");
}

static void
test_ports(void **state)
{
	(void)state;
	captive_need();
	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION) < 4)
		skip();
	assert_true(captive_played(play_ports, LOCKS_ALL));
}

/* One lineage is left, and the lock of all. */
static bool
play_narrow(unsigned locks)
{
	int lock;
	int directory;
	bool is_good;

	(void)lock_in();
	is_good = captive_check(
	    shelf_is_made("mail") && shelf_is_made("other"), "before");
	lock = open(
	    captive_at("store/.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	directory = open(
	    captive_at("store/mail"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	receiver_narrow(directory, lock);
	is_good &= captive_check(shelf_is_made("mail"), "its own lineage");
	is_good &= captive_check(
	    captive_opens(captive_at("store/.lock"), O_RDWR | O_CREAT),
	    "the lock");
	is_good &= captive_check(
	    captive_reads(captive_at("store/mail.pem")), "read another one");
	is_good &= captive_check(connects(53) && connects(PORT), "by TCP");
	return is_good & captive_check(shelf_is_made("other") !=
					   ((locks & LOCK_LANDLOCK) != 0),
			     "write another one");
}

static void
test_narrow(void **state)
{
	(void)state;
	captive_need();
	assert_true(captive_played(play_narrow, LOCKS_ALL));
	assert_true(captive_played(play_narrow, 0));
}

#define WORLD(test)                                                            \
	cmocka_unit_test_setup_teardown(test, captive_begin, captive_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(test_receiver),
		WORLD(test_ports),
		WORLD(test_narrow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
