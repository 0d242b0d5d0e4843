/* SPDX-License-Identifier: MIT */
#ifndef DNS_NSEC3_H
#define DNS_NSEC3_H

/*
 * Hashed denial of existence (RFC 5155): the parameters of a zone, and names
 * by their hashes.  Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

enum {
	NSEC3_HASH = 20,  /* octets of SHA-1, the only algorithm there is */
	NSEC3_LABEL = 32, /* characters of its base32hex */
	NSEC3_SALT_MAX = 255,
	/* PowerDNS lowers what is above it (max-nsec3-iterations). */
	NSEC3_ITERATIONS_MAX = 100,
};

struct nsec3 {
	bool is_narrow; /* PowerDNS makes up the neighbours and asks nobody */
	uint8_t salt_len;
	uint16_t iterations; /* more than the first; RFC 9276 wants 0 */
	uint8_t salt[NSEC3_SALT_MAX];
};

/*
 * Read "ALGORITHM FLAGS ITERATIONS SALT", as in NSEC3PARAM records and for
 * pdnsutil set-nsec3, with " narrow" behind it or not; "-" is no salt.
 *
 * Returns STATUS_OK; STATUS_MALFORMED; or STATUS_REFUSED for what is valid
 * but unusable: an unknown algorithm, or too many iterations.  The opt-out
 * flag is ignored, for it concerns delegations, of which we have none.
 */
enum status nsec3_parse(
    const char *text, struct nsec3 *ret_nsec3, struct problem *problem);

/* Append the same text. */
void nsec3_format(const struct nsec3 *nsec3, struct buf *text);

/* Return true if both are the same. */
bool nsec3_equal(const struct nsec3 *a, const struct nsec3 *b);

/* Hash the name with this key (dns/dname.h) into NSEC3_HASH octets. */
void nsec3_hash(const struct nsec3 *nsec3, const uint8_t *key, size_t len,
    uint8_t *ret_hash);

/* Append the label of a hash (RFC 4648 s7, lower case, no padding). */
void nsec3_label(const uint8_t *hash, struct buf *text);

/*
 * Read the label of a hash in any case, with or without a final dot; false if
 * the text is none.
 */
bool nsec3_label_parse(const char *text, size_t len, uint8_t *ret_hash);

#endif
