/* SPDX-License-Identifier: MIT */
#include "loop/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 64 };

void
loop_init(struct loop *loop)
{
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		perror("pdns-tlsa: epoll");
		exit(EXIT_FAILURE);
	}
	timers_init(&loop->timers);
	loop->always = NULL;
	loop->stopped = false;
}

void
loop_fini(struct loop *loop)
{
	(void)close(loop->epoll_fd);
	timers_fini(&loop->timers);
}

int64_t
loop_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
wait_limit(const struct loop *loop, int wait_ms)
{
	const struct timer *timer = timers_first(&loop->timers);
	int64_t left;

	if (loop->always != NULL)
		return 0;
	if (timer == NULL)
		return wait_ms;
	left = timer->when - loop_now();
	if (left < 0)
		left = 0;
	if (left > 60000)
		left = 60000;
	return wait_ms >= 0 && wait_ms < left ? wait_ms : (int)left;
}

static void
timer_run(struct loop *loop)
{
	struct timer *timer = timers_first(&loop->timers);
	struct loop_timer *due;

	if (timer == NULL || timer->when > loop_now())
		return;
	timers_clear(&loop->timers, timer);
	due = timer->item;
	due->due(due->arg);
}

void
loop_turn(struct loop *loop, int wait_ms)
{
	struct epoll_event events[EVENTS_PER_TURN];
	int count = epoll_wait(
	    loop->epoll_fd, events, EVENTS_PER_TURN, wait_limit(loop, wait_ms));

	for (int i = 0; i < count; i++) {
		const struct loop_io *io = events[i].data.ptr;

		io->ready(io->arg, events[i].events);
	}
	if (loop->always != NULL)
		loop->always->ready(loop->always->arg, EPOLLIN);
	timer_run(loop);
}

void
loop_run(struct loop *loop)
{
	while (!loop->stopped)
		loop_turn(loop, -1);
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

bool
loop_add(struct loop *loop, struct loop_io *io, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = io };

	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, io->fd, &event) == 0)
		return true;
	if (errno != EPERM || loop->always != NULL)
		return false;
	loop->always = io;
	return true;
}

void
loop_change(struct loop *loop, struct loop_io *io, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = io };

	(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, io->fd, &event);
}

void
loop_remove(struct loop *loop, struct loop_io *io)
{
	if (loop->always == io)
		loop->always = NULL;
	else
		(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, io->fd, NULL);
}

void
loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t when)
{
	timers_set(&loop->timers, &timer->timer, when, timer);
}

void
loop_timer_clear(struct loop *loop, struct loop_timer *timer)
{
	timers_clear(&loop->timers, &timer->timer);
}
