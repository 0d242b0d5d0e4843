/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_H
#define CLIENT_H

/*
 * A peer of the daemon on its unix socket, as PowerDNS is one: a line out, a
 * line back.  Calls block, but not for longer than CLIENT_PATIENCE.
 */

#include <stdbool.h>

#include "base/buf.h"

enum { CLIENT_PATIENCE = 60 }; /* seconds */

struct client {
	int fd; /* -1: not connected */
	struct buf in;
};

/* Connect; returns false if nobody listens. */
bool client_open(struct client *client, const char *path);

void client_close(struct client *client);

/* Send a line, which needs no newline; returns false if the peer is gone. */
bool client_say(struct client *client, const char *line);

/*
 * Return the next line without its newline, valid until the next call; NULL
 * if the connection ended, or nothing came in time.
 */
const char *client_hear(struct client *client);

/* What a lookup got. */
enum answer {
	ANSWER_RRSET,
	ANSWER_NOTHING, /* no such name, or an empty non-terminal */
	ANSWER_FAILURE, /* no reply, null, or something unexpected */
};

/*
 * Look for the TLSA RRset of `name` (with final dot).  With ANSWER_RRSET
 * *ret_rrset, emptied first, has its contents, one a line, sorted.
 */
enum answer client_lookup(
    struct client *client, const char *name, struct buf *ret_rrset);

#endif
