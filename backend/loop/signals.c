/* SPDX-License-Identifier: MIT */
#include "loop/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void
signals_ready(void *arg, uint32_t events)
{
	const struct signals *signals = arg;
	struct signalfd_siginfo info;

	(void)events;
	if (read(signals->io.fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP && signals->reload != NULL)
		signals->reload(signals->arg);
	else
		signals->terminate(signals->arg);
}

void
signals_init(struct signals *signals, struct loop *loop)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	signals->loop = loop;
	signals->io = (struct loop_io){ signalfd(-1, &set,
					    SFD_NONBLOCK | SFD_CLOEXEC),
		signals_ready, signals };
	(void)loop_add(loop, &signals->io, EPOLLIN);
}

void
signals_fini(struct signals *signals)
{
	loop_remove(signals->loop, &signals->io);
	(void)close(signals->io.fd);
}
