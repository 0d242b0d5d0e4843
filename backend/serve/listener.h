/* SPDX-License-Identifier: MIT */
#ifndef SERVE_LISTENER_H
#define SERVE_LISTENER_H

/*
 * A listening unix socket: taken over from systemd, or made in place of a
 * stale one that a dead daemon left.
 */

#include <stdbool.h>

#include "base/status.h"

struct listener {
	int fd;      /* listening, non-blocking; -1: none */
	int lock_fd; /* holds the lock beside the socket; -1: none */
	char *path;  /* to be removed at the end; NULL: not ours */
};

/* What is wanted. */
struct listener_wish {
	const char *path;
	unsigned mode;     /* permissions */
	const char *group; /* name or number; NULL: the process's own */
	const char *key;   /* of the configuration, for messages */
	bool is_activated; /* systemd may pass it */
};

/*
 * Open the socket.  One that systemd passes (sd_listen_fds(3)) is used
 * instead, if it may be, and left in place at the end.
 *
 * Returns STATUS_OK; STATUS_BUSY if another daemon serves the path;
 * STATUS_REFUSED or STATUS_IO with `problem`.
 */
enum status listener_open(const struct listener_wish *wish,
    struct listener *ret_listener, struct problem *problem);

/* Close it and remove the socket that was made. */
void listener_close(struct listener *listener);

#endif
