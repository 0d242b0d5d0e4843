/* SPDX-License-Identifier: MIT */
#ifndef FAKE_H
#define FAKE_H

/*
 * Certificates, chains and lineages of known facts with made-up digests, for
 * tests of what is pure: no libcrypto, no file, and as cheap as a struct.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "issuers/issuer.h"
#include "pki/chain.h"
#include "pki/lineage.h"

/* What a certificate is to be; what is zero is left out. */
struct fake_cert {
	const char *subject;
	const char *issuer;
	const char *host; /* its DNS name */
	enum key_algorithm algorithm;
	uint32_t key;    /* equal numbers have one key */
	uint32_t serial; /* with `key`: which certificate it is */
	int64_t not_before;
	int64_t not_after;
	bool is_ca;
	bool is_self_issued;
	bool is_staging;
};

/*
 * Return one reference.  The first octets of each SHA-512 are those of the
 * SHA-256, so that fake_same_data() knows what belongs together.
 */
struct cert *fake_cert_new(const struct fake_cert *facts);

/* Return true if both RDATA are of one certificate and one selector. */
bool fake_same_data(const char *left, const char *right);

/* Return a chain; the reference to `leaf` passes, `cas` is borrowed. */
struct chain *fake_chain_new(
    struct cert *leaf, struct cert *const *cas, size_t count);

/*
 * A cast of certificates by name, and lineages written with these names:
 *
 *	leafs	L1..L4 RSA, issued at 10, 20, 30, 40; K2: issued at 25 with the
 *		key of L2; M1, M2 ECDSA, issued at 10, 20; S3 staging, and Z3
 *		self-signed, issued at 30
 *	Acme	YR1, YR2 active, YR3 backup, OLDR retired, DEADR active but
 *		expired at 500: all RSA; YE1, YE2 active, YE3 backup: ECDSA;
 *		RootYR, RootYE: roots; server https://acme.example/directory
 *	Other	OR1 (RSA), OE1 (ECDSA); server https://other.example/directory
 *	Test	TR1 (RSA), a staging set
 *	nobody	PX (RSA), RootPX
 */
struct fake_cast {
	struct cert *certs[32];
	const char *names[32];
	size_t count;
	struct issuers *issuers; /* Acme, Other, Test */
};

void fake_cast_init(struct fake_cast *cast);
void fake_cast_fini(struct fake_cast *cast);

/* Return the certificate of that name, borrowed; or its name. */
struct cert *fake_cast_cert(const struct fake_cast *cast, const char *name);
const char *fake_cast_name(
    const struct fake_cast *cast, const struct cert *cert);

/* Return one reference to the chain written as "L2<YR1<RootYR". */
struct chain *fake_cast_chain(const struct fake_cast *cast, const char *text);

/*
 * Return the lineage written as words: its name, then "CHAIN@SINCE" and
 * "CHAIN@SINCE-REPLACED" of its generations, the current one first, and any of
 * "next=CHAIN", "nextkey=LEAF", "deleted=TIME"; and of its renewal file "conf"
 * (it was read), "reuse", "key=rsa", "key=ecdsa", "server=NAME".
 */
struct lineage *fake_cast_lineage(
    const struct fake_cast *cast, const char *text);

#endif
