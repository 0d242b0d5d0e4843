/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "dnsquery.h"
#include "packet.h"

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

/* Names in any case, other names and types aside; TLSA as in tlsa.h. */
static void
test_packet(void **state)
{
	static const char *const records[] = {
		"_25._tcp.Mail.example. 60 IN TLSA 3 1 1 ABCDEF",
		"_25._tcp.mail.example. 60 IN TLSA 2 1 1 00FF",
		"_26._tcp.mail.example. 60 IN TLSA 2 1 1 11",
		"_25._tcp.mail.example. 60 IN CNAME Other.Example.",
	};
	ldns_pkt *packet = ldns_pkt_new();
	struct texts tlsa = { 0 }, types = { 0 }, cname = { 0 };
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
	packet_types(packet, &owner, &types);
	assert_int_equal(types.count, 2);
	assert_true(packet_has(packet, LDNS_RR_TYPE_TLSA));
	assert_false(packet_has(packet, LDNS_RR_TYPE_A));
	texts_fini(&tlsa);
	texts_fini(&types);
	texts_fini(&cname);
	ldns_pkt_free(packet);
}

/* Port 9 of the loopback: refused at once, or silent. */
static void
test_silence(void **state)
{
	const struct dnsserver server = { .address = "127.0.0.1", .port = 9 };
	struct problem problem = { "" };
	ldns_pkt *packet = NULL;
	struct dname name;

	(void)state;
	assert_int_equal(dname_parse("example", 7, &name), STATUS_OK);
	for (int transport = DNSQUERY_UDP; transport <= DNSQUERY_TCP;
	     transport++)
		assert_int_equal(dnsquery_ask(&server, &name, LDNS_RR_TYPE_A,
				     (enum dnsquery_transport)transport, 200,
				     &packet, &problem),
		    STATUS_IO);
	assert_null(packet);
	assert_string_equal(problem.text, "no answer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_packet),
		cmocka_unit_test(test_silence),
	};
	return cmocka_run_group_tests_name("dnsquery", tests, NULL, NULL);
}
