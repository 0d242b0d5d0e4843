/* SPDX-License-Identifier: MIT */
#ifndef WALL_CHANNEL_H
#define WALL_CHANNEL_H

/*
 * Messages between two processes over a socket pair: a head of fixed size with
 * kind and length, and a JSON object.  What is too long or no object ends it.
 * Threads: one at a time.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "report/codec.h"

/* What a message is about. */
enum message {
	/* To who reads: what is to be read (see report/codec.h), ... */
	MESSAGE_PIECE,
	MESSAGE_MEMORY = MESSAGE_PIECE + PIECES, /* all on record is known */
	MESSAGE_TROUBLED, /* a source could not be read before */
	MESSAGE_KNOWN,    /* what was known of a lineage before */
	MESSAGE_BANNED,   /* a file that is left alone */
	MESSAGE_GO,       /* begin */
	/* To who answers. */
	MESSAGE_HELLO,    /* the number of the process, and its locks */
	MESSAGE_NOTE,     /* a line for the log */
	MESSAGE_LOOKED,   /* a report */
	MESSAGE_SOURCE,   /* a source cannot be read, or can again */
	MESSAGE_COMPLETE, /* every lineage has been looked at */
	MESSAGE_OUTGROWN, /* another one has rights that this one has not */
	/* To who reads mail. */
	MESSAGE_MAILBOX, /* where it lies, and what of it is left alone */
	/* To who answers; see reports/hearsay.h. */
	MESSAGE_MAIL,    /* one is going to be read */
	MESSAGE_SENDER,  /* what one said, ... */
	MESSAGE_FAULT,   /* and what failed for it */
	MESSAGE_UNREAD,  /* what could not be read */
	MESSAGE_HEARD,   /* all was read and told, and so many were seen */
	MESSAGE_ARRIVED, /* what lies there is another one by now */
	MESSAGES,
};

struct channel {
	struct loop *loop;
	struct loop_io io;      /* -1: closed */
	struct loop_timer more; /* messages wait that came already */
	struct buf in;
	struct buf out;
	size_t sent;     /* octets of `out` */
	uint32_t events; /* that the loop waits for */
	/* What is put waits for more of it, or for channel_flush(). */
	bool is_held;
	/* Whether to wait for the peer when much is under way to it. */
	bool is_patient;
	/* `object` is borrowed; false: it makes no sense, which ends it. */
	bool (*take)(enum message message, json_t *object, void *arg);
	/* The peer is gone; called once, never by channel_close(). */
	void (*closed)(void *arg);
	void *arg;
};

/*
 * Begin with the socket `fd`, which passes; `take`, `closed`, `arg`,
 * `is_held` and `is_patient` are set by the caller.  End with channel_close().
 */
void channel_open(struct channel *channel, struct loop *loop, int fd);
void channel_close(struct channel *channel);

/*
 * Send `object` (stolen); does nothing on a closed channel.  False: it is too
 * long, and was not sent.
 */
bool channel_put(struct channel *channel, enum message message, json_t *object);

/* Send what was held. */
void channel_flush(struct channel *channel);

#endif
