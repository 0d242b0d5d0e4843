/* SPDX-License-Identifier: MIT */
/*
 * net/probe.h with servers that never come to an end: each step has its time,
 * whatever they say meanwhile.
 */
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limit.h"
#include "net/probe.h"
#include "villain.h"

static void
silent(int fd)
{
	for (;;)
		villain_hear(fd);
}

/* A greeting of lines that go on, octet by octet. */
static void
greeting_drip(int fd)
{
	while (villain_drip(fd, "220-not yet\r\n", 13))
		continue;
}

/* And as fast as they can be read. */
static void
greeting_flood(int fd)
{
	villain_flood(fd, "220-not yet\r\n", 13);
}

static void
line_flood(int fd)
{
	villain_flood(fd, "220 ", 1);
}

/* A ServerHello of 16 KiB, octet by octet. */
static void
hello_drip(int fd)
{
	villain_hear(fd);
	(void)villain_drip(fd, "\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", 9);
	while (villain_drip(fd, "\x03", 1))
		continue;
}

/* HelloRequest, which means nothing here (RFC 5246 s7.4.1.1), for ever. */
static void
hello_flood(int fd)
{
	/* 4096 of them in each record */
	static const char record[5 + 16384] = "\x16\x03\x03\x40";

	villain_hear(fd);
	villain_flood(fd, record, sizeof(record));
}

/* The same, one in a record: libssl takes as long as the server does. */
static void
hello_stream(int fd)
{
	villain_hear(fd);
	villain_flood(fd, "\x16\x03\x03\x00\x04\x00\x00\x00\x00", 9);
}

/* And slowly: one at a time is there, or two. */
static void
hello_trickle(int fd)
{
	villain_hear(fd);
	while (villain_drip(fd, "\x16\x03\x03\x00\x04\x00\x00\x00\x00", 9))
		continue;
}

static const struct {
	const char *why;
	villain_fn *act;
	enum starttls_protocol protocol;
	enum probe_outcome outcome;
	const char *reason; /* NULL: it depends on the machine */
} rows[] = {
	{ "silent before TLS", silent, STARTTLS_SMTP, PROBE_BROKEN,
	    "the server does not come to TLS within 10 s" },
	{ "greets octet by octet", greeting_drip, STARTTLS_SMTP, PROBE_BROKEN,
	    "the server does not come to TLS within 10 s" },
	{ "greets for ever", greeting_flood, STARTTLS_SMTP, PROBE_BROKEN,
	    "the server says too much" },
	{ "greets in one line", line_flood, STARTTLS_SMTP, PROBE_BROKEN,
	    "the server sends a line without an end" },
	{ "silent in TLS", silent, STARTTLS_NONE, PROBE_NO_TLS,
	    "the handshake does not end within 5 s" },
	{ "ServerHello octet by octet", hello_drip, STARTTLS_NONE, PROBE_NO_TLS,
	    "the handshake does not end within 5 s" },
	{ "HelloRequest for ever", hello_flood, STARTTLS_NONE, PROBE_NO_TLS,
	    "the server says too much in the handshake" },
	{ "HelloRequest in a stream", hello_stream, STARTTLS_NONE, PROBE_NO_TLS,
	    NULL },
	{ "HelloRequest slowly", hello_trickle, STARTTLS_NONE, PROBE_NO_TLS,
	    "the handshake does not end within 5 s" },
};

static void
test_steps(void **state)
{
	struct villain villains[LENGTH(rows)];
	struct probe probes[LENGTH(rows)] = { 0 };
	struct deadline deadline;

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		villain_begin(&villains[i], SOCK_STREAM, rows[i].act);
		assert_true(dnsserver_parse("127.0.0.1", &probes[i].server));
		probes[i].server.port = villains[i].port;
		probes[i].protocol = rows[i].protocol;
		probes[i].name = "mx.example.net";
	}
	/* Longer than they are there. */
	deadline = deadline_in(INT64_C(2000) * VILLAIN_SECONDS);
	probe_run(probes, LENGTH(rows), &deadline);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		print_message("# %s\n", rows[i].why);
		assert_true(villain_is_there(&villains[i]));
		villain_end(&villains[i]);
		if (rows[i].reason != NULL)
			assert_string_equal(
			    probes[i].reason.text, rows[i].reason);
		assert_int_equal(probes[i].outcome, rows[i].outcome);
		probe_fini(&probes[i]);
	}
}

/* The time for all of them is that of none. */
static void
test_whole(void **state)
{
	struct probe probe = { .protocol = STARTTLS_SMTP,
		.name = "mx.example.net" };
	struct villain villain;
	struct deadline deadline;

	(void)state;
	villain_begin(&villain, SOCK_STREAM, greeting_drip);
	assert_true(dnsserver_parse("127.0.0.1", &probe.server));
	probe.server.port = villain.port;
	deadline = deadline_in(500);
	probe_run(&probe, 1, &deadline);
	assert_true(villain_is_there(&villain));
	villain_end(&villain);
	assert_int_equal(probe.outcome, PROBE_UNTRIED);
	assert_string_equal(probe.reason.text, "the time for all of it is up");
	probe_fini(&probe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_whole),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("probe's end", tests, NULL, NULL);
}
