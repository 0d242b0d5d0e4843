/* SPDX-License-Identifier: MIT */
#ifndef SERVER_H
#define SERVER_H

/*
 * The connections of the daemon: accepted from a listener, answered by an
 * engine, and brought to their ends.
 */

#include <stdbool.h>

#include "engine.h"
#include "listener.h"
#include "loop.h"

struct server;

/* Serve `listener` (borrowed) from now on. */
struct server *server_new(
    struct loop *loop, struct engine *engine, struct listener *listener);

/* End all connections at once. */
void server_free(struct server *server);

/* The engine is ready: answer those that wait for it. */
void server_resume(struct server *server);

/*
 * Accept no more, let replies under way go out, and stop the loop when they
 * are, or after two seconds.
 */
void server_drain(struct server *server);

#endif
