/* SPDX-License-Identifier: MIT */
#ifndef NET_PACKET_H
#define NET_PACKET_H

/*
 * What is in a DNS message, by means of ldns.  Pure.
 * Threads: one at a time for each message.
 */

#include <ldns/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/texts.h"
#include "dns/dname.h"

/*
 * Add the RDATA, in presentation form and lower case (TXT: as it is), of each
 * RR in the answer section of `packet` with this type and owner name; a TLSA RR
 * is as in answer/tlsa.h.
 */
void packet_rdata(const ldns_pkt *packet, const struct dname *owner,
    ldns_rr_type type, struct texts *texts);

/*
 * Add the mnemonic of each type that has an RR in the answer section with this
 * owner name, RRSIG and NSEC aside.
 */
void packet_types(
    const ldns_pkt *packet, const struct dname *owner, struct texts *texts);

/* An SOA record: its names, what is behind them, and its TTL. */
struct packet_soa {
	char names[2 * 4 * DNAME_WIRE_MAX]; /* "MNAME RNAME", lower case */
	uint32_t serial;
	uint32_t minimum;
	uint32_t ttl;
};

/* Read that of `owner` in the answer section; false if there is none. */
bool packet_soa(const ldns_pkt *packet, const struct dname *owner,
    struct packet_soa *ret_soa);

/* Return true if the answer section has an RR of the type. */
bool packet_has(const ldns_pkt *packet, ldns_rr_type type);

/* Read a name of ldns; false if it is none. */
bool packet_dname(const ldns_rdf *rdf, struct dname *ret_name);

#endif
