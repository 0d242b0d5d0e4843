/* SPDX-License-Identifier: MIT */
#ifndef NET_DNSQUERY_H
#define NET_DNSQUERY_H

/*
 * One question to one name server, as a resolver asks it: without recursion,
 * with DNSSEC records, over UDP and over TCP when the answer is cut.  Blocks.
 * Threads: one at a time.
 */

#include <ldns/packet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "dns/dname.h"
#include "loop/deadline.h"

struct dnsserver {
	char address[INET6_ADDRSTRLEN]; /* IPv4 or IPv6, in numbers */
	uint16_t port;
};

enum dnsquery_transport {
	DNSQUERY_UDP, /* and TCP behind a truncated answer */
	DNSQUERY_TCP,
};

/*
 * Read "ADDRESS", "ADDRESS:PORT" or "[ADDRESS]:PORT"; port 53 if there is
 * none.  Returns false if it is no IP address or no port.
 */
bool dnsserver_parse(const char *text, struct dnsserver *ret_server);

/* Append "ADDRESS:PORT" or "[ADDRESS]:PORT". */
void dnsserver_format(const struct dnsserver *server, struct buf *text);

/*
 * Make a socket of `type` (with flags) for the server's address.  Returns it,
 * or -1 with errno.
 */
int dnsserver_socket(const struct dnsserver *server, int type,
    struct sockaddr_storage *ret_address, socklen_t *ret_len);

/* Return false if this machine has no route there, as without IPv6. */
bool dnsserver_has_route(const struct dnsserver *server);

/*
 * Ask `server` for `type` at `name`, until `deadline`; once more when half of
 * the time has passed without an answer over UDP, or a connection is lost.
 * What comes over UDP and is no answer to this question is passed over.
 * SERVFAIL is asked again, for as long: after a restart of its backend PowerDNS
 * answers so once for each connection that it had.
 *
 * Returns STATUS_OK and *ret_packet, freed with ldns_pkt_free(), whatever its
 * RCODE; STATUS_IO if there was no whole answer; or STATUS_MALFORMED for an
 * answer to something else over TCP; both with `problem`, which names the
 * server.
 */
enum status dnsquery_ask(const struct dnsserver *server,
    const struct dname *name, ldns_rr_type type,
    enum dnsquery_transport transport, const struct deadline *deadline,
    ldns_pkt **ret_packet, struct problem *problem);

/* Return "NXDOMAIN", "SERVFAIL", ... of an answer; free() it. */
char *dnsquery_rcode(const ldns_pkt *packet);

#endif
