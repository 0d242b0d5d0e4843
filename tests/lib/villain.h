/* SPDX-License-Identifier: MIT */
#ifndef VILLAIN_H
#define VILLAIN_H

/*
 * A peer that never comes to an end, in a process of its own.  It is there for
 * VILLAIN_SECONDS: who does not know better than to wait for it is back after
 * that, and finds it gone.
 */

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { VILLAIN_SECONDS = 60 };

struct villain {
	pid_t pid;
	uint16_t port; /* of 127.0.0.1 */
	/* Shared with it: set before it lets go of anything. */
	volatile sig_atomic_t *is_over;
};

/* What it does with one connection, or with its UDP socket. */
typedef void villain_fn(int fd);

/*
 * Begin on a free port of 127.0.0.1: `type` is SOCK_STREAM or SOCK_DGRAM.
 */
void villain_begin(struct villain *villain, int type, villain_fn *act);

/* Begin on a Unix socket; `act` NULL: it never takes a connection. */
void villain_begin_unix(
    struct villain *villain, const char *path, villain_fn *act);

bool villain_is_there(const struct villain *villain);

void villain_end(struct villain *villain);

/* For what it does: wait for something to be said, and drop it. */
void villain_hear(int fd);

/* For what it does: say it octet by octet; false if nobody listens. */
bool villain_drip(int fd, const void *octets, size_t len);

/* For what it does: say it again and again, until nobody listens. */
void villain_flood(int fd, const void *octets, size_t len);

#endif
