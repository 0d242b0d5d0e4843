/* SPDX-License-Identifier: MIT */
#ifndef DNS_DNSKEY_H
#define DNS_DNSKEY_H

/*
 * DNSSEC key pairs in the text that PowerDNS and BIND keep them in
 * ("Private-key-format: v1.2"), and what the world sees of them: DNSKEY and
 * DS records (RFC 4034 s2, s5; RFC 5702, 6605, 8080).
 * Pure, but for the random numbers of a new key.  Threads: any.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "dns/dname.h"

enum {
	DNSKEY_RDATA_MAX = 4 + 3 + 512 + 1024, /* an RSA key of 8192 bits */
	DNSKEY_FLAG_ZONE = 0x0100,
	DNSKEY_FLAG_SEP = 0x0001, /* signs keys: what a DS points to */
	DNSKEY_ECDSAP256SHA256 = 13,
};

/* The RDATA of a DNSKEY record. */
struct dnskey {
	uint8_t rdata[DNSKEY_RDATA_MAX];
	size_t len;
};

/* Append the text of a new key pair, ECDSAP256SHA256. */
void dnskey_generate(struct buf *content);

/*
 * Read the public half out of the text of a key pair.
 *
 * Returns STATUS_OK; STATUS_MALFORMED; or STATUS_REFUSED for an algorithm
 * other than RSA/SHA-1, -256, -512 (5, 7, 8, 10), ECDSA (13, 14) and EdDSA
 * (15, 16).
 */
enum status dnskey_parse(const char *content, uint16_t flags,
    struct dnskey *ret_key, struct problem *problem);

/* Return the algorithm number. */
uint8_t dnskey_algorithm(const struct dnskey *key);

/* Return the key tag (RFC 4034 appendix B). */
uint16_t dnskey_tag(const struct dnskey *key);

/*
 * Append the RDATA of the DS record with SHA-256 (RFC 4509) of the key of
 * the zone `apex`: "TAG ALGORITHM 2 DIGEST".
 */
void dnskey_ds(
    const struct dnskey *key, const struct dname *apex, struct buf *text);

#endif
