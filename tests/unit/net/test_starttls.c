/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "base/limit.h"
#include "net/starttls.h"

/* What the server says, and what the client must say behind it. */
struct turn {
	const char *server; /* NULL: the client begins */
	const char *client; /* NULL: nothing */
	size_t server_len;  /* of octets that are no text */
};

enum { TURNS = 4 };

#define EHLO "EHLO pdns-tlsa.invalid\r\n"
#define STREAM(of)                                                             \
	"<?xml version='1.0'?><stream:stream to='mx.example.' xmlns='" of      \
	"' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
#define STREAM_START                                                           \
	"<?xml version='1.0'?>\n<stream:stream from='mx.example' id='a' "      \
	"xmlns='jabber:client' version='1.0'>"
#define XMPP_STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define LDAP_REQUEST                                                           \
	"\x30\x1d\x02\x01\x01\x77\x18\x80\x16"                                 \
	"1.3.6.1.4.1.1466.20037"

static const struct {
	const char *why;
	enum starttls_protocol protocol;
	struct turn turns[TURNS];
	enum starttls_state state;
	const char *reason; /* a piece of it */
} rows[] = {
	{ "smtp", STARTTLS_SMTP,
	    { { "220-mx\r\n220 mx ESMTP\r\n", EHLO, 0 },
		{ "250-mx\r\n250-SIZE 1\r\n250-StartTLS\r\n250 HELP\r\n",
		    "STARTTLS\r\n", 0 },
		{ "220 2.0.0 go\r\n", NULL, 0 } },
	    STARTTLS_READY, "" },
	{ "smtp: offered on the last line, line feeds alone", STARTTLS_SMTP,
	    { { "220 mx\n", EHLO, 0 },
		{ "250-mx\n250 STARTTLS\n", "STARTTLS\r\n", 0 },
		{ "220\n", NULL, 0 } },
	    STARTTLS_READY, "" },
	{ "smtp: not offered", STARTTLS_SMTP,
	    { { "220 mx\r\n", EHLO, 0 },
		{ "250-mx\r\n250-XSTARTTLS\r\n250 HELP\r\n", NULL, 0 } },
	    STARTTLS_MISSING, "does not offer" },
	{ "smtp: refused", STARTTLS_SMTP,
	    { { "220 mx\r\n", EHLO, 0 },
		{ "250 STARTTLS\r\n", "STARTTLS\r\n", 0 },
		{ "454 not \x01now\r\n", NULL, 0 } },
	    STARTTLS_MISSING, "refuses it: '454 not ?now'" },
	{ "smtp: nobody may come in", STARTTLS_SMTP,
	    { { "554 go away\r\n", NULL, 0 } }, STARTTLS_BROKEN,
	    "'554 go away'" },
	{ "smtp: EHLO is not known", STARTTLS_SMTP,
	    { { "220 mx\r\n", EHLO, 0 }, { "500 what\r\n", NULL, 0 } },
	    STARTTLS_BROKEN, "500 what" },
	{ "smtp: an injection", STARTTLS_SMTP,
	    { { "220 mx\r\n", EHLO, 0 },
		{ "250 STARTTLS\r\n", "STARTTLS\r\n", 0 },
		{ "220 go\r\n250 PLAIN\r\n", NULL, 0 } },
	    STARTTLS_BROKEN, "goes on after its consent" },
	{ "smtp: half a line", STARTTLS_SMTP, { { "220 mx", NULL, 0 } },
	    STARTTLS_TALKING, "" },
	{ "imap", STARTTLS_IMAP,
	    { { "* OK [CAPABILITY IMAP4rev1] hi\r\n", "a CAPABILITY\r\n", 0 },
		{ "* CAPABILITY IMAP4rev1 STARTTLS ID\r\n", NULL, 0 },
		{ "a OK done\r\n", "a STARTTLS\r\n", 0 },
		{ "a OK begin\r\n", NULL, 0 } },
	    STARTTLS_READY, "" },
	{ "imap: not offered", STARTTLS_IMAP,
	    { { "* OK hi\r\n", "a CAPABILITY\r\n", 0 },
		{ "* CAPABILITY IMAP4rev1\r\na OK\r\n", NULL, 0 } },
	    STARTTLS_MISSING, "does not offer" },
	{ "imap: refused", STARTTLS_IMAP,
	    { { "* OK hi\r\n", "a CAPABILITY\r\n", 0 },
		{ "* CAPABILITY STARTTLS\r\na OK\r\n", "a STARTTLS\r\n", 0 },
		{ "a BAD no\r\n", NULL, 0 } },
	    STARTTLS_MISSING, "a BAD no" },
	{ "imap: let in already", STARTTLS_IMAP,
	    { { "* PREAUTH hi\r\n", NULL, 0 } }, STARTTLS_BROKEN, "PREAUTH" },
	{ "imap: good-bye", STARTTLS_IMAP,
	    { { "* OK hi\r\n", "a CAPABILITY\r\n", 0 },
		{ "* BYE overload\r\n", NULL, 0 } },
	    STARTTLS_BROKEN, "BYE" },
	{ "pop3", STARTTLS_POP3,
	    { { "+OK hi\r\n", "STLS\r\n", 0 }, { "+OK go\r\n", NULL, 0 } },
	    STARTTLS_READY, "" },
	{ "pop3: refused", STARTTLS_POP3,
	    { { "+OK hi\r\n", "STLS\r\n", 0 }, { "-ERR no\r\n", NULL, 0 } },
	    STARTTLS_MISSING, "-ERR no" },
	{ "pop3: not ready", STARTTLS_POP3, { { "-ERR no\r\n", NULL, 0 } },
	    STARTTLS_BROKEN, "-ERR no" },
	{ "sieve", STARTTLS_SIEVE,
	    { { "\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"hi\"\r\n",
		  "STARTTLS\r\n", 0 },
		{ "OK \"go\"\r\n", NULL, 0 } },
	    STARTTLS_READY, "" },
	{ "sieve: not offered", STARTTLS_SIEVE,
	    { { "\"IMPLEMENTATION\" \"STARTTLS no\"\r\nOK\r\n", NULL, 0 } },
	    STARTTLS_MISSING, "does not offer" },
	{ "sieve: refused", STARTTLS_SIEVE,
	    { { "\"STARTTLS\"\r\nOK\r\n", "STARTTLS\r\n", 0 },
		{ "NO \"no\"\r\n", NULL, 0 } },
	    STARTTLS_MISSING, "NO \"no\"" },
	{ "sieve: good-bye", STARTTLS_SIEVE, { { "BYE \"x\"\r\n", NULL, 0 } },
	    STARTTLS_BROKEN, "BYE" },
	{ "nntp", STARTTLS_NNTP,
	    { { "201 hi\r\n", "STARTTLS\r\n", 0 }, { "382 go\r\n", NULL, 0 } },
	    STARTTLS_READY, "" },
	{ "nntp: refused", STARTTLS_NNTP,
	    { { "200 hi\r\n", "STARTTLS\r\n", 0 }, { "580 no\r\n", NULL, 0 } },
	    STARTTLS_MISSING, "580 no" },
	{ "nntp: not ready", STARTTLS_NNTP, { { "400 busy\r\n", NULL, 0 } },
	    STARTTLS_BROKEN, "400 busy" },
	{ "xmpp-client", STARTTLS_XMPP_CLIENT,
	    { { NULL, STREAM("jabber:client"), 0 },
		{ STREAM_START
		    "<stream:features><starttls xmlns='x'><required/>"
		    "</starttls></stream:features>",
		    XMPP_STARTTLS, 0 },
		{ "<proceed xmlns='x'/>", NULL, 0 } },
	    STARTTLS_READY, "" },
	{ "xmpp-server, with an end tag", STARTTLS_XMPP_SERVER,
	    { { NULL, STREAM("jabber:server"), 0 },
		{ STREAM_START
		    "\n<stream:features><starttls/></stream:features>",
		    XMPP_STARTTLS, 0 },
		{ "<proceed xmlns='x'></proceed>", NULL, 0 } },
	    STARTTLS_READY, "" },
	{ "xmpp: not offered", STARTTLS_XMPP_CLIENT,
	    { { NULL, STREAM("jabber:client"), 0 },
		{ STREAM_START "<stream:features/>", NULL, 0 } },
	    STARTTLS_MISSING, "does not offer" },
	{ "xmpp: refused", STARTTLS_XMPP_CLIENT,
	    { { NULL, STREAM("jabber:client"), 0 },
		{ STREAM_START "<stream:features><starttls/></stream:features>",
		    XMPP_STARTTLS, 0 },
		{ "<failure xmlns='x'/>", NULL, 0 } },
	    STARTTLS_MISSING, "<failure" },
	{ "xmpp: no such host", STARTTLS_XMPP_CLIENT,
	    { { NULL, STREAM("jabber:client"), 0 },
		{ STREAM_START "<stream:error><host-unknown/>", NULL, 0 } },
	    STARTTLS_BROKEN, "<stream:error>" },
	{ "xmpp: an injection", STARTTLS_XMPP_CLIENT,
	    { { NULL, STREAM("jabber:client"), 0 },
		{ STREAM_START "<stream:features><starttls/></stream:features>",
		    XMPP_STARTTLS, 0 },
		{ "<proceed xmlns='x'></proceed><a/>", NULL, 0 } },
	    STARTTLS_BROKEN, "goes on" },
	{ "ldap", STARTTLS_LDAP,
	    { { NULL, LDAP_REQUEST, 0 },
		{ "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00",
		    NULL, 14 } },
	    STARTTLS_READY, "" },
	{ "ldap: long lengths, as OpenLDAP and AD write them", STARTTLS_LDAP,
	    { { NULL, LDAP_REQUEST, 0 },
		{ "\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07"
		  "\x0a\x01\x00\x04\x00\x04\x00",
		    NULL, 22 } },
	    STARTTLS_READY, "" },
	{ "ldap: refused", STARTTLS_LDAP,
	    { { NULL, LDAP_REQUEST, 0 },
		{ "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00",
		    NULL, 14 } },
	    STARTTLS_MISSING, "result code 2" },
	{ "ldap: something else", STARTTLS_LDAP,
	    { { NULL, LDAP_REQUEST, 0 }, { "220 mx\r\n", NULL, 0 } },
	    STARTTLS_BROKEN, "LDAP" },
	{ "ldap: empty", STARTTLS_LDAP,
	    { { NULL, LDAP_REQUEST, 0 }, { "\x30\x00", NULL, 2 } },
	    STARTTLS_BROKEN, "LDAP" },
	{ "ldap: half of it", STARTTLS_LDAP,
	    { { NULL, LDAP_REQUEST, 0 }, { "\x30\x84\x00", NULL, 3 } },
	    STARTTLS_TALKING, "" },
};

/* Feed in pieces of `piece` octets: where they are cut must not matter. */
static void
script_run(size_t row, size_t piece)
{
	struct starttls starttls;

	print_message("# %s, by %zu\n", rows[row].why, piece);
	starttls_init(&starttls, rows[row].protocol, "mx.example.");
	for (size_t t = 0; t < TURNS; t++) {
		const struct turn *turn = &rows[row].turns[t];
		size_t len = turn->server == NULL   ? 0
			     : turn->server_len > 0 ? turn->server_len
						    : strlen(turn->server);

		for (size_t at = 0; at < len; at += piece)
			(void)starttls_feed(&starttls, turn->server + at,
			    len - at < piece ? len - at : piece);
		if (turn->client != NULL) {
			assert_string_equal(
			    buf_text(&starttls.out), turn->client);
			buf_clear(&starttls.out);
		}
		assert_int_equal(starttls.out.len, 0);
	}
	assert_int_equal(starttls.state, rows[row].state);
	assert_non_null(strstr(starttls.reason.text, rows[row].reason));
	assert_int_equal(
	    starttls.reason.text[0] != '\0', rows[row].reason[0] != '\0');
	starttls_fini(&starttls);
}

static void
test_scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		/* An injection counts only if it comes along. */
		if (strstr(rows[i].why, "injection") == NULL)
			script_run(i, 1);
		script_run(i, 7000);
	}
}

static void
test_ports(void **state)
{
	static const struct {
		uint16_t port;
		const char *text;
	} ports[] = { { 25, "smtp" }, { 587, "smtp" }, { 143, "imap" },
		{ 110, "pop3" }, { 4190, "sieve" }, { 119, "nntp" },
		{ 5222, "xmpp-client" }, { 5269, "xmpp-server" },
		{ 389, "ldap" }, { 0, "tls" }, { 465, "tls" }, { 993, "tls" },
		{ 443, "tls" } };

	(void)state;
	for (size_t i = 0; i < LENGTH(ports); i++)
		assert_string_equal(
		    starttls_text(starttls_of_port(ports[i].port)),
		    ports[i].text);
}

/* A server that never comes to an end does not fill our memory. */
static void
test_limits(void **state)
{
	static char line[LIMIT_STARTTLS_LINE + 1];
	static const char more[] = "250-more\r\n";
	struct starttls starttls;

	(void)state;
	memset(line, 'a', sizeof(line));
	for (int p = STARTTLS_NONE + 1; p < STARTTLS_PROTOCOLS; p++) {
		starttls_init(&starttls, (enum starttls_protocol)p, "mx");
		assert_int_equal(starttls_feed(&starttls, line, sizeof(line)),
		    STARTTLS_BROKEN);
		starttls_fini(&starttls);
	}
	starttls_init(&starttls, STARTTLS_SMTP, "mx");
	(void)starttls_feed(&starttls, "220 mx\r\n", 8);
	for (size_t i = 0; i < LIMIT_STARTTLS; i += sizeof(more) - 1)
		(void)starttls_feed(&starttls, more, sizeof(more) - 1);
	assert_int_equal(starttls.state, STARTTLS_BROKEN);
	assert_string_equal(starttls.reason.text, "the server says too much");
	starttls_fini(&starttls);
	/* Nothing to be said, nothing to wait for. */
	starttls_init(&starttls, STARTTLS_NONE, "mx");
	assert_int_equal(starttls.state, STARTTLS_READY);
	assert_int_equal(starttls.out.len, 0);
	starttls_fini(&starttls);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests_name("starttls", tests, NULL, NULL);
}
