/* SPDX-License-Identifier: MIT */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

/*
 * Where somebody listens, and from where one may connect: addresses of IPv4
 * and IPv6 as people write them.  Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	sa_family_t family; /* AF_INET or AF_INET6 */
	uint8_t octets[16]; /* in network order; 4 of them for IPv4 */
};

/* An address with a port. */
struct endpoint {
	struct address address;
	uint16_t port; /* 1..65535 */
};

/* All addresses that begin with the same bits. */
struct network {
	struct address address; /* all bits after the first are 0 */
	unsigned bits;          /* 0..32 or 0..128 */
};

/*
 * Read "192.0.2.1:8053" or "[2001:db8::1]:8053" (RFC 3986 s3.2.2).  Returns
 * false if it is neither; a name is none, for looking it up may wait.
 */
bool endpoint_parse(const char *text, struct endpoint *ret_endpoint);

/* Return true if only this machine can connect there. */
bool endpoint_is_loopback(const struct endpoint *endpoint);

/* Return the length of what was put into ret_address, for bind(2). */
socklen_t endpoint_socket_address(
    const struct endpoint *endpoint, struct sockaddr_storage *ret_address);

/*
 * Read "192.0.2.0/24", "2001:db8::/32", or an address, which is a network of
 * one.  Returns false if it is none, or has bits after its first.
 */
bool network_parse(const char *text, struct network *ret_network);

/*
 * Return true if the peer's address is of the network.  One of IPv4 that came
 * through a socket of IPv6 (RFC 4291 s2.5.5.2) is of IPv4.
 */
bool network_holds(const struct network *network, const struct sockaddr *peer);

#endif
