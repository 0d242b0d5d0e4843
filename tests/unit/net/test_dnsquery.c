/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/dnsquery.h"
#include "net/packet.h"
#include "villain.h"

enum {
	PATIENCE_MS = 1000, /* for what never comes */
	LONG_MS = 8000,     /* for what comes, on a busy machine */
};

static const struct {
	const char *text;
	const char *address; /* NULL: refused */
	uint16_t port;
	const char *formatted;
} servers[] = {
	{ "192.0.2.1", "192.0.2.1", 53, "192.0.2.1:53" },
	{ "192.0.2.1:5300", "192.0.2.1", 5300, "192.0.2.1:5300" },
	{ "2001:db8::1", "2001:db8::1", 53, "[2001:db8::1]:53" },
	{ "[2001:db8::1]", "2001:db8::1", 53, "[2001:db8::1]:53" },
	{ "[2001:db8::1]:65535", "2001:db8::1", 65535, "[2001:db8::1]:65535" },
	{ "", NULL, 0, NULL },
	{ "localhost", NULL, 0, NULL },
	{ "192.0.2.1:", NULL, 0, NULL },
	{ "192.0.2.1:0", NULL, 0, NULL },
	{ "192.0.2.1:65536", NULL, 0, NULL },
	{ "192.0.2.1:+53", NULL, 0, NULL },
	{ "192.0.2.1:53x", NULL, 0, NULL },
	{ "192.0.2", NULL, 0, NULL },
	{ "[192.0.2.1]:53", NULL, 0, NULL },
	{ "[2001:db8::1", NULL, 0, NULL },
	{ "[2001:db8::1]53", NULL, 0, NULL },
	{ "[2001:db8::1]:", NULL, 0, NULL },
};

static void
test_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(servers); i++) {
		struct dnsserver server = { .address = "untouched" };
		struct buf text = { 0 };

		print_message("# '%s'\n", servers[i].text);
		if (servers[i].address == NULL) {
			assert_false(dnsserver_parse(servers[i].text, &server));
			assert_string_equal(server.address, "untouched");
			continue;
		}
		assert_true(dnsserver_parse(servers[i].text, &server));
		assert_string_equal(server.address, servers[i].address);
		assert_int_equal(server.port, servers[i].port);
		dnsserver_format(&server, &text);
		assert_string_equal(buf_text(&text), servers[i].formatted);
		buf_fini(&text);
	}
}

/* Names in any case, other names and types aside; TLSA as in answer/tlsa.h. */
static void
test_packet(void **state)
{
	static const char *const records[] = {
		"_25._tcp.Mail.example. 60 IN TLSA 3 1 1 ABCDEF",
		"_25._tcp.mail.example. 60 IN TLSA 2 1 1 00FF",
		"_26._tcp.mail.example. 60 IN TLSA 2 1 1 11",
		"_25._tcp.mail.example. 60 IN CNAME Other.Example.",
		"_25._tcp.mail.example. 60 IN TXT \"v=TLSRPTv1\"",
	};
	ldns_pkt *packet = ldns_pkt_new();
	struct texts tlsa = { 0 }, types = { 0 }, cname = { 0 };
	struct texts txt = { 0 };
	struct dname owner;

	(void)state;
	assert_int_equal(
	    dname_parse("_25._TCP.mail.example", 21, &owner), STATUS_OK);
	assert_false(packet_has(packet, LDNS_RR_TYPE_TLSA));
	for (size_t i = 0; i < LENGTH(records); i++) {
		ldns_rr *rr = NULL;

		assert_int_equal(
		    ldns_rr_new_frm_str(&rr, records[i], 0, NULL, NULL),
		    LDNS_STATUS_OK);
		assert_true(ldns_pkt_push_rr(packet, LDNS_SECTION_ANSWER, rr));
	}
	packet_rdata(packet, &owner, LDNS_RR_TYPE_TLSA, &tlsa);
	assert_int_equal(tlsa.count, 2);
	assert_string_equal(tlsa.list[0], "2 1 1 00ff");
	assert_string_equal(tlsa.list[1], "3 1 1 abcdef");
	packet_rdata(packet, &owner, LDNS_RR_TYPE_CNAME, &cname);
	assert_int_equal(cname.count, 1);
	assert_string_equal(cname.list[0], "other.example.");
	packet_rdata(packet, &owner, LDNS_RR_TYPE_TXT, &txt);
	assert_int_equal(txt.count, 1);
	assert_string_equal(txt.list[0], "\"v=TLSRPTv1\"");
	packet_types(packet, &owner, &types);
	assert_int_equal(types.count, 3);
	assert_true(packet_has(packet, LDNS_RR_TYPE_TLSA));
	assert_false(packet_has(packet, LDNS_RR_TYPE_A));
	texts_fini(&tlsa);
	texts_fini(&types);
	texts_fini(&cname);
	texts_fini(&txt);
	ldns_pkt_free(packet);
}

/* Port 9 of the loopback: refused, or silent. */
static void
test_silence(void **state)
{
	const struct dnsserver server = { .address = "127.0.0.1", .port = 9 };
	const struct deadline deadline = deadline_in(200);
	struct problem problem = { "" };
	ldns_pkt *packet = NULL;
	struct dname name;

	(void)state;
	assert_int_equal(dname_parse("example", 7, &name), STATUS_OK);
	for (int transport = DNSQUERY_UDP; transport <= DNSQUERY_TCP;
	     transport++)
		assert_int_equal(dnsquery_ask(&server, &name, LDNS_RR_TYPE_A,
				     (enum dnsquery_transport)transport,
				     &deadline, &packet, &problem),
		    STATUS_IO);
	assert_null(packet);
	assert_ptr_equal(strstr(problem.text, "127.0.0.1:9: "), problem.text);
}

/* Ask a villain; returns what came of it while it was there. */
static enum status
villain_ask(villain_fn *act, int type, int patience_ms, ldns_pkt **ret_packet,
    struct problem *problem)
{
	struct dnsserver server = { .address = "127.0.0.1" };
	struct villain villain;
	struct deadline deadline;
	struct dname name;
	enum status status;
	char *who;

	villain_begin(&villain, type, act);
	server.port = villain.port;
	deadline = deadline_in(patience_ms);
	assert_int_equal(dname_parse("example", 7, &name), STATUS_OK);
	status = dnsquery_ask(&server, &name, LDNS_RR_TYPE_A,
	    type == SOCK_STREAM ? DNSQUERY_TCP : DNSQUERY_UDP, &deadline,
	    ret_packet, problem);
	assert_true(villain_is_there(&villain));
	villain_end(&villain);
	if (status == STATUS_OK)
		return status;
	who = mem_format("127.0.0.1:%u: ", server.port);
	assert_ptr_equal(strstr(problem->text, who), problem->text);
	free(who);
	return status;
}

/* The longest message that there is, octet by octet. */
static void
drip(int fd)
{
	villain_hear(fd);
	while (villain_drip(fd, "\xff", 1))
		continue;
}

static void
silent(int fd)
{
	for (;;)
		villain_hear(fd);
}

static void
nonsense(int fd)
{
	static const char text[] = "\0\x10there is no sense in this";

	villain_hear(fd);
	villain_flood(fd, text, sizeof(text) - 1);
}

static void
hang_up(int fd)
{
	villain_hear(fd);
	(void)send(fd, "\x02\x00half", 6, MSG_NOSIGNAL);
}

/* Over TCP. */
static void
test_tcp(void **state)
{
	static const struct {
		villain_fn *act;
		int patience_ms;
		enum status status;
		const char *reason;
	} rows[] = {
		{ drip, PATIENCE_MS, STATUS_IO,
		    "no whole answer within 1 second" },
		{ silent, PATIENCE_MS, STATUS_IO,
		    "no whole answer within 1 second" },
		{ nonsense, LONG_MS, STATUS_MALFORMED,
		    "answers something else" },
		{ hang_up, LONG_MS, STATUS_IO, "Connection reset by peer" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct problem problem = { "" };
		ldns_pkt *packet = NULL;

		assert_int_equal(villain_ask(rows[i].act, SOCK_STREAM,
				     rows[i].patience_ms, &packet, &problem),
		    rows[i].status);
		assert_null(packet);
		if (strstr(problem.text, rows[i].reason) == NULL)
			fail_msg(
			    "'%s', not '%s'", problem.text, rows[i].reason);
	}
}

/* A question on its way back as its own answer. */
struct echo {
	uint8_t octets[512];
	size_t len;
	struct sockaddr_in from;
};

static void
echo_take(int fd, struct echo *echo)
{
	socklen_t len = sizeof(echo->from);

	echo->len = (size_t)recvfrom(fd, echo->octets, sizeof(echo->octets), 0,
	    (struct sockaddr *)&echo->from, &len);
	echo->octets[2] |= 0x80; /* QR */
}

static void
echo_send(int fd, const struct echo *echo)
{
	(void)sendto(fd, echo->octets, echo->len, 0,
	    (const struct sockaddr *)&echo->from, sizeof(echo->from));
}

/*
 * Before the answer comes one from another port, which says NXDOMAIN, as do an
 * answer to another number, one to another name, and what is none.
 */
static void
crowd(int fd)
{
	int stranger = socket(AF_INET, SOCK_DGRAM, 0);
	struct echo right;
	struct echo wrong;

	echo_take(fd, &right);
	wrong = right;
	wrong.octets[3] |= LDNS_RCODE_NXDOMAIN;
	echo_send(stranger, &wrong);
	wrong.octets[0] ^= 1;
	echo_send(fd, &wrong);
	wrong.octets[0] ^= 1;
	wrong.octets[13] ^= 1;
	echo_send(fd, &wrong);
	wrong.len = 0;
	echo_send(fd, &wrong);
	wrong.len = 13;
	echo_send(fd, &wrong);
	echo_send(fd, &right);
}

/* The first question is lost. */
static void
deaf(int fd)
{
	struct echo echo;

	villain_hear(fd);
	echo_take(fd, &echo);
	echo_send(fd, &echo);
}

/* Say that the answer does not fit, and take who comes over TCP for it. */
static int
truncate_accept(int fd)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct echo echo;

	(void)getsockname(fd, (struct sockaddr *)&address, &len);
	(void)bind(listener, (const struct sockaddr *)&address, len);
	(void)listen(listener, 1);
	echo_take(fd, &echo);
	echo.octets[2] |= 0x02; /* TC */
	echo_send(fd, &echo);
	return accept(listener, NULL, NULL);
}

static void
truncated(int fd)
{
	uint8_t octets[512];
	int peer = truncate_accept(fd);
	ssize_t len = recv(peer, octets, sizeof(octets), 0);

	octets[4] |= 0x80; /* QR, behind two octets of length */
	(void)send(peer, octets, (size_t)len, MSG_NOSIGNAL);
}

static void
truncated_drip(int fd)
{
	drip(truncate_accept(fd));
}

static void
test_udp(void **state)
{
	static villain_fn *const acts[] = { crowd, deaf, truncated };

	(void)state;
	for (size_t i = 0; i < LENGTH(acts); i++) {
		struct problem problem = { "" };
		ldns_pkt *packet = NULL;

		if (villain_ask(acts[i], SOCK_DGRAM, LONG_MS, &packet,
			&problem) != STATUS_OK)
			fail_msg("%s", problem.text);
		assert_int_equal(
		    ldns_pkt_get_rcode(packet), LDNS_RCODE_NOERROR);
		ldns_pkt_free(packet);
	}
}

/* What is no answer comes for ever. */
static void
babble(int fd)
{
	struct echo echo;

	echo_take(fd, &echo);
	echo.octets[0] ^= 1;
	for (;;)
		echo_send(fd, &echo);
}

static void
test_udp_end(void **state)
{
	static const struct {
		villain_fn *act;
		const char *reason;
	} rows[] = {
		{ babble, "no answer within 1 second" },
		{ silent, "no answer within 1 second" },
		{ truncated_drip, "no whole answer within 1 second" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct problem problem = { "" };
		ldns_pkt *packet = NULL;

		assert_int_equal(villain_ask(rows[i].act, SOCK_DGRAM,
				     PATIENCE_MS, &packet, &problem),
		    STATUS_IO);
		assert_non_null(strstr(problem.text, rows[i].reason));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_packet),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_udp_end),
	};
	return cmocka_run_group_tests_name("dnsquery", tests, NULL, NULL);
}
