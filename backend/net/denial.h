/* SPDX-License-Identifier: MIT */
#ifndef NET_DENIAL_H
#define NET_DENIAL_H

/*
 * How a zone denies existence, by the records in a negative answer.  Pure.
 * Threads: any, nothing is shared.
 */

#include <ldns/packet.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "dns/nsec3.h"

/* In order of what they give away: the worst for an overlay last. */
enum denial_mode {
	DENIAL_NONE,   /* the answer has no such record */
	DENIAL_NARROW, /* NSEC3 that covers one name or none (RFC 7129 B) */
	DENIAL_NSEC3,
	DENIAL_NSEC,
};

struct denial {
	enum denial_mode mode;
	struct nsec3 nsec3; /* of the NSEC3 records; is_narrow by mode */
};

/*
 * Return true if an NSEC3 record from `owner` to `next` (NSEC3_HASH octets
 * each) covers at most one hash, which PowerDNS makes up for each question in
 * narrow mode: from hash - 1 to hash + 1, or from hash to hash + 1.  In a zone
 * that has them all they lie 2^140 apart and more.
 */
bool denial_is_narrow(const uint8_t *owner, const uint8_t *next);

/* Look at the authority section; a mixture counts as its worst. */
void denial_read(const ldns_pkt *packet, struct denial *ret_denial);

/*
 * Take the parameters from the NSEC3PARAM record in an answer, where negative
 * answers had no NSEC or NSEC3 record at all: a backend that is asked in
 * hashes it cannot tell gives none.
 */
void denial_read_param(const ldns_pkt *packet, struct denial *denial);

/*
 * Return true if the NSEC or NSEC3 records of a negative answer are of another
 * zone with the same name than the NS and SOA records that are served: with a
 * TTL above `longest`, the greater one of that SOA's TTL and minimum (RFC 2308
 * s5, RFC 9077), or at an apex that has no NS records.  *ret_why says it.
 */
bool denial_is_foreign(
    const ldns_pkt *packet, uint32_t longest, struct problem *ret_why);

/* Say how `denial` is made, as in "NSEC3 (1 0 0 -)". */
void denial_format(const struct denial *denial, struct buf *text);

/*
 * Return true if PowerDNS, denying as in `served`, and we, told `configured`
 * (NULL: NSEC), agree.  In narrow mode it never asks us.
 */
bool denial_agrees(const struct denial *served, const struct nsec3 *configured);

#endif
