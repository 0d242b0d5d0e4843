/* SPDX-License-Identifier: MIT */
#ifndef SERVER_H
#define SERVER_H

/*
 * The connections of a listening socket: accepted, answered by whoever does,
 * and brought to their ends.
 */

#include <stdbool.h>

#include "listener.h"
#include "loop.h"
#include "method.h"

struct server;

/* Answer one line, as method_answer() does. */
typedef enum outcome server_answer_fn(void *arg, const char *line, size_t len,
    struct buf *reply, struct problem *problem);

/* Serve `listener` (borrowed) from now on. */
struct server *server_new(struct loop *loop, const struct listener *listener,
    server_answer_fn *answer, void *arg);

/* End all connections at once. */
void server_free(struct server *server);

/* Answer those that had to wait (OUTCOME_WAIT). */
void server_resume(struct server *server);

/*
 * Accept no more, let replies under way go out, and stop the loop when they
 * are, or after two seconds.
 */
void server_drain(struct server *server);

#endif
