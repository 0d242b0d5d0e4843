/* SPDX-License-Identifier: MIT */
#ifndef STATE_CERT_H
#define STATE_CERT_H

/*
 * Certificates and chains as JSON: what struct cert knows, not the X.509
 * object.  A leaf is written where it is used; a CA certificate has a line of
 * its own, and chains refer to it by its digest.
 * Pure.  Threads: one at a time.
 */

#include <jansson.h>

#include "pki/cert.h"
#include "pki/chain.h"

/* Where a chain finds CA certificates. */
struct state_cas {
	/* Return the one with this digest (hexadecimal), borrowed, or NULL. */
	struct cert *(*find)(const char *digest, void *arg);
	void *arg;
};

/* Add what is known of `cert` to `object`. */
void state_cert_encode(const struct cert *cert, json_t *object);

/* Make one reference to a certificate of `object`; NULL if it holds none. */
struct cert *state_cert_decode(json_t *object);

enum { STATE_DIGEST_TEXT = 65 }; /* 64 digits and a NUL */

/* Write the digest by which chains refer to a CA certificate. */
void state_ca_digest(const struct cert *cert, char ret[STATE_DIGEST_TEXT]);

/* Return the line of a CA certificate (new). */
json_t *state_ca_encode(const struct cert *cert);

/* Make one reference to the certificate of such a line, or return NULL. */
struct cert *state_ca_decode(json_t *object);

/* Add `chain` to `object`: "leaf" and, if it has any, "ca". */
void state_chain_encode(const struct chain *chain, json_t *object);

/*
 * Make one reference to a chain; NULL if malformed.  It ends where the line of
 * a CA certificate was lost: thousands of lineages share one.
 */
struct chain *state_chain_decode(json_t *object, const struct state_cas *cas);

#endif
