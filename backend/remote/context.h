/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_CONTEXT_H
#define REMOTE_CONTEXT_H

/*
 * What a request is answered from, and how that may end.
 * Threads: one at a time.
 */

#include <stdbool.h>

#include "answer/snapshot.h"
#include "keyring/keyring.h"
#include "remote/notified.h"

/*
 * Three answers, never two: "nothing there" is a reply, and PowerDNS signs
 * it, so that "cannot tell" must be something else.
 */
enum outcome {
	OUTCOME_REPLY,       /* a whole line was appended */
	OUTCOME_WAIT,        /* ask again when there is a snapshot */
	OUTCOME_CANNOT_TELL, /* the peer must see a failure */
	OUTCOME_MALFORMED,   /* this was no request */
};

/* Keys and metadata of zones with `dnssec: self`, and how to change them. */
struct method_keys {
	struct keyring *keyring;
	bool is_lost; /* they cannot be read, or kept: nothing can be told */
	/*
	 * Before a change: have the keyring as it is on disk, locked.  After
	 * it: keep it for good; or drop it.  False: it is as it was before.
	 */
	bool (*begin)(void *arg);
	bool (*commit)(void *arg);
	void (*cancel)(void *arg);
	void *arg;
};

struct method_context {
	const struct snapshot *snapshot; /* NULL: none yet */
	struct notified *notified;
	const struct method_keys *keys; /* NULL: no zone has any with us */
	/* Is set to a zone asked for by NSEC3 hash that has no nsec3. */
	const struct zone **hashed; /* may be NULL */
	bool *is_greeted; /* is set by PowerDNS's first word; may be NULL */
};

#endif
