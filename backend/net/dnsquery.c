/* SPDX-License-Identifier: MIT */
#include "net/dnsquery.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ldns/ldns.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

/* What fits everywhere without fragments (DNS flag day 2020). */
enum {
	UDP_SIZE = 1232,
	MESSAGE_MAX = 65535, /* of 16 bits (RFC 1035 s4.2.2) */
	ATTEMPTS = 2,
	ROUTE_MS = 1000, /* a look at the routing table */
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

int
dnsserver_socket(const struct dnsserver *server, int type,
    struct sockaddr_storage *ret_address, socklen_t *ret_len)
{
	/* Of which type makes no difference to an address. */
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *address;
	char *port = mem_format("%u", server->port);
	int fd = -1;

	errno = EADDRNOTAVAIL;
	if (getaddrinfo(server->address, port, &hints, &address) == 0) {
		memcpy(ret_address, address->ai_addr, address->ai_addrlen);
		*ret_len = address->ai_addrlen;
		freeaddrinfo(address);
		fd = socket(ret_address->ss_family, type | SOCK_CLOEXEC, 0);
	}
	free(port);
	return fd;
}

/* Return a connected socket, or -1 with errno. */
static int
server_connect(
    const struct dnsserver *server, int type, const struct deadline *deadline)
{
	struct sockaddr_storage address;
	socklen_t len;
	int fd = dnsserver_socket(server, type, &address, &len);
	int error;

	if (fd >= 0 && !deadline_connect(deadline, fd,
			   (const struct sockaddr *)&address, len)) {
		error = errno;
		(void)close(fd);
		fd = -1;
		errno = error;
	}
	return fd;
}

bool
dnsserver_has_route(const struct dnsserver *server)
{
	const struct deadline deadline = deadline_in(ROUTE_MS);
	/* Sends nothing. */
	int fd = server_connect(server, SOCK_DGRAM, &deadline);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static ldns_rdf *
name_make(const struct dname *name)
{
	uint8_t wire[DNAME_WIRE_MAX];
	size_t len = dname_wire(name->key, name->len, wire);

	return ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, len, wire);
}

/* A question, and room for what comes. */
struct question {
	const struct dnsserver *server;
	const struct deadline *deadline;
	char *who; /* the server, in words; owned */
	ldns_pkt *query;
	uint8_t *wire; /* of it, behind two octets of its length */
	size_t wire_len;
	uint8_t *octets; /* MESSAGE_MAX */
};

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
	       ldns_rr_get_class(a) == ldns_rr_get_class(b) &&
	       ldns_dname_compare(ldns_rr_owner(a), ldns_rr_owner(b)) == 0;
}

/* Read `len` octets as the answer; NULL: they are something else. */
static ldns_pkt *
answer_parse(const struct question *question, size_t len)
{
	ldns_pkt *packet = NULL;

	if (ldns_wire2pkt(&packet, question->octets, len) != LDNS_STATUS_OK)
		return NULL;
	if (is_answer(question->query, packet))
		return packet;
	ldns_pkt_free(packet);
	return NULL;
}

/* What ICMP says, and anybody might in its name: no reason not to listen. */
static bool
is_remark(int error)
{
	return error == ECONNREFUSED || error == EHOSTUNREACH ||
	       error == ENETUNREACH;
}

/*
 * Send the question, and listen for the answer until `turn`.  What else comes
 * is passed over (RFC 5452 s9.1), as is what the kernel drops since it is from
 * elsewhere.  NULL: *ret_error says why.
 */
static ldns_pkt *
udp_turn(const struct question *question, const struct deadline *turn, int fd,
    int *ret_error)
{
	ldns_pkt *answer = NULL;
	int remark = 0;

	if (!deadline_send(turn, fd, question->wire + 2, question->wire_len)) {
		*ret_error = errno;
		return NULL;
	}
	while (answer == NULL) {
		ssize_t got = deadline_receive(
		    turn, fd, question->octets, MESSAGE_MAX);

		if (got > 0) {
			answer = answer_parse(question, (size_t)got);
		} else if (got < 0 && is_remark(errno)) {
			remark = errno;
		} else if (got < 0) {
			/* Why it is silent says more than that it is. */
			*ret_error = remark != 0 ? remark : errno;
			break;
		}
	}
	return answer;
}

static enum status
udp_ask(const struct question *question, ldns_pkt **ret_packet,
    struct problem *problem)
{
	const struct deadline *whole = question->deadline;
	int fd = server_connect(question->server, SOCK_DGRAM, whole);
	ldns_pkt *answer = NULL;
	int error = errno;

	/* The last turn has all that is left. */
	for (int i = 0; fd >= 0 && answer == NULL && i < ATTEMPTS; i++) {
		struct deadline turn = deadline_within(
		    whole, deadline_left(whole) / (ATTEMPTS - i));

		answer = udp_turn(question, &turn, fd, &error);
	}
	if (fd >= 0)
		(void)close(fd);
	if (answer == NULL) {
		errno = error;
		deadline_problem(whole, question->who, "no answer", problem);
		return STATUS_IO;
	}
	*ret_packet = answer;
	return STATUS_OK;
}

/* Read exactly `len` octets.  False: errno says why. */
static bool
octets_take(const struct question *question, int fd, size_t len)
{
	size_t at = 0;

	while (at < len) {
		ssize_t got = deadline_receive(
		    question->deadline, fd, question->octets + at, len - at);

		if (got == 0)
			errno = ECONNRESET;
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

/* Ask once; STATUS_IO: errno says why. */
static enum status
tcp_turn(const struct question *question, ldns_pkt **ret_packet)
{
	int fd = server_connect(
	    question->server, SOCK_STREAM, question->deadline);
	enum status status = STATUS_IO;
	int error;

	if (fd < 0)
		return STATUS_IO;
	/* Length and message go together (RFC 7766 s8). */
	if (deadline_send(question->deadline, fd, question->wire,
		question->wire_len + 2) &&
	    octets_take(question, fd, 2)) {
		size_t len = (size_t)question->octets[0] << 8 |
			     question->octets[1];

		if (octets_take(question, fd, len)) {
			*ret_packet = answer_parse(question, len);
			status = *ret_packet != NULL ? STATUS_OK
						     : STATUS_MALFORMED;
		}
	}
	error = errno;
	(void)close(fd);
	errno = error;
	return status;
}

static enum status
tcp_ask(const struct question *question, ldns_pkt **ret_packet,
    struct problem *problem)
{
	enum status status = STATUS_IO;

	/* A server that is started anew drops its connections. */
	for (int i = 0; status == STATUS_IO && i < ATTEMPTS; i++)
		status = tcp_turn(question, ret_packet);
	if (status == STATUS_MALFORMED)
		problem_set(
		    problem, "%s: answers something else", question->who);
	else if (status != STATUS_OK)
		deadline_problem(question->deadline, question->who,
		    "no whole answer", problem);
	return status;
}

static enum status
ask(const struct question *question, enum dnsquery_transport transport,
    ldns_pkt **ret_packet, struct problem *problem)
{
	ldns_pkt *packet = NULL;
	enum status status;

	if (transport == DNSQUERY_UDP) {
		status = udp_ask(question, &packet, problem);
		if (status != STATUS_OK || !ldns_pkt_tc(packet)) {
			*ret_packet = packet;
			return status;
		}
		ldns_pkt_free(packet);
	}
	return tcp_ask(question, ret_packet, problem);
}

static void
question_fini(struct question *question)
{
	free(question->who);
	free(question->wire);
	free(question->octets);
	ldns_pkt_free(question->query);
}

/* Make the message; false if ldns does not. */
static bool
question_init(const struct dnsserver *server, const struct dname *name,
    ldns_rr_type type, const struct deadline *deadline,
    struct question *ret_question)
{
	ldns_rdf *rdf = name_make(name);
	ldns_pkt *query = rdf != NULL ? ldns_pkt_query_new(
					    rdf, type, LDNS_RR_CLASS_IN, 0)
				      : NULL;
	struct buf who = { 0 };
	uint8_t *wire = NULL;
	size_t len = 0;

	dnsserver_format(server, &who);
	*ret_question = (struct question){ .server = server,
		.deadline = deadline,
		.who = mem_string(buf_text(&who)),
		.query = query,
		.octets = mem_new(MESSAGE_MAX) };
	buf_fini(&who);
	if (query == NULL) {
		ldns_rdf_deep_free(rdf);
		return false;
	}
	ldns_pkt_set_random_id(query);
	ldns_pkt_set_edns_udp_size(query, UDP_SIZE);
	ldns_pkt_set_edns_do(query, true);
	if (ldns_pkt2wire(&wire, query, &len) != LDNS_STATUS_OK)
		return false;
	ret_question->wire = mem_new(len + 2);
	ret_question->wire[0] = (uint8_t)(len >> 8);
	ret_question->wire[1] = (uint8_t)len;
	memcpy(ret_question->wire + 2, wire, len);
	ret_question->wire_len = len;
	LDNS_FREE(wire);
	return true;
}

enum status
dnsquery_ask(const struct dnsserver *server, const struct dname *name,
    ldns_rr_type type, enum dnsquery_transport transport,
    const struct deadline *deadline, ldns_pkt **ret_packet,
    struct problem *problem)
{
	struct question question;
	ldns_pkt *packet = NULL;
	enum status status = STATUS_IO;

	if (question_init(server, name, type, deadline, &question))
		status = ask(&question, transport, &packet, problem);
	else
		problem_set(problem, "%s: cannot ask", question.who);
	for (int i = 1; i < SERVFAILS && packet != NULL &&
			ldns_pkt_get_rcode(packet) == LDNS_RCODE_SERVFAIL;
	     i++) {
		ldns_pkt *again = NULL;

		/* No answer now does not make the one before untrue. */
		if (ask(&question, transport, &again, NULL) != STATUS_OK)
			break;
		ldns_pkt_free(packet);
		packet = again;
	}
	if (status == STATUS_OK)
		*ret_packet = packet;
	question_fini(&question);
	return status;
}

char *
dnsquery_rcode(const ldns_pkt *packet)
{
	char *text = ldns_pkt_rcode2str(ldns_pkt_get_rcode(packet));

	return text != NULL ? text : mem_string("an unknown RCODE");
}
