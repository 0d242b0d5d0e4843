/* SPDX-License-Identifier: MIT */
#include "dnsquery.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "mem.h"

/* What fits everywhere without fragments (DNS flag day 2020). */
enum {
	UDP_SIZE = 1232,
	ATTEMPTS = 2,
	PORT = 53,
	/* PowerDNS's three distributor threads take turns, and a few more. */
	SERVFAILS = 6,
};

static bool
port_parse(const char *text, uint16_t *ret_port)
{
	char *end;
	unsigned long number;

	if (text[0] < '0' || text[0] > '9')
		return false;
	number = strtoul(text, &end, 10);
	if (*end != '\0' || number == 0 || number > UINT16_MAX)
		return false;
	*ret_port = (uint16_t)number;
	return true;
}

static bool
is_address(int family, const char *text)
{
	struct in6_addr address;

	return inet_pton(family, text, &address) == 1;
}

/* Split into address and port (NULL: none) in place. */
static bool
server_split(char *text, char **ret_address, char **ret_port)
{
	char *end;

	*ret_address = text;
	*ret_port = NULL;
	if (text[0] == '[') {
		*ret_address = text + 1;
		end = strchr(text, ']');
		if (end == NULL)
			return false;
		*end++ = '\0';
		if (*end == ':')
			*ret_port = end + 1;
		return (*end == '\0' || *end == ':') &&
		       is_address(AF_INET6, *ret_address);
	}
	if (is_address(AF_INET6, text))
		return true;
	end = strchr(text, ':');
	if (end != NULL) {
		*end = '\0';
		*ret_port = end + 1;
	}
	return is_address(AF_INET, text);
}

bool
dnsserver_parse(const char *text, struct dnsserver *ret_server)
{
	struct dnsserver server = { .port = PORT };
	char *copy = mem_string(text);
	char *address;
	char *port;
	bool is_good = server_split(copy, &address, &port) &&
		       (port == NULL || port_parse(port, &server.port)) &&
		       strlen(address) < sizeof(server.address);

	if (is_good) {
		memcpy(server.address, address, strlen(address) + 1);
		*ret_server = server;
	}
	free(copy);
	return is_good;
}

void
dnsserver_format(const struct dnsserver *server, struct buf *text)
{
	bool is_v6 = strchr(server->address, ':') != NULL;

	buf_add_format(
	    text, is_v6 ? "[%s]:%u" : "%s:%u", server->address, server->port);
}

bool
dnsserver_has_route(const struct dnsserver *server)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *address = NULL;
	char *port = mem_format("%u", server->port);
	bool has_route = false;
	int fd;

	if (getaddrinfo(server->address, port, &hints, &address) == 0) {
		fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		/* Sends nothing. */
		has_route = fd >= 0 && connect(fd, address->ai_addr,
					   address->ai_addrlen) == 0;
		if (fd >= 0)
			(void)close(fd);
		freeaddrinfo(address);
	}
	free(port);
	return has_route;
}

static ldns_resolver *
resolver_make(const struct dnsserver *server, enum dnsquery_transport transport,
    int timeout_ms)
{
	const struct timeval timeout = { .tv_sec = timeout_ms / 1000,
		.tv_usec = timeout_ms % 1000 * 1000 };
	bool is_v6 = strchr(server->address, ':') != NULL;
	ldns_resolver *resolver = ldns_resolver_new();
	ldns_rdf *address = ldns_rdf_new_frm_str(
	    is_v6 ? LDNS_RDF_TYPE_AAAA : LDNS_RDF_TYPE_A, server->address);

	if (resolver != NULL && address != NULL) {
		(void)ldns_resolver_push_nameserver(resolver, address);
		ldns_resolver_set_port(resolver, server->port);
		ldns_resolver_set_timeout(resolver, timeout);
		ldns_resolver_set_retry(resolver, ATTEMPTS);
		ldns_resolver_set_retrans(resolver, 0);
		ldns_resolver_set_recursive(resolver, false);
		ldns_resolver_set_dnssec(resolver, true);
		ldns_resolver_set_edns_udp_size(resolver, UDP_SIZE);
		ldns_resolver_set_usevc(resolver, transport == DNSQUERY_TCP);
	}
	ldns_rdf_deep_free(address);
	return resolver;
}

static ldns_rdf *
name_make(const struct dname *name)
{
	uint8_t wire[DNAME_WIRE_MAX];
	size_t len = dname_wire(name->key, name->len, wire);

	return ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, len, wire);
}

/* An answer to another question would make for wrong advice. */
static bool
is_answer(const ldns_pkt *query, const ldns_pkt *answer)
{
	const ldns_rr_list *asked = ldns_pkt_question(query);
	const ldns_rr_list *answered = ldns_pkt_question(answer);
	const ldns_rr *a = ldns_rr_list_rr(asked, 0);
	const ldns_rr *b = ldns_rr_list_rr(answered, 0);

	return ldns_pkt_qr(answer) &&
	       ldns_pkt_id(query) == ldns_pkt_id(answer) && a != NULL &&
	       b != NULL && ldns_rr_get_type(a) == ldns_rr_get_type(b) &&
	       ldns_dname_compare(ldns_rr_owner(a), ldns_rr_owner(b)) == 0;
}

static enum status
ask(ldns_resolver *resolver, const ldns_rdf *name, ldns_rr_type type,
    ldns_pkt **ret_packet, struct problem *problem)
{
	ldns_pkt *query = NULL;
	ldns_pkt *answer = NULL;
	enum status status = STATUS_IO;

	if (ldns_resolver_prepare_query_pkt(&query, resolver, name, type,
		LDNS_RR_CLASS_IN, 0) != LDNS_STATUS_OK) {
		problem_set(problem, "cannot ask");
	} else if (ldns_resolver_send_pkt(&answer, resolver, query) !=
		       LDNS_STATUS_OK ||
		   answer == NULL) {
		problem_set(problem, "no answer");
	} else if (!is_answer(query, answer)) {
		problem_set(problem, "answers something else");
		status = STATUS_MALFORMED;
	} else {
		*ret_packet = answer;
		answer = NULL;
		status = STATUS_OK;
	}
	ldns_pkt_free(answer);
	ldns_pkt_free(query);
	return status;
}

enum status
dnsquery_ask(const struct dnsserver *server, const struct dname *name,
    ldns_rr_type type, enum dnsquery_transport transport, int timeout_ms,
    ldns_pkt **ret_packet, struct problem *problem)
{
	ldns_resolver *resolver = resolver_make(server, transport, timeout_ms);
	ldns_rdf *rdf = name_make(name);
	ldns_pkt *packet = NULL;
	int64_t end = loop_now() + timeout_ms;
	enum status status = STATUS_IO;

	if (resolver != NULL && rdf != NULL)
		status = ask(resolver, rdf, type, &packet, problem);
	else
		problem_set(problem, "cannot ask");
	for (int i = 1; i < SERVFAILS && packet != NULL &&
			ldns_pkt_get_rcode(packet) == LDNS_RCODE_SERVFAIL &&
			loop_now() < end;
	     i++) {
		ldns_pkt *again = NULL;

		/* No answer now does not make the one before untrue. */
		if (ask(resolver, rdf, type, &again, NULL) != STATUS_OK)
			break;
		ldns_pkt_free(packet);
		packet = again;
	}
	if (status == STATUS_OK)
		*ret_packet = packet;
	ldns_rdf_deep_free(rdf);
	ldns_resolver_deep_free(resolver);
	return status;
}

char *
dnsquery_rcode(const ldns_pkt *packet)
{
	char *text = ldns_pkt_rcode2str(ldns_pkt_get_rcode(packet));

	return text != NULL ? text : mem_string("an unknown RCODE");
}
