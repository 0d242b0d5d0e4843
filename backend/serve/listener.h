/* SPDX-License-Identifier: MIT */
#ifndef SERVE_LISTENER_H
#define SERVE_LISTENER_H

/*
 * A listening socket: taken over from systemd, or made; one with a path in
 * place of a stale one that a dead daemon left.
 */

#include <stdbool.h>

#include "base/address.h"
#include "base/status.h"

struct listener {
	int fd;      /* listening, non-blocking; -1: none */
	int lock_fd; /* holds the lock beside the socket; -1: none */
	char *path;  /* to be removed at the end; NULL: not ours */
};

/* Which of those that systemd passes may be used, sd_listen_fds(3). */
enum listener_passed {
	LISTENER_NEVER,
	LISTENER_MAIN, /* a unix socket, whatever its name, but not "http" */
	LISTENER_HTTP, /* the one with the name "http" */
};

/* What is wanted. */
struct listener_wish {
	const char *path;
	const struct endpoint *endpoint; /* instead of a path, or NULL */
	unsigned mode;                   /* permissions of a path */
	const char *group; /* name or number; NULL: the process's own */
	const char *key;   /* of the configuration, for messages */
	enum listener_passed passed;
};

/*
 * Open the socket.  One that systemd passes is used instead, if it may be, and
 * left in place at the end.
 *
 * Returns STATUS_OK; STATUS_BUSY if another daemon serves the path;
 * STATUS_REFUSED or STATUS_IO with `problem`.
 */
enum status listener_open(const struct listener_wish *wish,
    struct listener *ret_listener, struct problem *problem);

/* Return true if systemd passes one that is not in use. */
bool listener_is_passed(enum listener_passed passed);

/* Return true if it listens there; systemd's may be elsewhere. */
bool listener_is_at(
    const struct listener *listener, const struct endpoint *endpoint);

/* Close it and remove the socket that was made. */
void listener_close(struct listener *listener);

#endif
