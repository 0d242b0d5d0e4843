/* SPDX-License-Identifier: MIT */
#include "captive.h"

#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file.h"
#include "old_kernel.h"
#include "wall/confine.h"
#include "wall/landlock.h"

char captive_top[64];

const char *
captive_at(const char *path)
{
	static char room[4][256];
	static unsigned turn;
	char *text = room[turn++ % 4];

	(void)snprintf(text, sizeof(room[0]), "%s/%s", captive_top, path);
	return text;
}

void
captive_put(const char *path, const char *text)
{
	FILE *stream = fopen(captive_at(path), "w");

	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(chmod(captive_at(path), 0600), 0);
}

int
captive_begin(void **state)
{
	char real[] = "/tmp/tlsa.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(real));
	(void)snprintf(captive_top, sizeof(captive_top), "%s", real);
	assert_int_equal(mkdir(captive_at("state"), 0700), 0);
	assert_int_equal(mkdir(captive_at("store"), 0700), 0);
	assert_int_equal(mkdir(captive_at("other"), 0700), 0);
	assert_int_equal(mkdir(captive_at("other/deep"), 0700), 0);
	captive_put("state/journal", "keys");
	captive_put("store/mail.pem", "chain");
	captive_put("other/deep/web.pem", "chain");
	captive_put("beside.pem", "chain");
	assert_int_equal(symlink("mail.pem", captive_at("store/link.pem")), 0);
	assert_int_equal(
	    symlink("../other/deep/web.pem", captive_at("store/far.pem")), 0);
	assert_int_equal(
	    symlink(captive_at("state/journal"), captive_at("store/thief.pem")),
	    0);
	return 0;
}

int
captive_end(void **state)
{
	char *command = mem_format("rm -rf %s", captive_top);

	(void)state;
	assert_int_equal(system(command), 0);
	free(command);
	return 0;
}

bool
captive_opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

bool
captive_speaks(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

bool
captive_makes_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

bool
captive_runs(void)
{
	pid_t pid = vfork();
	int status = -1;

	if (pid == 0) {
		(void)execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

bool
captive_forks(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

bool
captive_reads_parent(void)
{
	char octet;
	struct iovec local = { &octet, 1 };
	struct iovec remote = { captive_top, 1 };

	return process_vm_readv(getppid(), &local, 1, &remote, 1, 0) == 1;
}

bool
captive_opens_record_by_link(void)
{
	return captive_opens(captive_at("store/thief.pem"), O_RDONLY);
}

bool
captive_opens_record_by_descriptor(void)
{
	int fd = open(captive_at("state/journal"), O_PATH | O_CLOEXEC);
	char *self = mem_format("/proc/self/fd/%d", fd);
	bool is_open = captive_opens(self, O_RDONLY);

	free(self);
	(void)close(fd);
	return is_open;
}

bool
captive_gives_to_parent(void)
{
	return fcntl(STDIN_FILENO, F_SETOWN, getppid()) == 0;
}

bool
captive_signals_parent(void)
{
	return kill(getppid(), 0) == 0;
}

bool
captive_reads(const char *path)
{
	struct buf text = { 0 };
	struct problem problem = { "" };
	bool is_read = file_read(path, 4096, &text, NULL, &problem) ==
			   STATUS_OK &&
		       text.len == 5;

	if (!is_read)
		(void)fprintf(stderr, "# %s\n", problem.text);
	buf_fini(&text);
	return is_read;
}

bool
captive_reads_all(void)
{
	return captive_reads(captive_at("store/mail.pem")) &&
	       captive_reads(captive_at("store/link.pem")) &&
	       captive_reads(captive_at("store/far.pem")) &&
	       captive_reads(captive_at("beside.pem"));
}

void
captive_need(void)
{
	struct landlock rules;
	bool has_landlock = landlock_begin(
	    &rules, LANDLOCK_ACCESS_FS_READ_FILE, true, NULL);

	if (has_landlock)
		(void)close(rules.fd);
	else
		skip();
}

struct reading *
captive_reading(void)
{
	static char *closed[2];
	static struct config_source source;
	static struct reading reading;

	closed[0] = mem_format("%s/state", captive_top);
	closed[1] = mem_format("%s/none/pdns.conf", captive_top);
	source.path = mem_format("%s/store", captive_top);
	reading = (struct reading){ .sources = &source,
		.source_count = 1,
		.closed = closed,
		.closed_count = 2 };
	return &reading;
}

bool
captive_check(bool is_good, const char *what)
{
	if (!is_good)
		(void)fprintf(stderr, "# %s\n", what);
	return is_good;
}

/* Run `play` in a process of its own, under a kernel with these locks. */
bool
captive_played(bool (*play)(unsigned locks), unsigned locks)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		if (locks != LOCKS_ALL && !old_kernel(LOCKS_ALL & ~locks))
			_exit(2);
		_exit(play(locks) ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}
