/* SPDX-License-Identifier: MIT */
#ifndef LOOP_JOURNAL_H
#define LOOP_JOURNAL_H

/*
 * Lines with fields for journald, by its own protocol (systemd.io,
 * JOURNAL_NATIVE_PROTOCOL): a datagram a line.  By hand, for sd_journal_sendv()
 * waits while the journal's queue is full, and who answers must not.
 * Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>

#include "loop/event.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/*
 * Return true if standard error is the journal's: `stream` is $JOURNAL_STREAM,
 * or NULL; a device and an inode (systemd.exec(5)).
 */
bool journal_is_stderr(const char *stream);

/* Return a socket for journal_send(), or -1. */
int journal_open(void);

/*
 * Send a line of a priority of syslog(3) to who listens at `path`, with the
 * fields of `event`, or NULL.  Never waits.  What would end a field is escaped
 * as in base/plain.h.  False with errno: it did not get there.
 */
bool journal_send(int fd, const char *path, int priority, const char *text,
    const struct event *event);

#endif
