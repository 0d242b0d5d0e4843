/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "captive.h"
#include "files/denied.h"
#include "wall/confine.h"

/*
 * What comes to lie where it was not when who reads was locked in; and who
 * answers, who is locked in otherwise.
 */

/* ---- what changes later ---- */

/* Have the parent do something: it is not locked in. */
static int order[2];
static int done[2];

static void
have_done(char what)
{
	char octet;

	(void)!write(order[1], &what, 1);
	(void)!read(done[0], &octet, 1);
}

static unsigned denials;

static void
denied(const char *path, void *arg)
{
	denials += confine_is_outgrown(arg, path);
}

/* It was refused, and another one would not be: or it was read. */
static bool
reads_or_asks(const char *path)
{
	unsigned before = denials;

	return captive_reads(path) || denials > before;
}

static bool
play_changes(unsigned locks)
{
	struct confine confine;
	bool is_good;

	(void)locks;
	confine_reading(&confine, captive_reading(), false);
	denied_hook(denied, &confine);
	is_good = captive_check(
	    !captive_reads(captive_at("store/thief.pem")) && denials == 0,
	    "refused on purpose");
	have_done('d');
	is_good &= captive_check(
	    captive_reads(captive_at("other/deep/web.pem")) &&
		captive_reads(captive_at("store/far.pem")) && denials == 0,
	    "a directory made anew, further down");
	have_done('m');
	is_good &= captive_check(
	    captive_reads(captive_at("other/deep/web.pem")) && denials == 0,
	    "mounted over, further down");
	have_done('f');
	is_good &= captive_check(
	    reads_or_asks(captive_at("beside.pem")) && denials == 1,
	    "a file exchanged right beside it");
	have_done('s');
	is_good &= captive_check(
	    reads_or_asks(captive_at("store/mail.pem")) && denials == 2,
	    "the store made anew");
	is_good &= captive_check(
	    !captive_reads(captive_at("old/thief.pem")) && denials == 2,
	    "still refused on purpose");
	have_done('M');
	return is_good &
	       captive_check(
		   reads_or_asks(captive_at("store/mail.pem")) && denials == 3,
		   "mounted over the store");
}

/* The new one may have the device, inode and number of the one before. */
static bool
play_remounted(unsigned locks)
{
	struct confine confine;
	bool is_good;

	(void)locks;
	denials = 0;
	have_done('M');
	confine_reading(&confine, captive_reading(), false);
	denied_hook(denied, &confine);
	is_good = captive_check(
	    captive_reads(captive_at("store/mail.pem")) && denials == 0,
	    "a mount that is there");
	have_done('r');
	return is_good &
	       captive_check(
		   reads_or_asks(captive_at("store/mail.pem")) && denials == 1,
		   "another mount in its place");
}

static void
mount_over(const char *path, const char *file)
{
	if (mount("none", captive_at(path), "tmpfs", 0, NULL) == 0)
		captive_put(file, "chain");
}

static void
do_one(char what)
{
	switch (what) {
	case 'd':
		assert_int_equal(
		    rename(captive_at("other/deep"), captive_at("other/old")),
		    0);
		assert_int_equal(mkdir(captive_at("other/deep"), 0700), 0);
		captive_put("other/deep/web.pem", "other");
		break;
	case 'm':
		mount_over("other/deep", "other/deep/web.pem");
		break;
	case 'f':
		captive_put("beside.new", "chain");
		assert_int_equal(
		    rename(captive_at("beside.new"), captive_at("beside.pem")),
		    0);
		break;
	case 's':
		assert_int_equal(
		    rename(captive_at("store"), captive_at("old")), 0);
		assert_int_equal(mkdir(captive_at("store"), 0700), 0);
		captive_put("store/mail.pem", "chain");
		break;
	case 'r':
		(void)umount(captive_at("store"));
		mount_over("store", "store/mail.pem");
		break;
	default:
		mount_over("store", "store/mail.pem");
		break;
	}
}

static bool
has_own_mounts(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* Play it, and do what it has done. */
static void
played_along(bool (*play)(unsigned locks))
{
	int status = -1;
	char what;
	pid_t pid;

	captive_need();
	if (!has_own_mounts())
		skip();
	assert_int_equal(pipe(order), 0);
	assert_int_equal(pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(order[0]);
		(void)close(done[1]);
		_exit(play(LOCKS_ALL) ? 0 : 1);
	}
	(void)close(order[1]);
	while (read(order[0], &what, 1) == 1) {
		do_one(what);
		assert_int_equal(write(done[1], &what, 1), 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)umount(captive_at("other/deep"));
	(void)umount(captive_at("store"));
	assert_int_equal(status, 0);
	/* Whoever begins now may. */
	assert_true(captive_reads(captive_at("store/mail.pem")));
}

static void
test_changes(void **state)
{
	(void)state;
	played_along(play_changes);
}

static void
test_remounted(void **state)
{
	(void)state;
	played_along(play_remounted);
}

/* ---- who answers ---- */

static bool
record_is_written(void)
{
	return captive_opens(captive_at("state/journal"), O_RDWR) &&
	       captive_opens(captive_at("state/new"), O_RDWR | O_CREAT) &&
	       rename(captive_at("state/new"), captive_at("state/other")) ==
		   0 &&
	       unlink(captive_at("state/other")) == 0;
}

static bool
record_is_made_anew(void)
{
	return rename(captive_at("state"), captive_at("gone")) == 0 &&
	       mkdir(captive_at("state"), 0700) == 0 &&
	       captive_opens(captive_at("state/journal"), O_RDWR | O_CREAT);
}

static bool
null_opens(void)
{
	return captive_opens("/dev/null", O_RDWR);
}

static bool
elsewhere_is_written(void)
{
	char *path = mem_format("%s.elsewhere", captive_top);
	bool is_open = captive_opens(path, O_RDWR | O_CREAT);

	(void)unlink(path);
	free(path);
	return is_open;
}

static bool
dump_is_empty(void)
{
	FILE *stream = fopen("/proc/self/coredump_filter", "r");
	unsigned filter = 1;

	if (stream == NULL)
		return false;
	if (fscanf(stream, "%x", &filter) != 1)
		filter = 1;
	(void)fclose(stream);
	return filter == 0;
}

static bool
play_answering(unsigned locks)
{
	struct config config = { .state_directory = mem_format(
				     "%s/state", captive_top),
		.listen = mem_format("%s/other/pdns.sock", captive_top),
		.control = mem_format("%s/other/control.sock", captive_top) };
	bool has_filter = (locks & LOCK_SECCOMP) != 0;
	bool has_rules = (locks & LOCK_LANDLOCK) != 0;
	bool is_good;

	is_good = captive_check(
	    confine_answering(&config) == locks, "its locks");
	is_good &= captive_check(
	    record_is_written() && record_is_made_anew(), "write the record");
	is_good &= captive_check(
	    captive_reads_all() && null_opens(), "read all");
	is_good &= captive_check(
	    captive_makes_socket() && captive_runs() && captive_forks(),
	    "begin who makes readers");
	is_good &= captive_check(dump_is_empty(), "keep out of a core dump");
	is_good &= captive_check(
	    elsewhere_is_written() != has_rules, "write elsewhere");
	is_good &= captive_check(captive_speaks() != has_filter, "speak TCP");
	is_good &= captive_check(locks == 0 || !captive_reads_parent(),
	    "read the memory of another");
	return is_good;
}

static void
test_answering(void **state)
{
	(void)state;
	captive_need();
	assert_true(captive_played(play_answering, LOCKS_ALL));
}

static void
test_answering_old(void **state)
{
	(void)state;
	assert_true(captive_played(play_answering, LOCK_SECCOMP));
}

static void
test_answering_older(void **state)
{
	(void)state;
	assert_true(captive_played(play_answering, 0));
}

#define WORLD(test)                                                            \
	cmocka_unit_test_setup_teardown(test, captive_begin, captive_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(test_changes),
		WORLD(test_remounted),
		WORLD(test_answering),
		WORLD(test_answering_old),
		WORLD(test_answering_older),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
