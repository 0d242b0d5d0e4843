/* SPDX-License-Identifier: MIT */
/*
 * Any octets as the reply of a name server, to each question that is asked
 * about it: of its SOA record, a TLSA RRset, how it denies.  What is said of it
 * is fit for a line, and the same reply means the same again.
 *
 * The first octet tells whether it is asked for over UDP as well, where it is
 * made a reply to that question.
 */
#include <assert.h>
#include <ldns/ldns.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "loop/deadline.h"
#include "net/denial.h"
#include "net/dnsquery.h"
#include "net/packet.h"
#include "net/peers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	UDP_MOST = 4096, /* octets of a reply that we send */
	PATIENCE = 4000, /* ms */
};

#define ZONE  "tlsa.example.net."
#define OWNER "_25._tcp.mail.example.com." ZONE

/* A name server of this machine, in a thread of its own. */
static struct {
	int fd;
	uint16_t port;
	const uint8_t *data; /* of this input */
	size_t size;
} server;

/*
 * Make the input a reply to the question, for anything else is waited out:
 * free() the octets; NULL where that cannot be.
 */
static uint8_t *
reply_make(const ldns_pkt *query, size_t *ret_len)
{
	ldns_pkt *packet = NULL;
	ldns_pkt *again = NULL;
	uint8_t *octets = NULL;

	if (ldns_wire2pkt(&packet, server.data, server.size) != LDNS_STATUS_OK)
		return NULL;
	ldns_pkt_set_id(packet, ldns_pkt_id(query));
	ldns_pkt_set_qr(packet, true);
	ldns_rr_list_deep_free(ldns_pkt_question(packet));
	ldns_pkt_set_question(
	    packet, ldns_rr_list_clone(ldns_pkt_question(query)));
	ldns_pkt_set_qdcount(packet, 1);
	if (ldns_pkt2wire(&octets, packet, ret_len) != LDNS_STATUS_OK ||
	    *ret_len > UDP_MOST ||
	    ldns_wire2pkt(&again, octets, *ret_len) != LDNS_STATUS_OK) {
		free(octets);
		octets = NULL;
	}
	ldns_pkt_free(again);
	ldns_pkt_free(packet);
	return octets;
}

static void *
reply_on(void *arg)
{
	(void)arg;
	for (;;) {
		struct sockaddr_in from;
		socklen_t from_len = sizeof(from);
		uint8_t octets[UDP_MOST];
		ldns_pkt *query = NULL;
		uint8_t *reply;
		size_t len = 0;
		ssize_t got = recvfrom(server.fd, octets, sizeof(octets), 0,
		    (struct sockaddr *)&from, &from_len);

		assert(got > 0 && ldns_wire2pkt(&query, octets, (size_t)got) ==
				      LDNS_STATUS_OK);
		reply = reply_make(query, &len);
		if (reply != NULL)
			(void)sendto(server.fd, reply, len, 0,
			    (const struct sockaddr *)&from, from_len);
		free(reply);
		ldns_pkt_free(query);
	}
	return NULL;
}

static void
server_begin(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	pthread_t thread;

	server.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert(bind(server.fd, (const struct sockaddr *)&address,
		   sizeof(address)) == 0 &&
	       getsockname(server.fd, (struct sockaddr *)&address, &len) == 0);
	server.port = ntohs(address.sin_port);
	assert(pthread_create(&thread, NULL, reply_on, NULL) == 0);
}

/* Is there a reply to be made of the input? */
static bool
is_reply(void)
{
	ldns_pkt *query = ldns_pkt_query_new(ldns_dname_new_frm_str(ZONE),
	    LDNS_RR_TYPE_SOA, LDNS_RR_CLASS_IN, 0);
	size_t len = 0;
	uint8_t *octets = reply_make(query, &len);
	bool is_one = octets != NULL;

	free(octets);
	ldns_pkt_free(query);
	return is_one;
}

static struct dname
name_of(const char *text)
{
	struct dname name;

	assert(dname_parse(text, strlen(text), &name) == STATUS_OK);
	return name;
}

static void
check_plain(const char *text)
{
	for (; *text != '\0'; text++)
		assert(*text >= ' ' && *text <= '~');
}

static void
check_texts(const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		check_plain(texts->list[i]);
		assert(
		    i == 0 || strcmp(texts->list[i - 1], texts->list[i]) < 0);
	}
}

static void
check_denial(const ldns_pkt *packet)
{
	struct denial denial;
	struct buf text = { 0 };
	struct problem why = { "" };
	struct nsec3 nsec3;

	denial_read(packet, &denial);
	denial_read_param(packet, &denial);
	assert(denial.nsec3.salt_len <= NSEC3_SALT_MAX);
	denial_format(&denial, &text);
	check_plain(buf_text(&text));
	if (denial.mode == DENIAL_NSEC3 || denial.mode == DENIAL_NARROW)
		assert(denial_agrees(&denial, &denial.nsec3));
	(void)memset(&nsec3, 0, sizeof(nsec3));
	(void)denial_agrees(&denial, &nsec3);
	(void)denial_agrees(&denial, NULL);
	assert(denial_is_foreign(packet, 300, &why) == (why.text[0] != '\0'));
	check_plain(why.text);
	buf_fini(&text);
}

/* What doctor and check read of a packet. */
static void
check_packet(const uint8_t *data, size_t size)
{
	static const ldns_rr_type types[] = { LDNS_RR_TYPE_TLSA,
		LDNS_RR_TYPE_SOA, LDNS_RR_TYPE_NS, LDNS_RR_TYPE_DS,
		LDNS_RR_TYPE_A, LDNS_RR_TYPE_AAAA };
	struct dname owner = name_of(OWNER);
	ldns_pkt *packet = NULL;
	struct texts texts = { 0 };
	char *rcode;

	if (ldns_wire2pkt(&packet, data, size) != LDNS_STATUS_OK)
		return;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t before = texts.count;

		packet_rdata(packet, &owner, types[i], &texts);
		assert(texts.count == before || packet_has(packet, types[i]));
	}
	packet_types(packet, &owner, &texts);
	check_texts(&texts);
	rcode = dnsquery_rcode(packet);
	check_plain(rcode);
	check_denial(packet);
	free(rcode);
	texts_fini(&texts);
	ldns_pkt_free(packet);
}

static void
check_findings(const struct findings *findings)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	assert(stream != NULL);
	findings_lines(findings, "", stream);
	(void)fclose(stream);
	for (size_t i = 0; i < len; i++)
		assert(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
	free(text);
	json_decref(findings_json(findings));
}

/* As `doctor`, `check` and `wait` ask a secondary. */
static void
check_peer(void)
{
	char subject[] = "name server 'ns.example.net.' (192.0.2.53)";
	struct dname zone = name_of(ZONE);
	struct dname owner = name_of(OWNER);
	struct peer peer = { .server = { "127.0.0.1", server.port },
		.subject = subject };
	struct peers peers = { .zone = &zone,
		.zone_name = ZONE,
		.list = &peer,
		.count = 1,
		.deadline = deadline_in(PATIENCE) };
	struct findings findings = { 0 };
	struct problem problem = { "" };
	struct texts rrset = { 0 };
	uint32_t serial = 0;
	bool is_answer;

	peers_zone(&peers, &findings);
	peers_serials(&peers, 7, "PowerDNS", &findings);
	assert(peers_newest(&peers, &serial) == peer.is_served);
	assert(!peer.is_served || serial == peer.serial);
	check_findings(&findings);
	is_answer = peers_rrset(&peers, &peer, &owner, &rrset, &problem);
	assert(is_answer == (problem.text[0] == '\0'));
	assert(is_answer || rrset.count == 0);
	check_plain(problem.text);
	check_texts(&rrset);
	texts_fini(&rrset);
	findings_fini(&findings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (server.port == 0)
		server_begin();
	server.data = data + 1;
	server.size = size - 1;
	check_packet(server.data, server.size);
	if (data[0] % 4 != 0 && is_reply())
		check_peer();
	return 0;
}
