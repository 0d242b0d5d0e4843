/* SPDX-License-Identifier: MIT */
#ifndef LOOP_DEADLINE_H
#define LOOP_DEADLINE_H

/*
 * The end of the time for a conversation: a point in time, which is looked at
 * before each read, write and wait.  A time-out of each step is none: who sends
 * an octet now and then begins it anew, and who always has something to be read
 * never comes to it.  Postfix has the same (smtpd_per_request_deadline).
 * Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/status.h"

struct deadline {
	int64_t at; /* loop_now() */
	int64_t ms; /* how long that was at the beginning, for words */
};

/* Return what ends in `ms` milliseconds (>= 0). */
struct deadline deadline_in(int64_t ms);

/* Return what ends in `ms` milliseconds, but not after `whole`. */
struct deadline deadline_within(const struct deadline *whole, int64_t ms);

bool deadline_is_over(const struct deadline *deadline);

/* Return how many milliseconds are left, for poll(2): 0 when it is over. */
int deadline_left(const struct deadline *deadline);

/*
 * Wait until `fd` has one of `events` of poll(2), or fails.  Returns false with
 * errno: ETIMEDOUT when it is over, even if `fd` is ready.
 */
bool deadline_wait(const struct deadline *deadline, int fd, short events);

/*
 * Connect a socket, which is not blocking from then on.  Returns false with
 * errno: ETIMEDOUT when it is over.
 */
bool deadline_connect(const struct deadline *deadline, int fd,
    const struct sockaddr *address, socklen_t len);

/* Send all `len` octets into a socket.  Returns false with errno likewise. */
bool deadline_send(
    const struct deadline *deadline, int fd, const void *data, size_t len);

/*
 * Wait for something to be read from a socket, and take up to `len` octets (a
 * datagram) of it.  Returns how many; 0: the peer has ended it; or -1 with
 * errno likewise.
 */
ssize_t deadline_receive(
    const struct deadline *deadline, int fd, void *data, size_t len);

/* Say what errno says: "WHO: WHAT within 5 seconds" for ETIMEDOUT. */
void deadline_problem(const struct deadline *deadline, const char *who,
    const char *what, struct problem *problem);

#endif
