/* SPDX-License-Identifier: MIT */
#ifndef NET_PROBE_H
#define NET_PROBE_H

/*
 * What servers present: conversations over TCP, STARTTLS and TLS, each with
 * one address and with the signature algorithms of one kind of key, many at
 * the same time.  Nothing is verified here.  Blocks, but no step of any of
 * them takes longer than it may, whatever the server sends meanwhile, nor may
 * it send more than LIMIT_STARTTLS and LIMIT_HANDSHAKE.
 * SIGPIPE must be ignored.  Threads: one at a time.
 */

#include <openssl/safestack.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "loop/deadline.h"
#include "net/dnsquery.h"
#include "net/starttls.h"
#include "pki/cert.h"

enum {
	PROBE_STEP_MS = 5000, /* connecting, the handshake */
	/* Postfix's postscreen(8) waits 6 s before it lets anybody in. */
	PROBE_TALK_MS = 10000, /* STARTTLS */
	PROBE_PARALLEL = 16,   /* conversations at a time */
};

/* How a conversation ended, in the order of its steps. */
enum probe_outcome {
	PROBE_UNTRIED,  /* the time for all was up */
	PROBE_NO_ROUTE, /* this machine cannot reach the address's family */
	PROBE_UNREACHED,
	PROBE_BROKEN,      /* it does not speak the protocol */
	PROBE_NO_STARTTLS, /* it does, without STARTTLS */
	PROBE_NO_TLS,      /* the handshake fails: perhaps no such key */
	PROBE_PRESENTED,
};

struct probe {
	/* What is wanted; the rest is zero. */
	struct dnsserver server; /* address and port */
	enum starttls_protocol protocol;
	const char *name;             /* SNI (RFC 7671 s7); borrowed */
	enum key_algorithm algorithm; /* the kind of key that is asked for */
	/* What came of it. */
	enum probe_outcome outcome;
	struct problem reason;  /* unless it was presented */
	STACK_OF(X509) * chain; /* PROBE_PRESENTED: owned; the leaf first */
	const char *version;    /* PROBE_PRESENTED: "TLSv1.3"; static */
};

/* Have `count` conversations, and be done when `deadline` is over. */
void probe_run(
    struct probe *probes, size_t count, const struct deadline *deadline);

/* Free what came of it. */
void probe_fini(struct probe *probe);

#endif
