/* SPDX-License-Identifier: MIT */
#ifndef NET_STARTTLS_H
#define NET_STARTTLS_H

/*
 * What a client says before TLS begins, protocol by protocol: a state machine
 * fed with what the server sends.  Pure.  Threads: one at a time for each.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

enum starttls_protocol {
	STARTTLS_NONE, /* TLS from the first octet */
	STARTTLS_SMTP,
	STARTTLS_IMAP,
	STARTTLS_POP3,
	STARTTLS_SIEVE,
	STARTTLS_NNTP,
	STARTTLS_XMPP_CLIENT,
	STARTTLS_XMPP_SERVER,
	STARTTLS_LDAP,
	STARTTLS_PROTOCOLS,
};

/* Return what is spoken on the TCP port; STARTTLS_NONE for all others. */
enum starttls_protocol starttls_of_port(uint16_t port);

/* Return "smtp", "imap", ...; "tls" for STARTTLS_NONE. */
const char *starttls_text(enum starttls_protocol protocol);

enum starttls_state {
	STARTTLS_TALKING, /* waits for the server */
	STARTTLS_READY,   /* the client may begin with TLS */
	STARTTLS_MISSING, /* the server does not offer it, or refuses */
	STARTTLS_BROKEN,  /* the server does not speak the protocol */
};

struct starttls {
	enum starttls_protocol protocol;
	enum starttls_state state;
	const char *name; /* of the server; borrowed */
	unsigned step;
	bool is_offered;
	size_t total;          /* octets that came */
	struct buf in;         /* not yet understood */
	struct buf out;        /* to be sent; the caller consumes it */
	struct problem reason; /* for STARTTLS_MISSING and STARTTLS_BROKEN */
};

/*
 * Begin to talk with the server `name`, which stays the caller's: XMPP servers
 * want to hear it.  End it with starttls_fini().
 */
void starttls_init(struct starttls *starttls, enum starttls_protocol protocol,
    const char *name);
void starttls_fini(struct starttls *starttls);

/*
 * Take `len` octets from the server, which may say LIMIT_STARTTLS in all, and
 * LIMIT_STARTTLS_LINE without an end of line.  Returns the new state; with
 * STARTTLS_READY nothing may be left over, for that would be an injection
 * (RFC 3207 s6, CVE-2011-0411): it is STARTTLS_BROKEN.
 */
enum starttls_state starttls_feed(
    struct starttls *starttls, const char *data, size_t len);

#endif
