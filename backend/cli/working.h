/* SPDX-License-Identifier: MIT */
#ifndef CLI_WORKING_H
#define CLI_WORKING_H

/*
 * Where a command is that takes its time: a line that changes on the terminal
 * that standard error is, from one second after the begin on, and is gone at
 * the end.  Nothing anywhere else.
 * Threads: one at a time; a thread of its own looks at the time, for who works
 * waits for others.
 */

#include <pthread.h>
#include <stdbool.h>

enum { WORKING_SIZE = 256 };

struct working {
	bool is_seen; /* there is a terminal; otherwise the rest is empty */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t over;
	bool is_over;
	bool is_shown; /* the second has passed */
	int columns;
	char text[WORKING_SIZE];
};

/* Begin; to be ended by working_end() before anything else is printed. */
void working_begin(struct working *working);

/* What is done from now on. */
void working_on(struct working *working, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void working_end(struct working *working);

#endif
