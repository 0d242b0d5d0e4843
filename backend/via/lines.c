/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/limit.h"
#include "loop/deadline.h"

void
lines_init(struct lines *lines, int in, int out)
{
	*lines = (struct lines){ .in = in, .out = out };
}

void
lines_fini(struct lines *lines)
{
	buf_fini(&lines->read);
}

/* Take a whole line out of what came. */
static bool
line_take(struct lines *lines, const char **ret_line, size_t *ret_len)
{
	const char *eol;

	buf_consume(&lines->read, lines->taken);
	lines->taken = 0;
	eol = lines->read.len > 0
		  ? memchr(lines->read.data, '\n', lines->read.len)
		  : NULL;
	if (eol == NULL)
		return false;
	*ret_line = lines->read.data;
	*ret_len = (size_t)(eol - lines->read.data);
	lines->taken = *ret_len + 1;
	/* A terminal on the way, or a system that ends lines so. */
	if (*ret_len > 0 && eol[-1] == '\r')
		(*ret_len)--;
	return *ret_len <= LIMIT_VIA_LINE;
}

static enum status
more_read(struct lines *lines, const struct deadline *deadline,
    struct problem *problem)
{
	char octets[16384];
	struct pollfd one = { lines->in, POLLIN, 0 };
	int ready = poll(&one, 1, deadline_left(deadline));
	ssize_t got;

	if (ready == 0 || (ready < 0 && errno == EINTR))
		return STATUS_BUSY;
	got = ready < 0 ? -1 : read(lines->in, octets, sizeof(octets));
	if (got < 0 && errno == EINTR)
		return STATUS_BUSY;
	if (got <= 0) {
		problem_set(problem, "%s",
		    got == 0 ? "the connection was closed" : strerror(errno));
		return got == 0 ? STATUS_ABSENT : STATUS_IO;
	}
	buf_add(&lines->read, octets, (size_t)got);
	return STATUS_OK;
}

enum status
lines_read(struct lines *lines, int64_t ms, const char **ret_line,
    size_t *ret_len, struct problem *problem)
{
	const struct deadline deadline = deadline_in(ms);
	enum status status;

	for (;;) {
		if (line_take(lines, ret_line, ret_len))
			return STATUS_OK;
		if (lines->read.len > LIMIT_VIA_LINE) {
			problem_set(problem, "a line is longer than %d octets",
			    LIMIT_VIA_LINE);
			return STATUS_LIMIT;
		}
		status = more_read(lines, &deadline, problem);
		if (status != STATUS_OK && status != STATUS_BUSY)
			return status;
		if (status == STATUS_BUSY && deadline_is_over(&deadline)) {
			problem_set(problem, "nothing was heard for %lld s",
			    (long long)ms / 1000);
			return STATUS_BUSY;
		}
	}
}

bool
lines_write(struct lines *lines, int64_t ms, const struct buf *text,
    struct problem *problem)
{
	const struct deadline deadline = deadline_in(ms);
	size_t at = 0;

	while (at < text->len) {
		/* So much a pipe that is ready takes without waiting. */
		size_t len = text->len - at < PIPE_BUF ? text->len - at
						       : PIPE_BUF;
		ssize_t put = -1;

		if (deadline_wait(&deadline, lines->out, POLLOUT))
			put = write(lines->out, text->data + at, len);
		if (put < 0 && errno != EINTR && errno != EAGAIN) {
			problem_set(problem, "cannot be written to: %s",
			    strerror(errno));
			return false;
		}
		at += put > 0 ? (size_t)put : 0;
	}
	return true;
}
