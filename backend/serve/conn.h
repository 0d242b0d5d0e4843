/* SPDX-License-Identifier: MIT */
#ifndef SERVE_CONN_H
#define SERVE_CONN_H

/*
 * One peer: octets in, lines out, replies out again, the same for a socket
 * and for standard input and output.  One request is answered at a time, and
 * the next is read when the peer has taken the reply.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "remote/method.h"

struct conn;

/* Who answers, and wants to know of the end. */
struct conn_hooks {
	enum outcome (*answer)(void *arg, const char *line, size_t len,
	    struct buf *reply, struct problem *problem);
	void (*ended)(void *arg, struct conn *conn);
	void *arg;
};

/*
 * Serve a peer on `in_fd` and `out_fd`, which are the same for a socket.  With
 * `is_pipe` the connection is never ended by us: PowerDNS does not recover
 * from a coprocess that died while idle.  What would end it is answered by
 * {"result":null}, which PowerDNS takes for a failure, and garbage by
 * {"result":false}.
 *
 * The descriptors pass to the connection, but for a pipe, which leaves them
 * open.  Returns NULL if the system does not take them.
 */
struct conn *conn_new(struct loop *loop, int in_fd, int out_fd, bool is_pipe,
    const struct conn_hooks *hooks);

/* Free it at once; never from within its own hooks. */
void conn_free(struct conn *conn);

/* There is a snapshot now: answer what had to wait. */
void conn_resume(struct conn *conn);

/* Return true if a reply is under way to the peer. */
bool conn_is_busy(const struct conn *conn);

/*
 * End as soon as all that was read is answered, and read nothing more but the
 * rest of a line that has begun.
 */
void conn_finish(struct conn *conn);

/*
 * Return true if it ended by conn_finish(), so that somebody else can go on
 * with the socket: the peer is there, and owed nothing.
 */
bool conn_is_finished(const struct conn *conn);

/* Return the descriptor that it reads. */
int conn_fd(const struct conn *conn);

/* Return the user of the process that connected (unix(7), SO_PEERCRED). */
uid_t conn_user(const struct conn *conn);

/* Return loop_now() of the last line that it sent whole, or of its begin. */
int64_t conn_active(const struct conn *conn);

/* End it, whatever is under way; its owner hears of that. */
void conn_close(struct conn *conn);

#endif
