/* SPDX-License-Identifier: MIT */
/* What is said in HTTP; PowerDNS's own questions are in pdns_http.sh. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "http/http.h"
#include "http/reply.h"
#include "loop/log.h"
#include "tree.h"

/* A server whose answers the request's first word decides. */
struct bench {
	struct tree tree;
	struct loop loop;
	struct listener listener;
	struct http *http;
	struct sockaddr_un address;
	bool is_ready;    /* "wait" is answered, too */
	unsigned answers; /* how often one was asked for */
	int peer;
	char heard[65536];
};

static enum outcome
answer(void *arg, const char *line, size_t len, struct buf *reply,
    struct problem *problem)
{
	struct bench *bench = arg;

	bench->answers++;
	if (strncmp(line, "wait", 4) == 0 && !bench->is_ready)
		return OUTCOME_WAIT;
	problem_set(problem, "'%.*s'", (int)len, line);
	if (strncmp(line, "fail", 4) == 0)
		return OUTCOME_CANNOT_TELL;
	if (strncmp(line, "bad", 3) == 0)
		return OUTCOME_MALFORMED;
	problem->text[0] = '\0';
	buf_add_format(reply, "{%.*s}\n", (int)len, line);
	return OUTCOME_REPLY;
}

static void
bench_connect(struct bench *bench)
{
	bench->peer = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(bench->peer >= 0);
	assert_int_equal(
	    connect(bench->peer, (const struct sockaddr *)&bench->address,
		sizeof(bench->address)),
	    0);
	bench->heard[0] = '\0';
}

static void
bench_init(struct bench *bench, char *const *allow, size_t allow_count)
{
	char *path;

	memset(bench, 0, sizeof(*bench));
	log_set_level(LOG_LEVEL_ERROR);
	tree_init(&bench->tree);
	path = tree_path(&bench->tree, "http.sock");
	bench->address.sun_family = AF_UNIX;
	(void)strncpy(
	    bench->address.sun_path, path, sizeof(bench->address.sun_path) - 1);
	free(path);
	bench->listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(
	    bind(bench->listener.fd, (const struct sockaddr *)&bench->address,
		sizeof(bench->address)),
	    0);
	assert_int_equal(listen(bench->listener.fd, 16), 0);
	loop_init(&bench->loop);
	bench->http = http_new(&bench->loop, &bench->listener,
	    &(struct config){ .http_allow = (char **)(uintptr_t)allow,
		.http_allow_count = allow_count },
	    answer, bench);
	assert_non_null(bench->http);
	bench_connect(bench);
}

static void
bench_fini(struct bench *bench)
{
	http_free(bench->http);
	loop_fini(&bench->loop);
	(void)close(bench->peer);
	(void)close(bench->listener.fd);
	tree_fini(&bench->tree);
}

static void
bench_say(struct bench *bench, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t put = send(bench->peer, text, len, MSG_NOSIGNAL);

		if (put < 0)
			return;
		text += put;
		len -= (size_t)put;
		loop_turn(&bench->loop, 0);
	}
}

/* Add what has come by now; false: the server has ended it. */
static bool
bench_hear(struct bench *bench)
{
	size_t len = strlen(bench->heard);
	ssize_t got = 1;

	for (unsigned i = 0; i < 8; i++)
		loop_turn(&bench->loop, 0);
	while (got > 0) {
		got = read(bench->peer, bench->heard + len,
		    sizeof(bench->heard) - 1 - len);
		len += got > 0 ? (size_t)got : 0;
	}
	bench->heard[len] = '\0';
	return got < 0;
}

static void
bench_post(struct bench *bench, const char *head, const char *body)
{
	char *text = mem_format("POST / HTTP/1.1\r\nHost: x\r\n"
				"Content-Length: %zu\r\n%s\r\n%s",
	    strlen(body), head, body);

	bench_say(bench, text, strlen(text));
	free(text);
}

/* The server says that, and nothing of it is left. */
static void
assert_hears(struct bench *bench, const char *status, const char *body)
{
	(void)bench_hear(bench);
	if (strncmp(bench->heard, status, strlen(status)) != 0 ||
	    strstr(bench->heard, body) == NULL)
		assert_string_equal(bench->heard, status);
	bench->heard[0] = '\0';
}

static void
test_outcomes(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, NULL, 0);
	bench_post(&bench, "", "one");
	assert_hears(&bench, "HTTP/1.1 200 ", "\r\n\r\n{one}\n");
	/* the same connection */
	bench_post(&bench, "Connection: Keep-Alive\r\n", "two");
	assert_hears(&bench, "HTTP/1.1 200 ", "\r\n\r\n{two}\n");
	bench_post(&bench, "", "fail 3");
	assert_hears(&bench, "HTTP/1.1 503 ", "'fail 3'");
	bench_post(&bench, "", "bad 4");
	assert_hears(&bench, "HTTP/1.1 400 ", "'bad 4'");
	assert_int_equal(bench.answers, 4);
	bench_fini(&bench);
}

static void
test_pieces(void **state)
{
	static const char text[] = "POST /x HTTP/1.1\r\nHost: x\r\n"
				   "Content-Length: 6\r\n\r\npieces";
	struct bench bench;

	(void)state;
	bench_init(&bench, NULL, 0);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(bench.answers, 0);
		assert_true(bench_hear(&bench));
		bench_say(&bench, text + i, 1);
	}
	assert_hears(&bench, "HTTP/1.1 200 ", "{pieces}");
	assert_int_equal(bench.answers, 1);
	bench_fini(&bench);
}

static const char chunked[] = "POST / HTTP/1.1\r\nHost: x\r\n"
			      "Transfer-Encoding: chunked\r\n\r\n";

static void
test_chunked(void **state)
{
	static const char body[] = "3\r\none\r\n4\r\n two\r\n0\r\n\r\n";
	struct bench bench;

	(void)state;
	bench_init(&bench, NULL, 0);
	bench_say(&bench, chunked, sizeof(chunked) - 1);
	bench_say(&bench, body, sizeof(body) - 1);
	assert_hears(&bench, "HTTP/1.1 200 ", "{one two}");
	bench_fini(&bench);
}

/* Without an end: what it is never told. */
static void
test_endless(void **state)
{
	static const char chunk[] = "10\r\n0123456789abcdef\r\n";
	struct bench bench;
	size_t said = 0;

	(void)state;
	bench_init(&bench, NULL, 0);
	bench_say(&bench, chunked, sizeof(chunked) - 1);
	while (bench_hear(&bench) && said < 4 * LIMIT_LINE) {
		bench_say(&bench, chunk, sizeof(chunk) - 1);
		said += 16;
	}
	assert_in_range(said, LIMIT_LINE - 16, LIMIT_LINE + 64);
	assert_int_equal(bench.answers, 0);
	bench_fini(&bench);
}

static void
test_longest(void **state)
{
	struct bench bench;
	char *body = mem_new(LIMIT_LINE + 2);

	(void)state;
	bench_init(&bench, NULL, 0);
	memset(body, 'x', LIMIT_LINE);
	bench_post(&bench, "", body);
	(void)bench_hear(&bench);
	assert_int_equal(bench.answers, 1);
	assert_int_equal(strncmp(bench.heard, "HTTP/1.1 200 ", 13), 0);
	(void)close(bench.peer);
	bench_connect(&bench);
	body[LIMIT_LINE] = 'x';
	bench_post(&bench, "", body);
	assert_hears(&bench, "HTTP/1.1 413 ", "too large");
	assert_int_equal(bench.answers, 1);
	free(body);
	bench_fini(&bench);
}

/* None of them is asked of who answers. */
static void
test_others(void **state)
{
	static const char get[] = "GET /lookup/x/ANY HTTP/1.1\r\n"
				  "Host: x\r\n\r\n";
	struct bench bench;

	(void)state;
	bench_init(&bench, NULL, 0);
	bench_say(&bench, get, sizeof(get) - 1);
	assert_hears(&bench, "HTTP/1.1 405 ", "post_json=1");
	(void)close(bench.peer);
	bench_connect(&bench);
	bench_post(&bench, "", "parameters=%7B%7D");
	assert_hears(&bench, "HTTP/1.1 415 ", "post_json=1");
	(void)close(bench.peer);
	bench_connect(&bench);
	bench_post(&bench, "Origin: http://example.com\r\n", "one");
	assert_hears(&bench, "HTTP/1.1 403 ", "pages");
	assert_int_equal(bench.answers, 0);
	bench_fini(&bench);
}

/* Several, each with its connection, and one that has gone meanwhile. */
static void
test_wait(void **state)
{
	int peers[3];
	struct bench bench;

	(void)state;
	bench_init(&bench, NULL, 0);
	for (size_t i = 0; i < 3; i++) {
		bench_post(&bench, "", "wait");
		assert_true(bench_hear(&bench));
		assert_string_equal(bench.heard, "");
		peers[i] = bench.peer;
		bench_connect(&bench);
	}
	assert_int_equal(bench.answers, 3);
	(void)close(bench.peer);
	(void)close(peers[1]);
	bench.is_ready = true;
	http_resume(bench.http);
	for (size_t i = 0; i < 3; i += 2) {
		bench.peer = peers[i];
		assert_hears(&bench, "HTTP/1.1 200 ", "{wait}");
	}
	(void)close(peers[0]);
	bench_fini(&bench);
}

/* Who waits at the end is told that there is no answer. */
static void
test_end(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, NULL, 0);
	bench_post(&bench, "", "wait");
	assert_true(bench_hear(&bench));
	http_free(bench.http);
	bench.http = NULL;
	assert_hears(&bench, "HTTP/1.1 503 ", "ending");
	/* nobody listens for the next, but the socket is there */
	(void)close(bench.peer);
	bench_connect(&bench);
	bench_fini(&bench);
	http_free(NULL);
}

/* A peer that has no address is in no network. */
static void
test_allow(void **state)
{
	char *allow[] = { mem_string("0.0.0.0/0"), mem_string("::/0") };
	struct bench bench;

	(void)state;
	bench_init(&bench, allow, 2);
	bench_post(&bench, "", "one");
	while (bench_hear(&bench))
		(void)usleep(1000);
	assert_string_equal(bench.heard, "");
	assert_int_equal(bench.answers, 0);
	bench_fini(&bench);
	free(allow[0]);
	free(allow[1]);
}

enum { LINES = 100000, LINE = 20 }; /* of a long text, octets of each */

static enum outcome
show_long(void *arg, const struct http_wish *wish, struct http_sight *sight)
{
	(void)wish;
	sight->type = "text/plain";
	sight->text = arg;
	return OUTCOME_REPLY;
}

/* Add what has come since; returns how much that is. */
static size_t
long_hear(struct bench *bench, struct buf *heard)
{
	size_t before = heard->len;
	ssize_t got;

	while (
	    (got = read(bench->peer, bench->heard, sizeof(bench->heard))) > 0)
		buf_add(heard, bench->heard, (size_t)got);
	return heard->len - before;
}

/* Return the lines, when all of them have come behind the head; else NULL. */
static const char *
lines_of(struct buf *heard)
{
	const char *end = strstr(buf_text(heard), "\r\n\r\n");

	return end != NULL && strlen(end) == 4 + (size_t)LINES * LINE ? end + 4
								      : NULL;
}

/* Others are answered while it goes out; who leaves in the middle may. */
static void
test_long(void **state)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	struct http_text *text = mem_new(sizeof(*text));
	struct bench bench;
	struct buf heard = { 0 };
	size_t most = 0;
	const char *line;
	int left;

	(void)state;
	text->users = 1;
	for (int i = 0; i < LINES; i++)
		buf_add_format(pile_tail(&text->pile), "%0*d\n", LINE - 1, i);
	bench_init(&bench, NULL, 0);
	http_show(bench.http, show_long, text);
	bench_say(&bench, get, sizeof(get) - 1);
	left = bench.peer;
	bench_connect(&bench);
	(void)close(left);
	bench_say(&bench, get, sizeof(get) - 1);
	while ((line = lines_of(&heard)) == NULL) {
		size_t len = long_hear(&bench, &heard);

		most = len > most ? len : most;
		loop_turn(&bench.loop, 0);
	}
	for (int i = 0; i < LINES; i++, line += LINE)
		assert_int_equal(strtol(line, NULL, 10), i);
	/* One block at a time, and the head with the first. */
	assert_in_range(most, 1, PILE_BLOCK + LINE + 1000);
	buf_fini(&heard);
	bench_fini(&bench);
	assert_int_equal(text->users, 1);
	http_text_drop(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_chunked),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_allow),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
