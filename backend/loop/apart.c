/* SPDX-License-Identifier: MIT */
#include "apart.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void
signals_set(void (*handler)(int))
{
	static const int list[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		(void)signal(list[i], handler);
}

/* PowerDNS's pipes, systemd's sockets and what else was open are not ours. */
static void
descriptors_leave(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
	}
	if (fd > STDERR_FILENO + 1)
		(void)close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	(void)close_range((unsigned)fd + 1, UINT_MAX, 0);
}

int
apart_begin(const char *name, int socket)
{
	sigset_t set;

	(void)prctl(PR_SET_NAME, name);
	signals_set(SIG_IGN);
	descriptors_leave(socket);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void
apart_end(void)
{
	sigset_t none;

	signals_set(SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}
