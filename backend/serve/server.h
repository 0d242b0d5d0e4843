/* SPDX-License-Identifier: MIT */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

/*
 * The connections of a listening socket: accepted, answered by whoever does,
 * and brought to their ends.
 */

#include <stdbool.h>

#include "loop/loop.h"
#include "remote/method.h"
#include "serve/listener.h"

struct server;

/* Answer one line, as method_answer() does. */
typedef enum outcome server_answer_fn(void *arg, const char *line, size_t len,
    struct buf *reply, struct problem *problem);

/* Serve `listener` (borrowed) from now on. */
struct server *server_new(struct loop *loop, const struct listener *listener,
    server_answer_fn *answer, void *arg);

/*
 * Have the connections outlive this process, and go on with those of the
 * process before, if systemd does so: see serve/fdstore.h.  Returns true if
 * there are any.
 */
bool server_keep(struct server *server);

/* End all connections at once, but for those that are kept. */
void server_free(struct server *server);

/* Answer those that had to wait (OUTCOME_WAIT). */
void server_resume(struct server *server);

/*
 * Accept no more, answer what has been read, and stop the loop when that is
 * done, or after two seconds.  What is read of a line goes on being read.
 */
void server_drain(struct server *server);

#endif
