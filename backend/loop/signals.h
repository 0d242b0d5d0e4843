/* SPDX-License-Identifier: MIT */
#ifndef LOOP_SIGNALS_H
#define LOOP_SIGNALS_H

/*
 * Signals as one more descriptor of the loop (signalfd(2)), so that nothing
 * ever runs in a signal handler.
 */

#include "loop/loop.h"

struct signals {
	struct loop *loop;
	struct loop_io io;
	void (*terminate)(void *arg); /* SIGTERM, SIGINT */
	void (*reload)(void *arg);    /* SIGHUP; NULL: ends as SIGTERM does */
	void *arg;
};

/*
 * Begin to receive; the functions and `arg` of `signals` are set by the
 * caller.  SIGPIPE is ignored from here on: a peer that goes is an error of
 * write(2).  End with signals_fini().
 */
void signals_init(struct signals *signals, struct loop *loop);
void signals_fini(struct signals *signals);

#endif
