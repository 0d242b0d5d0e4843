/* SPDX-License-Identifier: MIT */
#ifndef CONN_END_H
#define CONN_END_H

/*
 * A connection of ours in a loop of its own, and the peer's end of it, for
 * tests of backend/serve/conn.c.  Nothing blocks; a set-up that fails aborts.
 */

#include "serve/conn.h"

enum { CONN_END_BIG = 4 * 1024 * 1024 }; /* octets of the reply to "big" */

struct conn_end {
	struct loop loop;
	struct conn *conn;
	int to;        /* the peer writes requests here; -1: closed */
	int from;      /* and reads replies here; the same for a socket */
	int answers;   /* lines that were answered */
	int ended;     /* how often the connection said that it ended */
	bool is_ready; /* there is a snapshot */
};

/*
 * Begin, by a socket, by two pipes, or by `in_fd` and a pipe.  The line says
 * how it is answered: "fail" (cannot tell), "bad" (malformed), "wait" (until
 * is_ready), "big"; any other is echoed.
 */
void conn_end_init_socket(struct conn_end *end);
void conn_end_init_pipe(struct conn_end *end);
void conn_end_init_file(struct conn_end *end, int in_fd);

void conn_end_fini(struct conn_end *end);

/* Turn the loop until nothing more can happen by itself. */
void conn_end_turn(struct conn_end *end);

/* Write, and in the second form turn the loop. */
void conn_end_write(struct conn_end *end, const char *text, size_t len);
void conn_end_say(struct conn_end *end, const char *text);

/* Say a line of `len` octets x, as far as the other end takes it. */
void conn_end_say_long(struct conn_end *end, size_t len);

/* Return what can be read now, "" if nothing; NULL: they hung up. */
const char *conn_end_hear(struct conn_end *end);

/* Read to the end, turning the loop, in pieces; return how many octets. */
size_t conn_end_hear_all(struct conn_end *end, size_t piece, size_t *ret_lines);

/* The peer stops writing, or reading, or for a socket both. */
void conn_end_close_to(struct conn_end *end);
void conn_end_close_from(struct conn_end *end);

/* Our side is freed, as its owner does after the end. */
void conn_end_free(struct conn_end *end);

#endif
