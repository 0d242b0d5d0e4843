/* SPDX-License-Identifier: MIT */
#include "loop/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/time.h>

#include "loop/loop.h"

struct deadline
deadline_in(int64_t ms)
{
	return (struct deadline){ .at = loop_now() + ms, .ms = ms };
}

struct deadline
deadline_within(const struct deadline *whole, int64_t ms)
{
	int left = deadline_left(whole);

	return left < ms ? (struct deadline){ .at = whole->at, .ms = left }
			 : deadline_in(ms);
}

bool
deadline_is_over(const struct deadline *deadline)
{
	return loop_now() >= deadline->at;
}

int
deadline_left(const struct deadline *deadline)
{
	int64_t left = deadline->at - loop_now();

	if (left <= 0)
		return 0;
	return left < INT_MAX ? (int)left : INT_MAX;
}

bool
deadline_wait(const struct deadline *deadline, int fd, short events)
{
	struct pollfd ready = { .fd = fd, .events = events };

	while (!deadline_is_over(deadline)) {
		int count = poll(&ready, 1, deadline_left(deadline));

		if (count > 0)
			return true;
		if (count < 0 && errno != EINTR)
			return false;
	}
	errno = ETIMEDOUT;
	return false;
}

static bool
is_connected(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return false;
	errno = error;
	return error == 0;
}

static bool
unblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

/*
 * A Unix socket whose listener's queue is full has nothing to poll(2) for: only
 * a connect(2) that blocks waits for room, for SO_SNDTIMEO (unix(7)).
 */
static bool
unix_connect(const struct deadline *deadline, int fd,
    const struct sockaddr *address, socklen_t len)
{
	int left;

	while ((left = deadline_left(deadline)) > 0) {
		const struct timeval patience = { .tv_sec = left / 1000,
			.tv_usec = left % 1000 * 1000 };

		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			sizeof(patience)) != 0)
			return false;
		if (connect(fd, address, len) == 0)
			return unblock(fd);
		if (errno != EAGAIN && errno != EINTR)
			return false;
	}
	errno = ETIMEDOUT;
	return false;
}

bool
deadline_connect(const struct deadline *deadline, int fd,
    const struct sockaddr *address, socklen_t len)
{
	if (address->sa_family == AF_UNIX)
		return unix_connect(deadline, fd, address, len);
	if (!unblock(fd))
		return false;
	if (connect(fd, address, len) == 0)
		return true;
	if (errno != EINPROGRESS && errno != EINTR)
		return false;
	return deadline_wait(deadline, fd, POLLOUT) && is_connected(fd);
}

bool
deadline_send(
    const struct deadline *deadline, int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t sent;

		if (!deadline_wait(deadline, fd, POLLOUT))
			return false;
		sent = send(fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (sent > 0) {
			at += sent;
			len -= (size_t)sent;
		}
	}
	return true;
}

ssize_t
deadline_receive(
    const struct deadline *deadline, int fd, void *data, size_t len)
{
	while (deadline_wait(deadline, fd, POLLIN)) {
		ssize_t got = recv(fd, data, len, MSG_DONTWAIT);

		if (got >= 0 || (errno != EAGAIN && errno != EINTR))
			return got;
	}
	return -1;
}

void
deadline_problem(const struct deadline *deadline, const char *who,
    const char *what, struct problem *problem)
{
	long long ms = deadline->ms;

	if (errno != ETIMEDOUT)
		problem_set(problem, "%s: %s", who, strerror(errno));
	else if (ms <= 0)
		problem_set(problem, "%s: the time for all of it is up", who);
	else if (ms % 1000 != 0)
		problem_set(problem, "%s: %s within %lld ms", who, what, ms);
	else
		problem_set(problem, "%s: %s within %lld second%s", who, what,
		    ms / 1000, ms == 1000 ? "" : "s");
}
