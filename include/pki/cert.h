/* SPDX-License-Identifier: MIT */
#ifndef PKI_CERT_H
#define PKI_CERT_H

/*
 * What the rest of the program needs to know of one X.509 certificate
 * (RFC 5280), taken out by libcrypto once; shared by reference counting and
 * constant.  Pure.  Threads: one at a time.
 */

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "dns/dname.h"

/* Which bytes of a certificate are meant (RFC 6698 s2.1.2, RFC 7218 s2.2). */
enum cert_selector {
	CERT_SELECTOR_CERT, /* DER of the whole certificate */
	CERT_SELECTOR_SPKI, /* DER of its SubjectPublicKeyInfo */
	CERT_SELECTORS,
};

enum key_algorithm {
	KEY_RSA,
	KEY_ECDSA,
	KEY_OTHER,
};

/* The bytes that one selector selects. */
struct cert_part {
	uint8_t *sha512; /* 64 octets; NULL unless kept: see cert_new() */
	uint8_t *der;    /* NULL unless kept */
	uint32_t der_len;
	bool is_known; /* false: the table of issuers does not say */
	uint8_t sha256[32];
};

struct cert {
	unsigned refs;
	bool is_ca;          /* may issue, as X509_check_ca(3) sees it */
	bool is_self_issued; /* issuer and subject are equal */
	bool is_staging;     /* issued by a CA that says it is for tests */
	enum key_algorithm key_algorithm;
	unsigned key_bits;
	unsigned name_count;
	int64_t not_before; /* seconds since 1970 */
	int64_t not_after;
	struct cert_part part[CERT_SELECTORS];
	char *subject; /* for people: the CN, the whole name, or names[0] */
	char *issuer;  /* both lie behind `names` */
	char **names;  /* DNS names, lower case, no final dot; owned */
	X509 *x509;    /* kept for CA certificates read as such, else NULL */
};

/*
 * Take what we need out of `x509` (borrowed).  The DER and its SHA-512 are
 * kept only with `keep_all`, for they are most of the memory, and only
 * matching types 0 and 2 need them.  DNS names come from subjectAltName; only
 * without any, a CN that is a host name counts (as X509_check_host(3) does).
 *
 * Returns STATUS_OK and one reference in *ret_cert (drop with cert_unref()),
 * or STATUS_MALFORMED or STATUS_LIMIT with `problem` filled.
 */
enum status cert_new(
    X509 *x509, bool keep_all, struct cert **ret_cert, struct problem *problem);

/* Set key_algorithm and key_bits from a public key (borrowed). */
void cert_set_key(struct cert *cert, EVP_PKEY *key);

/* Keep the decoded certificate as well: a CA's, to verify what it signed. */
void cert_keep_x509(struct cert *cert, X509 *x509);

/*
 * Make a certificate of known facts, from a table or the state file.  All
 * strings are copied; the caller fills in the other members before anybody
 * else sees it.
 */
struct cert *cert_new_known(const char *subject, const char *issuer,
    const char *const *names, size_t name_count);

struct cert *cert_ref(struct cert *cert);

/* Drop a reference; NULL is legal. */
void cert_unref(struct cert *cert);

/*
 * Return true if the certificate names `host`: equal, or by a wildcard that
 * stands for exactly the leftmost label (RFC 6125 s6.4.3).
 */
bool cert_covers(const struct cert *cert, const struct dname *host);

/* Return true if both have one key; of a certificate or a bare key. */
bool cert_same_key(const struct cert *a, const struct cert *b);

/* Return "RSA", "ECDSA" or "other". */
const char *key_algorithm_text(enum key_algorithm algorithm);

#endif
