/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "base/address.h"

static const struct {
	const char *text;
	bool is_right;
	bool is_loopback;
	const char *address;
	unsigned port;
} endpoints[] = {
	{ "127.0.0.1:8053", true, true, "127.0.0.1", 8053 },
	{ "127.1.2.3:1", true, true, "127.1.2.3", 1 },
	{ "[::1]:65535", true, true, "::1", 65535 },
	{ "0.0.0.0:80", true, false, "0.0.0.0", 80 },
	{ "[::]:80", true, false, "::", 80 },
	{ "192.0.2.1:8053", true, false, "192.0.2.1", 8053 },
	{ "[2001:db8::1]:8053", true, false, "2001:db8::1", 8053 },
	/* which is reached at that of IPv4, by whoever has one */
	{ "[::ffff:127.0.0.1]:80", true, false, "::ffff:127.0.0.1", 80 },
	{ "127.0.0.1", false, false, NULL, 0 },
	{ "127.0.0.1:", false, false, NULL, 0 },
	{ "127.0.0.1:0", false, false, NULL, 0 },
	{ "127.0.0.1:65536", false, false, NULL, 0 },
	{ "127.0.0.1:08053", false, false, NULL, 0 },
	{ "127.0.0.1:+80", false, false, NULL, 0 },
	{ "127.0.0.1: 80", false, false, NULL, 0 },
	{ "127.0.0.1:80 ", false, false, NULL, 0 },
	{ "127.0.0.1:18446744073709551617", false, false, NULL, 0 },
	{ "127.1:80", false, false, NULL, 0 },
	{ "[127.0.0.1]:80", false, false, NULL, 0 },
	{ "::1:80", false, false, NULL, 0 },
	{ "[::1:80", false, false, NULL, 0 },
	{ "::1]:80", false, false, NULL, 0 },
	{ "[]:80", false, false, NULL, 0 },
	{ "[:80", false, false, NULL, 0 },
	{ ":80", false, false, NULL, 0 },
	{ "[fe80::1%lo]:80", false, false, NULL, 0 },
	{ "localhost:80", false, false, NULL, 0 },
	{ "", false, false, NULL, 0 },
	{ "[2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8::1]:1", false,
	    false, NULL, 0 },
};

static void
assert_socket_address(
    const struct endpoint *endpoint, const char *address, unsigned port)
{
	struct sockaddr_storage storage;
	socklen_t len = endpoint_socket_address(endpoint, &storage);
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	char text[INET6_ADDRSTRLEN];

	if (storage.ss_family == AF_INET) {
		assert_int_equal(len, sizeof(four));
		memcpy(&four, &storage, sizeof(four));
		(void)inet_ntop(AF_INET, &four.sin_addr, text, sizeof(text));
		assert_int_equal(ntohs(four.sin_port), port);
	} else {
		assert_int_equal(len, sizeof(six));
		memcpy(&six, &storage, sizeof(six));
		(void)inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof(text));
		assert_int_equal(ntohs(six.sin6_port), port);
	}
	assert_string_equal(text, address);
}

static void
test_endpoints(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(endpoints); i++) {
		struct endpoint endpoint;

		print_message("# '%s'\n", endpoints[i].text);
		assert_int_equal(endpoint_parse(endpoints[i].text, &endpoint),
		    endpoints[i].is_right);
		if (!endpoints[i].is_right)
			continue;
		assert_int_equal(
		    endpoint_is_loopback(&endpoint), endpoints[i].is_loopback);
		assert_socket_address(
		    &endpoint, endpoints[i].address, endpoints[i].port);
	}
}

static const struct {
	const char *network; /* of the peer, or not */
	const char *peer;    /* NULL: the network is none */
	bool holds;
} networks[] = {
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.0", false },
	{ "0.0.0.0/0", "203.0.113.9", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "2001:db8::/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/32", "2001:db9::", false },
	{ "2001:db8::1", "2001:db8::1", true },
	{ "::/0", "2001:db8::1", true },
	{ "::/0", "192.0.2.1", false },
	/* through a socket of IPv6 */
	{ "192.0.2.0/24", "::ffff:192.0.2.7", true },
	{ "192.0.2.0/24", "::ffff:192.0.3.7", false },
	{ "::/0", "::ffff:192.0.2.7", false },
	{ "192.0.2.1/24", NULL, false },
	{ "192.0.2.0/33", NULL, false },
	{ "192.0.2.0/", NULL, false },
	{ "192.0.2.0/024", NULL, false },
	{ "192.0.2.0/-1", NULL, false },
	{ "192.0.2.0/24/24", NULL, false },
	{ "192.0.2/24", NULL, false },
	{ "2001:db8::/129", NULL, false },
	{ "2001:db8::1/64", NULL, false },
	{ "[2001:db8::1]", NULL, false },
	{ "example.com", NULL, false },
	{ "/24", NULL, false },
	{ "", NULL, false },
};

static void
peer_make(const char *text, struct sockaddr_storage *ret_peer)
{
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };

	memset(ret_peer, 0, sizeof(*ret_peer));
	if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
		memcpy(ret_peer, &four, sizeof(four));
		return;
	}
	assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
	memcpy(ret_peer, &six, sizeof(six));
}

static void
test_networks(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(networks); i++) {
		struct network network;
		struct sockaddr_storage peer;

		print_message("# '%s'\n", networks[i].network);
		assert_int_equal(network_parse(networks[i].network, &network),
		    networks[i].peer != NULL);
		if (networks[i].peer == NULL)
			continue;
		peer_make(networks[i].peer, &peer);
		assert_int_equal(
		    network_holds(&network, (const struct sockaddr *)&peer),
		    networks[i].holds);
	}
}

/* Of a unix socket, whose peers have none. */
static void
test_no_address(void **state)
{
	const struct sockaddr peer = { .sa_family = AF_UNIX };
	struct network all;

	(void)state;
	assert_true(network_parse("0.0.0.0/0", &all));
	assert_false(network_holds(&all, &peer));
	assert_true(network_parse("::/0", &all));
	assert_false(network_holds(&all, &peer));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_no_address),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
