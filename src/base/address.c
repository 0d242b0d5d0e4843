/* SPDX-License-Identifier: MIT */
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { OCTETS_4 = 4, OCTETS_6 = 16 };

static size_t
address_octets(const struct address *address)
{
	return address->family == AF_INET ? OCTETS_4 : OCTETS_6;
}

/* Read `len` octets of a text. */
static bool
address_parse(const char *text, size_t len, struct address *ret_address)
{
	struct address address = { .family = AF_INET };
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (strchr(copy, ':') != NULL)
		address.family = AF_INET6;
	if (inet_pton(address.family, copy, address.octets) != 1)
		return false;
	*ret_address = address;
	return true;
}

/* Read a whole number up to `max`, without sign, blank or needless zero. */
static bool
number_parse(const char *text, unsigned long max, unsigned long *ret_number)
{
	size_t len = strspn(text, "0123456789");
	unsigned long number = strtoul(text, NULL, 10);

	if (len == 0 || len > 5 || text[len] != '\0' ||
	    (text[0] == '0' && len > 1) || number > max)
		return false;
	*ret_number = number;
	return true;
}

bool
endpoint_parse(const char *text, struct endpoint *ret_endpoint)
{
	const char *colon = strrchr(text, ':');
	bool has_brackets = text[0] == '[';
	struct endpoint endpoint;
	unsigned long port;
	size_t len;

	if (colon == NULL || !number_parse(colon + 1, UINT16_MAX, &port) ||
	    port == 0)
		return false;
	len = (size_t)(colon - text);
	if (has_brackets && (len < 2 || text[len - 1] != ']'))
		return false;
	if (!address_parse(text + has_brackets, len - 2 * has_brackets,
		&endpoint.address) ||
	    has_brackets != (endpoint.address.family == AF_INET6))
		return false;
	endpoint.port = (uint16_t)port;
	*ret_endpoint = endpoint;
	return true;
}

bool
endpoint_is_loopback(const struct endpoint *endpoint)
{
	const struct address *address = &endpoint->address;

	return address->family == AF_INET
		   ? address->octets[0] == IN_LOOPBACKNET
		   : memcmp(address->octets, &in6addr_loopback, OCTETS_6) == 0;
}

socklen_t
endpoint_socket_address(
    const struct endpoint *endpoint, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in four = { .sin_family = AF_INET,
		.sin_port = htons(endpoint->port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
		.sin6_port = htons(endpoint->port) };

	memset(ret_address, 0, sizeof(*ret_address));
	if (endpoint->address.family == AF_INET) {
		memcpy(&four.sin_addr, endpoint->address.octets, OCTETS_4);
		memcpy(ret_address, &four, sizeof(four));
		return sizeof(four);
	}
	memcpy(&six.sin6_addr, endpoint->address.octets, OCTETS_6);
	memcpy(ret_address, &six, sizeof(six));
	return sizeof(six);
}

static bool
bit(const uint8_t *octets, unsigned at)
{
	return (octets[at / 8] >> (7 - at % 8) & 1) != 0;
}

bool
network_parse(const char *text, struct network *ret_network)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct network network;
	unsigned long all;
	unsigned long bits;

	if (!address_parse(text, len, &network.address))
		return false;
	bits = all = 8 * (unsigned long)address_octets(&network.address);
	if (slash != NULL && !number_parse(slash + 1, all, &bits))
		return false;
	for (unsigned i = (unsigned)bits; i < all; i++)
		if (bit(network.address.octets, i))
			return false;
	network.bits = (unsigned)bits;
	*ret_network = network;
	return true;
}

/* False: neither of IPv4 nor of IPv6. */
static bool
address_of(const struct sockaddr *peer, struct address *ret_address)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	*ret_address = (struct address){ .family = AF_INET };
	if (peer->sa_family == AF_INET) {
		memcpy(&four, peer, sizeof(four));
		memcpy(ret_address->octets, &four.sin_addr, OCTETS_4);
		return true;
	}
	if (peer->sa_family != AF_INET6)
		return false;
	memcpy(&six, peer, sizeof(six));
	if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
		memcpy(
		    ret_address->octets, &six.sin6_addr.s6_addr[12], OCTETS_4);
		return true;
	}
	ret_address->family = AF_INET6;
	memcpy(ret_address->octets, &six.sin6_addr, OCTETS_6);
	return true;
}

bool
network_holds(const struct network *network, const struct sockaddr *peer)
{
	struct address address;

	if (!address_of(peer, &address) ||
	    address.family != network->address.family)
		return false;
	for (unsigned i = 0; i < network->bits; i++)
		if (bit(address.octets, i) != bit(network->address.octets, i))
			return false;
	return true;
}
