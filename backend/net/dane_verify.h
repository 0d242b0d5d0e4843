/* SPDX-License-Identifier: MIT */
#ifndef NET_DANE_VERIFY_H
#define NET_DANE_VERIFY_H

/*
 * A chain, as a server presents it, against a TLSA RRset: verified by
 * OpenSSL's DANE code, the one that Postfix uses, with the rules of SMTP where
 * it is SMTP (RFC 7672 s3).  Threads: one at a time.
 */

#include <openssl/safestack.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/texts.h"

/* One row per outcome: enumerator, word of JSON output, sentence. */
#define DANE_TABLE(X)                                                          \
	X(DANE_OK, "ok", "matches")                                            \
	X(DANE_UNUSABLE, "unusable", "no record can be used")                  \
	X(DANE_MISMATCH, "mismatch", "no record matches")                      \
	X(DANE_NAME, "name", "the certificate names another host")             \
	X(DANE_EXPIRED, "expired", "a certificate has expired")                \
	X(DANE_EARLY, "early", "a certificate is not valid yet")               \
	X(DANE_OTHER, "invalid", "the chain does not verify")

enum dane_outcome {
#define X(id, word, text) id,
	DANE_TABLE(X)
#undef X
};

const char *dane_word(enum dane_outcome outcome);
const char *dane_text(enum dane_outcome outcome);

/* What is to be verified; all borrowed. */
struct dane_wish {
	STACK_OF(X509) * chain;    /* the leaf first; at least that */
	const struct texts *rrset; /* RDATA as in answer/tlsa.h */
	const char *usages;        /* only records of these; NULL: all */
	const char *host;          /* the TLSA base domain */
	const char *domain;        /* of the mail address, or NULL */
	bool is_smtp;              /* usages 0 and 1 are not usable */
	int64_t now;               /* seconds since 1970 */
};

struct dane_verdict {
	enum dane_outcome outcome;
	const char *reason; /* OpenSSL's words for it; static */
	int usage;          /* of the record that matched; -1: none */
	size_t usable;      /* records that could be used */
};

/*
 * Verify.  A name is not looked at, nor a date, where a record of usage 3
 * matches (RFC 7671 s5.1).  Digests are chosen as RFC 7671 s9 says.
 */
void dane_verify(
    const struct dane_wish *wish, struct dane_verdict *ret_verdict);

/*
 * Read every certificate in `len` octets of PEM, at most LIMIT_CHAIN; NULL if
 * there is none.  Free it with sk_X509_pop_free(chain, X509_free).
 */
STACK_OF(X509) * dane_chain(const char *text, size_t len);

/*
 * The same of files (files/chain_file.h; `issuers`: NULL, or where the CA
 * certificates are); NULL also if they cannot be read.
 */
STACK_OF(X509) * dane_chain_file(const char *file, const char *issuers);

/* Write SHA-256 of the certificate, 32 octets. */
void dane_digest(const X509 *x509, uint8_t *ret_sha256);

/* Return true if a certificate of the chain has the name of the leaf's issuer.
 */
bool dane_has_issuer(STACK_OF(X509) * chain);

#endif
