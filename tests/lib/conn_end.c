/* SPDX-License-Identifier: MIT */
#include "conn_end.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum outcome
answer(void *arg, const char *line, size_t len, struct buf *reply,
    struct problem *problem)
{
	struct conn_end *end = arg;

	if (len == 4 && memcmp(line, "wait", len) == 0 && !end->is_ready)
		return OUTCOME_WAIT;
	end->answers++;
	problem_set(problem, "on purpose");
	if (len == 4 && memcmp(line, "fail", len) == 0)
		return OUTCOME_CANNOT_TELL;
	if (len == 3 && memcmp(line, "bad", len) == 0)
		return OUTCOME_MALFORMED;
	buf_add(reply, line, len);
	if (len == 3 && memcmp(line, "big", len) == 0) {
		size_t more = CONN_END_BIG - 1 - reply->len;

		buf_reserve(reply, more);
		memset(reply->data + reply->len, '0', more);
		reply->len += more;
	}
	buf_add_string(reply, "\n");
	return OUTCOME_REPLY;
}

static void
ended(void *arg, struct conn *conn)
{
	struct conn_end *end = arg;

	assert(conn == end->conn);
	end->ended++;
}

static void
begin(struct conn_end *end, int in_fd, int out_fd, bool is_pipe)
{
	const struct conn_hooks hooks = { answer, ended, end };

	loop_init(&end->loop);
	end->conn = conn_new(&end->loop, in_fd, out_fd, is_pipe, &hooks);
	assert(end->conn != NULL);
}

void
conn_end_init_socket(struct conn_end *end)
{
	int fds[2];
	int status = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds);

	assert(status == 0);
	*end = (struct conn_end){ .to = fds[0], .from = fds[0] };
	begin(end, fds[1], fds[1], false);
}

void
conn_end_init_pipe(struct conn_end *end)
{
	int fds[2];
	int status = pipe2(fds, O_NONBLOCK);

	assert(status == 0);
	conn_end_init_file(end, fds[0]);
	end->to = fds[1];
}

void
conn_end_init_file(struct conn_end *end, int in_fd)
{
	int fds[2];
	int status = pipe2(fds, O_NONBLOCK);

	assert(status == 0);
	*end = (struct conn_end){ .to = -1, .from = fds[0] };
	begin(end, in_fd, fds[1], true);
}

void
conn_end_fini(struct conn_end *end)
{
	conn_free(end->conn);
	conn_end_close_to(end);
	conn_end_close_from(end);
	loop_fini(&end->loop);
}

void
conn_end_turn(struct conn_end *end)
{
	for (int i = 0; i < 8; i++)
		loop_turn(&end->loop, 0);
}

void
conn_end_write(struct conn_end *end, const char *text, size_t len)
{
	ssize_t put = write(end->to, text, len);

	assert(put == (ssize_t)len);
	(void)put;
}

void
conn_end_say(struct conn_end *end, const char *text)
{
	conn_end_write(end, text, strlen(text));
	conn_end_turn(end);
}

void
conn_end_say_long(struct conn_end *end, size_t len)
{
	char piece[1024];
	ssize_t put = 1;

	memset(piece, 'x', sizeof(piece));
	for (size_t said = 0; said < len && put > 0; said += (size_t)put) {
		size_t left = len - said;

		put = write(end->to, piece,
		    left < sizeof(piece) ? left : sizeof(piece));
		conn_end_turn(end);
	}
	if (put > 0)
		conn_end_say(end, "\n");
}

const char *
conn_end_hear(struct conn_end *end)
{
	static char text[65536];
	ssize_t got = read(end->from, text, sizeof(text) - 1);

	if (got == 0 || (got < 0 && errno == ECONNRESET))
		return NULL;
	assert(got > 0 || errno == EAGAIN);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

size_t
conn_end_hear_all(struct conn_end *end, size_t piece, size_t *ret_lines)
{
	char text[65536];
	size_t total = 0;
	ssize_t got;

	assert(piece <= sizeof(text));
	*ret_lines = 0;
	do {
		loop_turn(&end->loop, 0);
		got = read(end->from, text, piece);
		for (ssize_t i = 0; i < got; i++)
			*ret_lines += text[i] == '\n';
		if (got > 0)
			total += (size_t)got;
	} while (got > 0);
	return total;
}

void
conn_end_close_to(struct conn_end *end)
{
	if (end->to < 0)
		return;
	if (end->to == end->from)
		end->from = -1;
	(void)close(end->to);
	end->to = -1;
}

void
conn_end_close_from(struct conn_end *end)
{
	if (end->from < 0)
		return;
	(void)close(end->from);
	end->from = -1;
}

void
conn_end_free(struct conn_end *end)
{
	conn_free(end->conn);
	end->conn = NULL;
}
