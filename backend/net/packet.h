/* SPDX-License-Identifier: MIT */
#ifndef NET_PACKET_H
#define NET_PACKET_H

/*
 * What is in a DNS message, by means of ldns.  Pure.
 * Threads: one at a time for each message.
 */

#include <ldns/ldns.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/texts.h"
#include "dns/dname.h"

/*
 * Add the RDATA, in presentation form and lower case, of each RR in the
 * answer section of `packet` with this type and owner name; a TLSA RR is as in
 * answer/tlsa.h.
 */
void packet_rdata(const ldns_pkt *packet, const struct dname *owner,
    ldns_rr_type type, struct texts *texts);

/*
 * Add the mnemonic of each type that has an RR in the answer section with this
 * owner name, RRSIG and NSEC aside.
 */
void packet_types(
    const ldns_pkt *packet, const struct dname *owner, struct texts *texts);

/* Return true if the answer section has an RR of the type. */
bool packet_has(const ldns_pkt *packet, ldns_rr_type type);

/* Read a name of ldns; false if it is none. */
bool packet_dname(const ldns_rdf *rdf, struct dname *ret_name);

#endif
