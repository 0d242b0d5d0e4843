/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_BENCH_H
#define CONTROL_BENCH_H

/*
 * A control socket as PowerDNS has it: one command a connection, a reply, and
 * the end; and what standard error, the log, gets.
 */

#include <stdio.h>

#include "loop/loop.h"
#include "pdns/control.h"
#include "tree.h"

/* A PURGE that was heard once. */
struct heard {
	struct heard *next;
	char *command;
};

struct bench {
	struct tree tree;
	struct loop loop;
	struct pdns_control *control;
	int64_t late; /* of control */
	char *path;
	int listen_fd;
	FILE *log;
	int stderr_fd;
	struct heard *heard; /* each PURGE that was not yet heard again */
};

/* Set-up and tear-down of a test; *state is a struct bench. */
int control_bench_begin(void **state);
int control_bench_end(void **state);

/* Listen (again); the end is close() of listen_fd. */
void bench_listen(struct bench *bench);

/* Return how many lines of the log have this in them. */
unsigned bench_logged(const struct bench *bench, const char *text);

/* Wait for a connection. */
int bench_accept(struct bench *bench);

/*
 * Each PURGE comes again a second later, and on a busy machine that may be
 * before the next command: those are answered and passed over.
 *
 * Take the next command that is new, and reply; free() it.
 */
char *bench_serve(struct bench *bench, const char *reply);

/* The next new command is this one. */
void bench_expect(struct bench *bench, const char *command, const char *reply);

/* Whatever was purged is purged once more, and nothing else comes. */
void bench_expect_quiet(struct bench *bench);

#endif
