/* SPDX-License-Identifier: MIT */
#include "pdns/version.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/deadline.h"

extern char **environ;

/* What is before the version, in 4.7 to 5.1. */
static const char title[] = "PowerDNS Authoritative Server ";

bool
pdns_version_parse(const char *text, struct pdns_version *ret_version)
{
	static const char digits[] = "0123456789";
	size_t first = strspn(text, digits);
	size_t second = text[first] == '.' ? strspn(text + first + 1, digits)
					   : 0;
	size_t len = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz.+~-");
	unsigned major = (unsigned)strtoul(text, NULL, 10);

	if (first == 0 || first > 3 || second == 0 || second > 3 || major < 3)
		return false;
	if (text[len] != '\0' && text[len] != ' ' && text[len] != '\n')
		return false;
	ret_version->major = major;
	ret_version->minor = (unsigned)strtoul(text + first + 1, NULL, 10);
	(void)snprintf(ret_version->text, sizeof(ret_version->text), "%.*s",
	    (int)len, text);
	return true;
}

/*
 * Start it with both of its outputs into `fd`: 4.x prints to the one, 5.x to
 * the other.  Its configuration, which may be wrong, is left out.
 */
static bool
server_start(int fd, pid_t *ret_pid)
{
	static const char *const places[] = { "pdns_server",
		"/usr/sbin/pdns_server", "/usr/local/sbin/pdns_server" };
	char *argv[] = { "pdns_server", "--no-config", "--version", NULL };
	posix_spawn_file_actions_t actions;
	bool is_started = false;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(
	    &actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, fd, STDERR_FILENO);
	for (size_t i = 0;
	     !is_started && i < sizeof(places) / sizeof(places[0]); i++)
		is_started = posix_spawnp(ret_pid, places[i], &actions, NULL,
				 argv, environ) == 0;
	(void)posix_spawn_file_actions_destroy(&actions);
	return is_started;
}

/* Read up to the end, or until time or room is over. */
static void
output_read(int fd, int wait, char *text, size_t room)
{
	const struct deadline deadline = deadline_in(wait);
	size_t len = 0;

	while (len < room - 1 && deadline_wait(&deadline, fd, POLLIN)) {
		ssize_t got = read(fd, text + len, room - 1 - len);

		if (got <= 0)
			break;
		len += (size_t)got;
	}
	text[len] = '\0';
}

bool
pdns_version_find(int wait, struct pdns_version *ret_version)
{
	char text[4096] = "";
	const char *at;
	int fds[2];
	pid_t pid;
	bool is_started;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	is_started = server_start(fds[1], &pid);
	(void)close(fds[1]);
	if (is_started)
		output_read(fds[0], wait, text, sizeof(text));
	(void)close(fds[0]);
	if (!is_started)
		return false;
	/* It has said all, or never will. */
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	at = strstr(text, title);
	return at != NULL &&
	       pdns_version_parse(at + strlen(title), ret_version);
}
