/* SPDX-License-Identifier: MIT */
#include "serve/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "loop/log.h"

enum {
	READ_SIZE = 16384,   /* octets per turn */
	STALLED = 30000,     /* milliseconds a peer may not read */
	REPLY_KEEP = 262144, /* octets of memory kept between replies */
};

struct conn {
	struct loop *loop;
	struct loop_io in;
	struct loop_io out; /* pipe only */
	struct loop_timer stalled;
	struct conn_hooks hooks;
	struct buf request;
	struct buf reply;
	size_t sent;    /* octets of reply */
	size_t scanned; /* octets of request without newline */
	bool is_pipe;
	bool is_waiting;    /* for the first snapshot */
	bool is_discarding; /* the rest of an overlong line */
	bool is_at_end;     /* the peer will send no more */
	bool is_finishing;  /* nothing new is read */
	bool is_finished;
	bool is_ended;
	uint32_t events;   /* asked for on `in` */
	bool out_asked;    /* EPOLLOUT on `out` */
	struct ucred peer; /* of a socket */
	int64_t active;    /* see conn_active() */
};

/* Who asks, for the log; not by name, which may take a look-up. */
static void
conn_log(const struct conn *conn, enum log_level level, const char *text,
    const char *after)
{
	if (conn->is_pipe)
		log_line(level, "request: %s%s", text, after);
	else
		log_line(level, "request of user %u: process %d: %s%s",
		    (unsigned)conn->peer.uid, (int)conn->peer.pid, text, after);
}

static void
conn_end(struct conn *conn)
{
	if (conn->is_ended)
		return;
	conn->is_ended = true;
	loop_remove(conn->loop, &conn->in);
	if (conn->out_asked)
		loop_remove(conn->loop, &conn->out);
	loop_timer_clear(conn->loop, &conn->stalled);
	conn->hooks.ended(conn->hooks.arg, conn);
}

bool
conn_is_busy(const struct conn *conn)
{
	return conn->sent < conn->reply.len;
}

bool
conn_is_finished(const struct conn *conn)
{
	return conn->is_finished;
}

int
conn_fd(const struct conn *conn)
{
	return conn->in.fd;
}

uid_t
conn_user(const struct conn *conn)
{
	return conn->peer.uid;
}

int64_t
conn_active(const struct conn *conn)
{
	return conn->active;
}

void
conn_close(struct conn *conn)
{
	conn_end(conn);
}

/* Ask the loop for just what can be done now. */
static void
conn_ask(struct conn *conn)
{
	bool busy = conn_is_busy(conn);
	bool read_more = !busy && !conn->is_waiting && !conn->is_at_end;
	uint32_t events = read_more ? EPOLLIN : 0;

	if (!conn->is_pipe && busy)
		events |= EPOLLOUT;
	if (events != conn->events)
		loop_change(conn->loop, &conn->in, events);
	conn->events = events;
	if (conn->is_pipe && busy != conn->out_asked) {
		if (busy)
			(void)loop_add(conn->loop, &conn->out, EPOLLOUT);
		else
			loop_remove(conn->loop, &conn->out);
		conn->out_asked = busy;
	}
}

/* Write what the peer takes now; false if it is gone. */
static bool
conn_write(struct conn *conn)
{
	while (conn_is_busy(conn)) {
		ssize_t put = write(conn->out.fd, conn->reply.data + conn->sent,
		    conn->reply.len - conn->sent);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN) {
			if (!conn->stalled.timer.is_set || conn->sent > 0)
				loop_timer_set(conn->loop, &conn->stalled,
				    loop_now() + STALLED);
			return true;
		}
		if (put < 0)
			return false;
		conn->sent += (size_t)put;
	}
	if (conn->stalled.timer.is_set)
		loop_timer_clear(conn->loop, &conn->stalled);
	conn->sent = 0;
	if (conn->reply.room > REPLY_KEEP)
		buf_fini(&conn->reply);
	buf_clear(&conn->reply);
	return true;
}

/* What a peer gets that asked for something we cannot answer. */
static bool
conn_refuse(
    struct conn *conn, enum outcome outcome, const struct problem *problem)
{
	/* The name that cannot be told was logged once, when it came to that.
	 */
	conn_log(conn,
	    outcome == OUTCOME_CANNOT_TELL ? LOG_LEVEL_DEBUG
					   : LOG_LEVEL_WARNING,
	    problem->text, conn->is_pipe ? "" : "; connection closed");
	if (!conn->is_pipe)
		return false;
	buf_add_string(&conn->reply, outcome == OUTCOME_CANNOT_TELL
					 ? "{\"result\":null}\n"
					 : "{\"result\":false}\n");
	return true;
}

/* Answer one line; false ends the connection. */
static bool
conn_answer(struct conn *conn, const char *line, size_t len)
{
	struct problem problem = { "" };
	enum outcome outcome;

	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	if (len == 0)
		return true;
	conn->active = loop_now();
	outcome = conn->hooks.answer(
	    conn->hooks.arg, line, len, &conn->reply, &problem);
	if (outcome == OUTCOME_WAIT)
		conn->is_waiting = true;
	if (outcome == OUTCOME_REPLY && problem.text[0] != '\0')
		conn_log(conn, LOG_LEVEL_WARNING, problem.text, "");
	if (outcome == OUTCOME_REPLY || outcome == OUTCOME_WAIT)
		return true;
	return conn_refuse(conn, outcome, &problem);
}

static bool
conn_too_long(struct conn *conn)
{
	struct problem problem;

	conn->is_discarding = true;
	problem_set(&problem, "line longer than %d octets", LIMIT_LINE);
	return conn_refuse(conn, OUTCOME_MALFORMED, &problem);
}

/*
 * Find the next line: its length, and in *ret_whole what to take away with
 * it.  Returns false if there is none yet.
 */
static bool
conn_next_line(struct conn *conn, size_t *ret_len, size_t *ret_whole)
{
	struct buf *request = &conn->request;
	const char *newline = NULL;

	if (conn->scanned < request->len)
		newline = memchr(request->data + conn->scanned, '\n',
		    request->len - conn->scanned);
	if (newline == NULL) {
		conn->scanned = request->len;
		/* A last line without its newline, from a person. */
		*ret_len = *ret_whole = request->len;
		return conn->is_at_end && request->len > 0;
	}
	*ret_len = (size_t)(newline - request->data);
	*ret_whole = *ret_len + 1;
	return true;
}

/* Answer what has been read; false ends the connection. */
static bool
conn_work(struct conn *conn)
{
	size_t len;
	size_t whole;
	bool go_on = true;

	while (go_on && !conn->is_waiting && !conn_is_busy(conn) &&
	       conn_next_line(conn, &len, &whole)) {
		if (conn->is_discarding)
			conn->is_discarding = false;
		else
			go_on = conn_answer(conn, conn->request.data, len);
		if (!conn->is_waiting) {
			buf_consume(&conn->request, whole);
			conn->scanned = 0;
		}
		go_on = go_on && conn_write(conn);
	}
	if (go_on && !conn->is_waiting && !conn_is_busy(conn) &&
	    conn->request.len > LIMIT_LINE) {
		if (!conn->is_discarding)
			go_on = conn_too_long(conn) && conn_write(conn);
		buf_clear(&conn->request);
		conn->scanned = 0;
	}
	return go_on;
}

static void
conn_turn(struct conn *conn)
{
	bool go_on = conn_work(conn);
	bool is_idle = !conn_is_busy(conn) && !conn->is_waiting;

	conn->is_finished = go_on && is_idle && !conn->is_at_end &&
			    conn->is_finishing && conn->request.len == 0;
	if (!go_on || (conn->is_at_end && is_idle) || conn->is_finished)
		conn_end(conn);
	else
		conn_ask(conn);
}

static void
conn_readable(struct conn *conn)
{
	ssize_t got;

	buf_reserve(&conn->request, READ_SIZE);
	got = read(
	    conn->in.fd, conn->request.data + conn->request.len, READ_SIZE);
	if (got > 0)
		conn->request.len += (size_t)got;
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		conn->is_at_end = true;
	conn_turn(conn);
}

static void
conn_in_ready(void *arg, uint32_t events)
{
	struct conn *conn = arg;

	if (conn->is_ended)
		return;
	if (conn_is_busy(conn) && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
		if (!conn_write(conn)) {
			conn_end(conn);
			return;
		}
		conn_turn(conn);
	} else if (events & EPOLLIN) {
		/* A plain file is always ready, asked for or not. */
		if ((conn->events & EPOLLIN) != 0)
			conn_readable(conn);
	} else if (events & (EPOLLERR | EPOLLHUP)) {
		/* Whoever waits for a snapshot has gone. */
		if (!conn->is_pipe)
			conn_end(conn);
		else if (!conn->is_waiting)
			conn_readable(conn);
	}
}

static void
conn_out_ready(void *arg, uint32_t events)
{
	struct conn *conn = arg;

	(void)events;
	if (conn->is_ended)
		return;
	if (!conn_write(conn))
		conn_end(conn);
	else
		conn_turn(conn);
}

static void
conn_stalled(void *arg)
{
	struct problem problem;

	problem_set(
	    &problem, "has not read its reply for %d seconds", STALLED / 1000);
	conn_log(arg, LOG_LEVEL_WARNING, problem.text, "; connection closed");
	conn_end(arg);
}

void
conn_resume(struct conn *conn)
{
	if (conn->is_ended || !conn->is_waiting)
		return;
	conn->is_waiting = false;
	conn_turn(conn);
}

void
conn_finish(struct conn *conn)
{
	conn->is_finishing = true;
	if (!conn->is_ended)
		conn_turn(conn);
}

struct conn *
conn_new(struct loop *loop, int in_fd, int out_fd, bool is_pipe,
    const struct conn_hooks *hooks)
{
	struct conn *conn = mem_new(sizeof(*conn));
	socklen_t len = sizeof(conn->peer);

	conn->loop = loop;
	conn->active = loop_now();
	if (!is_pipe &&
	    getsockopt(in_fd, SOL_SOCKET, SO_PEERCRED, &conn->peer, &len) != 0)
		conn->peer = (struct ucred){ 0 };
	conn->in = (struct loop_io){ in_fd, conn_in_ready, conn };
	conn->out = (struct loop_io){ out_fd, conn_out_ready, conn };
	conn->stalled.due = conn_stalled;
	conn->stalled.arg = conn;
	conn->hooks = *hooks;
	conn->is_pipe = is_pipe;
	conn->events = EPOLLIN;
	if (!loop_add(loop, &conn->in, EPOLLIN)) {
		free(conn);
		return NULL;
	}
	return conn;
}

void
conn_free(struct conn *conn)
{
	if (conn == NULL)
		return;
	if (!conn->is_ended) {
		loop_remove(conn->loop, &conn->in);
		if (conn->out_asked)
			loop_remove(conn->loop, &conn->out);
		loop_timer_clear(conn->loop, &conn->stalled);
	}
	if (!conn->is_pipe)
		(void)close(conn->in.fd);
	buf_fini(&conn->request);
	buf_fini(&conn->reply);
	free(conn);
}
