/* SPDX-License-Identifier: MIT */
#include "ssh.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/plain.h"
#include "loop/deadline.h"

enum { GRACE_MS = 1000, PAUSE_MS = 10 };

/*
 * In front it would be an option of ssh; behind the user, one of what
 * ssh_config(5) may start with the name (ProxyCommand).
 */
static bool
is_option(const char *host)
{
	const char *at = strrchr(host, '@');

	return host[0] == '-' || (at != NULL && at[1] == '-');
}

enum status
ssh_parse(const char *text, char **ret_destination, struct problem *problem)
{
	static const char signs[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-+@:[]%/";
	bool is_url = strncmp(text, "ssh://", 6) == 0;
	const char *host = text + (is_url ? 6 : 4);

	if (strncmp(text, "ssh:", 4) != 0 || host[0] == '\0' ||
	    is_option(host) || strspn(host, signs) != strlen(host) ||
	    host[strlen(host) - 1] == '@') {
		problem_set(problem,
		    "'%.100s': must be ssh:HOST, ssh:USER@HOST or "
		    "ssh://USER@HOST:PORT",
		    plain_of(text).text);
		return STATUS_MALFORMED;
	}
	*ret_destination = mem_string(is_url ? text : host);
	return STATUS_OK;
}

/* Both ends of both; returns false with errno. */
static bool
pipes_make(int in[2], int out[2])
{
	if (pipe2(in, O_CLOEXEC) != 0)
		return false;
	if (pipe2(out, O_CLOEXEC) == 0)
		return true;
	(void)close(in[0]);
	(void)close(in[1]);
	return false;
}

/* Nothing that we ignore is ignored there. */
static int
program_start(const char *destination, int in, int out, pid_t *ret_pid)
{
	/* A forced command takes the place of the last two. */
	char *const argv[] = { (char[]){ "ssh" }, (char[]){ "-T" },
		(char[]){ "--" }, (char *)(uintptr_t)destination,
		(char[]){ "pdns-tlsa" }, (char[]){ "receive" }, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int error;

	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGPIPE);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigdefault(&attributes, &defaults);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	error = posix_spawnp(
	    ret_pid, argv[0], &actions, &attributes, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return error;
}

enum status
ssh_begin(const char *destination, struct ssh *ret_ssh, struct problem *problem)
{
	struct ssh ssh = { -1, -1, -1 };
	int in[2];
	int out[2];
	int error;

	/* Who ignores it, as some that start us do, hears of no end. */
	(void)signal(SIGCHLD, SIG_DFL);
	if (!pipes_make(in, out))
		return problem_errno(problem, "ssh");
	error = program_start(destination, in[0], out[1], &ssh.pid);
	(void)close(in[0]);
	(void)close(out[1]);
	ssh.in = in[1];
	ssh.out = out[0];
	if (error == 0) {
		*ret_ssh = ssh;
		return STATUS_OK;
	}
	(void)close(ssh.in);
	(void)close(ssh.out);
	problem_set(
	    problem, "ssh: %s; install openssh-client", strerror(error));
	return STATUS_IO;
}

/* Returns true when it has ended. */
static bool
is_ended(pid_t pid, int *status)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	const struct deadline deadline = deadline_in(GRACE_MS);

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (deadline_is_over(&deadline))
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return true;
}

int
ssh_end(struct ssh *ssh)
{
	int status = -1;

	(void)close(ssh->in);
	(void)close(ssh->out);
	if (!is_ended(ssh->pid, &status)) {
		(void)kill(ssh->pid, SIGTERM);
		if (!is_ended(ssh->pid, &status)) {
			(void)kill(ssh->pid, SIGKILL);
			while (
			    waitpid(ssh->pid, &status, 0) < 0 && errno == EINTR)
				;
		}
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
