/* SPDX-License-Identifier: MIT */
#include "serve/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "fdstore.h"
#include "loop/log.h"
#include "serve/conn.h"

/* Milliseconds. */
enum {
	DRAIN = 2000,
	ACCEPT_PAUSE = 100, /* when descriptors have run out */
};

struct server {
	struct loop *loop;
	server_answer_fn *answer;
	void *arg;
	struct loop_io accept;
	struct loop_timer pause;
	struct loop_timer sweep;
	struct loop_timer drain;
	struct conn *conns[LIMIT_CONNECTIONS];
	size_t count;
	struct conn *ended[LIMIT_CONNECTIONS]; /* to be freed by sweep */
	size_t ended_count;
	bool is_draining;
	bool is_kept; /* each connection has a copy at systemd */
};

static enum outcome
server_answer(void *arg, const char *line, size_t len, struct buf *reply,
    struct problem *problem)
{
	const struct server *server = arg;

	return server->answer(server->arg, line, len, reply, problem);
}

/*
 * Who was answered in full goes on with the next process.  Others must see the
 * end now: half a line or half a reply means nothing to it.
 */
static void
peer_leave(const struct server *server, const struct conn *conn)
{
	if (server->is_kept && !conn_is_finished(conn))
		fdstore_drop(conn_fd(conn));
}

/* Its memory may still be in the loop's list of this turn: free it later. */
static void
server_ended(void *arg, struct conn *conn)
{
	struct server *server = arg;

	for (size_t i = 0; i < server->count; i++) {
		if (server->conns[i] != conn)
			continue;
		peer_leave(server, conn);
		server->conns[i] = server->conns[--server->count];
		server->ended[server->ended_count++] = conn;
		loop_timer_set(server->loop, &server->sweep, 0);
		return;
	}
}

static void
ended_free(struct server *server)
{
	for (size_t i = 0; i < server->ended_count; i++)
		conn_free(server->ended[i]);
	server->ended_count = 0;
}

static void
sweep_due(void *arg)
{
	struct server *server = arg;

	ended_free(server);
	if (server->is_draining && server->count == 0)
		loop_stop(server->loop);
}

static void
pause_due(void *arg)
{
	struct server *server = arg;

	if (!server->is_draining)
		(void)loop_add(server->loop, &server->accept, EPOLLIN);
}

static void
accept_failed(struct server *server)
{
	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
	    errno != ENOMEM)
		return;
	log_line(
	    LOG_LEVEL_WARNING, "accept: %s; trying again", strerror(errno));
	loop_remove(server->loop, &server->accept);
	loop_timer_set(server->loop, &server->pause, loop_now() + ACCEPT_PAUSE);
}

/* Serve the connection, whose descriptor passes to it; false if it cannot. */
static bool
peer_add(struct server *server, int fd)
{
	const struct conn_hooks hooks = { server_answer, server_ended, server };
	struct conn *conn = conn_new(server->loop, fd, fd, false, &hooks);

	if (conn != NULL)
		server->conns[server->count++] = conn;
	return conn != NULL;
}

static size_t
user_count(const struct server *server, uid_t user)
{
	size_t count = 0;

	for (size_t i = 0; i < server->count; i++)
		count += conn_user(server->conns[i]) == user;
	return count;
}

/* The user who has the most. */
static uid_t
user_greediest(const struct server *server)
{
	uid_t most = conn_user(server->conns[0]);

	for (size_t i = 1; i < server->count; i++) {
		uid_t user = conn_user(server->conns[i]);

		if (user != most &&
		    user_count(server, user) > user_count(server, most))
			most = user;
	}
	return most;
}

static struct conn *
user_longest_idle(const struct server *server, uid_t user)
{
	struct conn *found = NULL;

	for (size_t i = 0; i < server->count; i++)
		if (conn_user(server->conns[i]) == user &&
		    (found == NULL ||
			conn_active(server->conns[i]) < conn_active(found)))
			found = server->conns[i];
	return found;
}

/*
 * Who connects too often takes the room of his own: the connection that asked
 * nothing for the longest time goes, and comes back if somebody needs it.
 */
static void
room_make(struct server *server, uid_t user)
{
	struct conn *conn;

	if (user_count(server, user) <= LIMIT_USER_CONNECTIONS &&
	    server->count < LIMIT_CONNECTIONS)
		return;
	if (server->count == LIMIT_CONNECTIONS &&
	    user_count(server, user) <= LIMIT_USER_CONNECTIONS)
		user = user_greediest(server);
	conn = user_longest_idle(server, user);
	log_line(LOG_LEVEL_WARNING,
	    "connections: user %u has %zu, of %zu at all; the one that asked "
	    "nothing for %lld seconds is closed",
	    (unsigned)user, user_count(server, user), server->count,
	    (long long)(loop_now() - conn_active(conn)) / 1000);
	conn_close(conn);
}

static void
accept_ready(void *arg, uint32_t events)
{
	struct server *server = arg;
	int fd = accept4(
	    server->accept.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0) {
		accept_failed(server);
		return;
	}
	/* Before the sweep, which comes soon, nobody else can end. */
	if (server->ended_count == LIMIT_CONNECTIONS || !peer_add(server, fd)) {
		(void)close(fd);
		return;
	}
	if (server->is_kept)
		fdstore_keep(fd);
	room_make(server, conn_user(server->conns[server->count - 1]));
}

static void
drain_due(void *arg)
{
	struct server *server = arg;

	loop_stop(server->loop);
}

struct server *
server_new(struct loop *loop, const struct listener *listener,
    server_answer_fn *answer, void *arg)
{
	struct server *server = mem_new(sizeof(*server));

	server->loop = loop;
	server->answer = answer;
	server->arg = arg;
	server->accept = (struct loop_io){ listener->fd, accept_ready, server };
	server->pause.due = pause_due;
	server->pause.arg = server;
	server->sweep.due = sweep_due;
	server->sweep.arg = server;
	server->drain.due = drain_due;
	server->drain.arg = server;
	(void)loop_add(loop, &server->accept, EPOLLIN);
	return server;
}

void
server_free(struct server *server)
{
	if (server == NULL)
		return;
	loop_timer_clear(server->loop, &server->pause);
	loop_timer_clear(server->loop, &server->sweep);
	loop_timer_clear(server->loop, &server->drain);
	loop_remove(server->loop, &server->accept);
	for (size_t i = 0; i < server->count; i++) {
		peer_leave(server, server->conns[i]);
		conn_free(server->conns[i]);
	}
	ended_free(server);
	free(server);
}

bool
server_keep(struct server *server)
{
	int fds[LIMIT_CONNECTIONS];
	size_t count;

	server->is_kept = fdstore_exists();
	count = server->is_kept ? fdstore_take(fds, LIMIT_CONNECTIONS) : 0;
	for (size_t i = 0; i < count; i++) {
		if (peer_add(server, fds[i]))
			continue;
		fdstore_drop(fds[i]);
		(void)close(fds[i]);
	}
	if (count > 0)
		log_line(LOG_LEVEL_NOTICE,
		    "connections from before the restart: %zu", count);
	return count > 0;
}

void
server_resume(struct server *server)
{
	/* An end takes the last one's place: go from the back. */
	for (size_t i = server->count; i > 0; i--)
		conn_resume(server->conns[i - 1]);
}

void
server_drain(struct server *server)
{
	if (server->is_draining)
		return;
	server->is_draining = true;
	loop_remove(server->loop, &server->accept);
	/* An end takes the last one's place: go from the back. */
	for (size_t i = server->count; i > 0; i--)
		conn_finish(server->conns[i - 1]);
	if (server->count > 0)
		loop_timer_set(
		    server->loop, &server->drain, loop_now() + DRAIN);
	else
		loop_stop(server->loop);
}
