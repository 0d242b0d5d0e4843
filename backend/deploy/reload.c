/* SPDX-License-Identifier: MIT */
#include "deploy/reload.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/deadline.h"

enum { GRACE_MS = 1000 }; /* between the word to end and the end */

/* Signals that are of the command while it runs, as in system(3). */
static const int terminal[] = { SIGINT, SIGQUIT };
enum { TERMINAL = sizeof(terminal) / sizeof(terminal[0]) };

static int
shell_start(const char *command, const sigset_t *defaults, pid_t *ret_pid)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" },
		(char *)(uintptr_t)command, NULL };
	posix_spawnattr_t attributes;
	int error = posix_spawnattr_init(&attributes);

	if (error != 0)
		return error;
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigdefault(&attributes, defaults);
	error = posix_spawn(
	    ret_pid, "/bin/sh", NULL, &attributes, argv, environ);
	(void)posix_spawnattr_destroy(&attributes);
	return error;
}

/* Wait until it ends, or `max` is over: then false. */
static bool
is_ended(int fd, int64_t max)
{
	const struct deadline deadline = deadline_in(max);

	return deadline_wait(&deadline, fd, POLLIN) || errno != ETIMEDOUT;
}

/* *ret_late: it had to be ended. */
static int
shell_wait(pid_t pid, int64_t max, bool *ret_late)
{
	/* Without one, on an old kernel, it has all the time. */
	int fd = pidfd_open(pid, 0);
	int status = -1;

	*ret_late = fd >= 0 && !is_ended(fd, max);
	if (*ret_late) {
		(void)kill(pid, SIGTERM);
		if (!is_ended(fd, GRACE_MS))
			(void)kill(pid, SIGKILL);
	}
	if (fd >= 0)
		(void)close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

bool
reload_run(const char *command, int64_t max, struct problem *problem)
{
	void (*before[TERMINAL])(int);
	sigset_t defaults;
	bool is_late = false;
	int status = -1;
	pid_t pid;
	int error;

	(void)sigemptyset(&defaults);
	/* Who ignores it, as some that start us do, hears of no end. */
	(void)signal(SIGCHLD, SIG_DFL);
	for (size_t i = 0; i < TERMINAL; i++) {
		before[i] = signal(terminal[i], SIG_IGN);
		if (before[i] != SIG_IGN)
			(void)sigaddset(&defaults, terminal[i]);
	}
	error = shell_start(command, &defaults, &pid);
	if (error == 0)
		status = shell_wait(pid, max, &is_late);
	for (size_t i = 0; i < TERMINAL; i++)
		(void)signal(terminal[i], before[i]);
	if (error != 0)
		problem_set(problem, "/bin/sh: %s", strerror(error));
	else if (is_late)
		problem_set(problem, "it did not end within %lld s",
		    (long long)max / 1000);
	else if (WIFSIGNALED(status))
		problem_set(
		    problem, "it was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		problem_set(
		    problem, "it ended with status %d", WEXITSTATUS(status));
	return error == 0 && !is_late && status == 0;
}
