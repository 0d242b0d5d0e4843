/* SPDX-License-Identifier: MIT */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

/*
 * One loop over everything that can happen: descriptors that become ready,
 * and points in time.  At most one timer is served per turn, so that a long
 * row of due work never holds up a descriptor.
 */

#include <stdbool.h>
#include <stdint.h>

#include "sets/timer.h"

/* A descriptor in the loop; embed it, it must stay in place. */
struct loop_io {
	int fd;
	void (*ready)(void *arg, uint32_t events); /* EPOLLIN, ... */
	void *arg;
};

/* A point in time in the loop; embed it zeroed, it must stay in place. */
struct loop_timer {
	struct timer timer;
	void (*due)(void *arg);
	void *arg;
};

struct loop {
	int epoll_fd;
	struct timers timers;   /* milliseconds of loop_now() */
	struct loop_io *always; /* a plain file: always ready, or NULL */
	bool stopped;
};

/* Begin; ends with loop_fini().  Exits the process if there is no epoll. */
void loop_init(struct loop *loop);
void loop_fini(struct loop *loop);

/* Serve until loop_stop(). */
void loop_run(struct loop *loop);

/* Serve one turn, waiting at most `wait_ms` (-1: for ever). */
void loop_turn(struct loop *loop, int wait_ms);

void loop_stop(struct loop *loop);

/*
 * Add, change, or remove a descriptor; `events` as in epoll_ctl(2).  One of
 * all may be a plain file, which epoll(7) refuses, and which is always ready.
 * loop_add() returns false if the system refuses it.
 */
bool loop_add(struct loop *loop, struct loop_io *io, uint32_t events);
void loop_change(struct loop *loop, struct loop_io *io, uint32_t events);
void loop_remove(struct loop *loop, struct loop_io *io);

/* Return milliseconds of a clock that never goes back or jumps. */
int64_t loop_now(void);

/* Set the timer to `when` (loop_now()); moves it if it is set. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t when);
void loop_timer_clear(struct loop *loop, struct loop_timer *timer);

#endif
