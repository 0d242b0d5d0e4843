/* SPDX-License-Identifier: MIT */
#ifndef PKI_H
#define PKI_H

/*
 * Certificates and chains made in memory, for tests, and the TLSA RDATA that
 * they must give, worked out by other functions of libcrypto than the
 * program's own.  A failure inside fails the test that runs.
 */

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum pki_key {
	PKI_ECDSA, /* P-256 */
	PKI_RSA,   /* 2048 bits, and the same key each time: slow to make */
	PKI_ED25519,
};

/* What a certificate is to say; what is zero is left out or usual. */
struct pki_wish {
	const char *subject;     /* its CN */
	size_t subject_len;      /* octets of it; 0: up to its NUL */
	const char *names;       /* subjectAltName, as in x509v3_config(5) */
	const char *constraints; /* basicConstraints, likewise */
	const char *usage;       /* keyUsage, likewise */
	enum pki_key key;
	int64_t not_before; /* seconds since 1970 */
	int64_t not_after;  /* 0: a year after not_before */
	EVP_PKEY *reuse;    /* borrowed key instead of a new one */
};

struct pki {
	X509 *x509;
	EVP_PKEY *key;
};

/* Make a certificate signed by `issuer`, or by itself if that is NULL. */
void pki_make(
    const struct pki_wish *wish, const struct pki *issuer, struct pki *ret_pki);

/* Make a CA certificate with this CN. */
void pki_make_ca(
    const char *subject, const struct pki *issuer, struct pki *ret_pki);

/* Make a leaf for DNS names, separated by commas. */
void pki_make_leaf(
    const char *names, const struct pki *issuer, struct pki *ret_pki);

/* The same, valid from `not_before` on. */
void pki_make_leaf_at(const char *names, int64_t not_before,
    const struct pki *issuer, struct pki *ret_pki);

/* Make another certificate of the name and key of `ca`, by `issuer`. */
void pki_make_cross(
    const struct pki *ca, const struct pki *issuer, struct pki *ret_pki);

void pki_fini(struct pki *pki);

/* Append the certificate, or its private key, as a PEM block. */
void pki_add_pem(const struct pki *pki, struct buf *text);
void pki_add_key(const struct pki *pki, struct buf *text);

/* Append any octets as a PEM block with this label. */
void pki_add_block(
    const char *label, const void *data, size_t len, struct buf *text);

/*
 * Return the TLSA RDATA in presentation form (RFC 6698 s2.2); free() it.
 */
char *pki_tlsa(const struct pki *pki, unsigned usage, unsigned selector,
    unsigned matching);

#endif
