/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limit.h"
#include "remote/request.h"

/* A line and what reading it gives; method NULL: it is no request. */
static const struct {
	const char *why;
	const char *line;
	const char *method;
	enum status status;
} lines[] = {
	{ "a lookup of PowerDNS",
	    "{\"method\": \"lookup\", \"parameters\": {\"local\": "
	    "\"0.0.0.0\", \"qname\": \"a.\", \"qtype\": \"SOA\", "
	    "\"real-remote\": \"192.0.2.1/32\", \"remote\": \"192.0.2.1\", "
	    "\"zone-id\": -1}}",
	    "lookup", STATUS_OK },
	{ "members in any order",
	    "{\"parameters\":{\"zone-id\":5,\"qname\":\"a.\"},\"method\":"
	    "\"lookup\"}",
	    "lookup", STATUS_OK },
	{ "no parameters", "{\"method\":\"x\"}", "x", STATUS_OK },
	{ "empty ones", "{\"method\":\"x\",\"parameters\":{}}", "x",
	    STATUS_OK },
	{ "null ones", "{\"method\":\"x\",\"parameters\":null}", "x",
	    STATUS_OK },
	{ "space everywhere", " {\t\"method\" :\r\"x\" , \"parameters\":{ } } ",
	    "x", STATUS_OK },
	{ "escapes in the method", "{\"method\":\"\\u0078\"}", "x", STATUS_OK },
	{ "escapes in a name", "{\"\\u006dethod\":\"x\"}", "x", STATUS_OK },
	{ "another member", "{\"a\":[{}],\"method\":\"x\"}", "x", STATUS_OK },
	{ "booleans",
	    "{\"method\":\"x\",\"parameters\":{\"qname\":true,\"zone-id\":"
	    "false}}",
	    "x", STATUS_OK },
	{ "an object and null",
	    "{\"method\":\"x\",\"parameters\":{\"qname\":{\"qname\":\"b.\"},"
	    "\"zone-id\":null}}",
	    "x", STATUS_OK },
	{ "a zone-id in quotes",
	    "{\"method\":\"x\",\"parameters\":{\"zone-id\":\"5\"}}", "x",
	    STATUS_OK },
	{ "a number for a name",
	    "{\"method\":\"x\",\"parameters\":{\"qname\":5,\"zone-id\":0}}",
	    "x", STATUS_OK },
	{ "13 parameters",
	    "{\"method\":\"x\",\"parameters\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,"
	    "\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"qname\":"
	    "\"a.\",\"zone-id\":7}}",
	    "x", STATUS_OK },
	{ "12 parameters",
	    "{\"method\":\"x\",\"parameters\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,"
	    "\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"qname\":\"a.\","
	    "\"zone-id\":7}}",
	    "x", STATUS_OK },
	{ "UTF-8", "{\"method\":\"x\",\"parameters\":{\"qname\":\"\303\244\"}}",
	    "x", STATUS_OK },
	{ "DEL", "{\"method\":\"x\",\"parameters\":{\"qname\":\"\177\"}}", "x",
	    STATUS_OK },
	{ "an empty method", "{\"method\":\"\"}", "", STATUS_OK },
	{ "a brace in a string",
	    "{\"method\":\"x\",\"parameters\":{\"qname\":\"}\"}}", "x",
	    STATUS_OK },
	{ "a quote in a string",
	    "{\"method\":\"x\",\"parameters\":{\"qname\":\"\\\"\"}}", "x",
	    STATUS_OK },
	{ "nothing", "", NULL, STATUS_MALFORMED },
	{ "space", "   ", NULL, STATUS_MALFORMED },
	{ "no method", "{}", NULL, STATUS_MALFORMED },
	{ "parameters alone", "{\"parameters\":{}}", NULL, STATUS_MALFORMED },
	{ "a number for a method", "{\"method\":1}", NULL, STATUS_MALFORMED },
	{ "a list", "[\"method\"]", NULL, STATUS_MALFORMED },
	{ "a list for parameters", "{\"method\":\"x\",\"parameters\":[]}", NULL,
	    STATUS_MALFORMED },
	{ "a text for parameters", "{\"method\":\"x\",\"parameters\":\"\"}",
	    NULL, STATUS_MALFORMED },
	{ "the method twice", "{\"method\":\"x\",\"method\":\"x\"}", NULL,
	    STATUS_MALFORMED },
	{ "the parameters twice",
	    "{\"method\":\"x\",\"parameters\":{},\"parameters\":{}}", NULL,
	    STATUS_MALFORMED },
	{ "one parameter twice",
	    "{\"method\":\"x\",\"parameters\":{\"qname\":\"a.\",\"qname\":"
	    "\"a.\"}}",
	    NULL, STATUS_MALFORMED },
	{ "a comma too many", "{\"method\":\"x\",}", NULL, STATUS_MALFORMED },
	{ "a comma too many in parameters",
	    "{\"method\":\"x\",\"parameters\":{\"a\":1,}}", NULL,
	    STATUS_MALFORMED },
	{ "a colon missing", "{\"method\" \"x\"}", NULL, STATUS_MALFORMED },
	{ "cut", "{\"method\":\"x\"", NULL, STATUS_MALFORMED },
	{ "cut in a string", "{\"method\":\"x", NULL, STATUS_MALFORMED },
	{ "more behind it", "{\"method\":\"x\"} {", NULL, STATUS_MALFORMED },
	{ "two of them", "{\"method\":\"x\"}{\"method\":\"x\"}", NULL,
	    STATUS_MALFORMED },
	{ "a control character",
	    "{\"method\":\"x\",\"parameters\":{\"a\":\"\001\"}}", NULL,
	    STATUS_MALFORMED },
	{ "a tab in a string", "{\"method\":\"\t\"}", NULL, STATUS_MALFORMED },
	{ "a leading zero", "{\"method\":\"x\",\"parameters\":{\"a\":01}}",
	    NULL, STATUS_MALFORMED },
	{ "a lone minus", "{\"method\":\"x\",\"parameters\":{\"a\":-}}", NULL,
	    STATUS_MALFORMED },
	{ "a number too big",
	    "{\"method\":\"x\",\"parameters\":{\"a\":9223372036854775808}}",
	    NULL, STATUS_MALFORMED },
	{ "no word", "{\"method\":\"x\",\"parameters\":{\"a\":truefalse}}",
	    NULL, STATUS_MALFORMED },
	{ "no UTF-8", "{\"method\":\"x\",\"parameters\":{\"a\":\"\377\"}}",
	    NULL, STATUS_MALFORMED },
	{ "an escaped NUL", "{\"method\":\"x\\u0000\"}", NULL,
	    STATUS_MALFORMED },
};

static void
assert_same_string(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

/* Reading in place and jansson must never differ. */
static void
assert_agree(const char *line, size_t len)
{
	struct request plain, json;
	struct problem problem;
	enum status a = request_parse(line, len, &plain, &problem);
	enum status b = request_parse_json(line, len, &json, &problem);

	assert_int_equal(a, b);
	if (a != STATUS_OK)
		return;
	assert_string_equal(plain.method, json.method);
	assert_same_string(
	    request_string(&plain, "qname"), request_string(&json, "qname"));
	assert_int_equal(request_number(&plain, "zone-id", 42),
	    request_number(&json, "zone-id", 42));
	request_fini(&plain);
	request_fini(&json);
}

static void
test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		const char *line = lines[i].line;
		struct request request;
		struct problem problem = { "" };
		enum status status = request_parse(
		    line, strlen(line), &request, &problem);

		print_message("# %s\n", lines[i].why);
		assert_int_equal(status, lines[i].status);
		assert_int_equal(problem.text[0] == '\0', status == STATUS_OK);
		if (status == STATUS_OK) {
			assert_string_equal(request.method, lines[i].method);
			request_fini(&request);
		}
		assert_agree(line, strlen(line));
	}
}

/* Each line cut anywhere, and with any one octet exchanged. */
static void
test_agree_on_damage(void **state)
{
	static const char octets[] = "\"\\{}[]:,0-9 \t\r\n\0\177\377ex";
	char line[512];

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		size_t len = strlen(lines[i].line);

		assert_true(len < sizeof(line));
		for (size_t at = 0; at < len; at++) {
			assert_agree(lines[i].line, at);
			memcpy(line, lines[i].line, len);
			for (size_t o = 0; o < sizeof(octets); o++) {
				line[at] = octets[o];
				assert_agree(line, len);
			}
		}
	}
}

/* What request_parse() refuses for its texts alone, and only that. */
static const struct {
	const char *why;
	const char *line;
	const char *qname; /* NULL: refused all the same */
} damaged[] = {
	{ "Latin-1", "{\"method\":\"x\",\"parameters\":{\"qname\":\"\374.\"}}",
	    "?." },
	{ "cut before a quote",
	    "{\"method\":\"x\",\"parameters\":{\"qname\":\"\342\202\"}}",
	    "??" },
	{ "beside UTF-8",
	    "{\"method\":\"x\",\"parameters\":{\"qname\":\"\303\274\377\"}}",
	    "\303\274?" },
	{ "a NUL",
	    "{\"method\":\"x\",\"parameters\":{\"qname\":\"a\\u0000b\"}}",
	    "a" },
	{ "outside a text", "{\"method\":\"x\"}\377", NULL },
	{ "and cut", "{\"method\":\"x\",\"parameters\":{\"qname\":\"\377",
	    NULL },
	{ "no method", "{\"parameters\":{\"qname\":\"\377\"}}", NULL },
};

static void
test_damaged(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(damaged); i++) {
		const char *line = damaged[i].line;
		struct request request;
		enum status status;

		print_message("# %s\n", damaged[i].why);
		assert_int_equal(
		    request_parse(line, strlen(line), &request, NULL),
		    STATUS_MALFORMED);
		status = request_parse_damaged(
		    line, strlen(line), &request, NULL);
		assert_int_equal(status == STATUS_OK, damaged[i].qname != NULL);
		if (status != STATUS_OK)
			continue;
		assert_string_equal(request.method, "x");
		assert_string_equal(
		    request_string(&request, "qname"), damaged[i].qname);
		request_fini(&request);
	}
}

static const struct {
	const char *text;
	int64_t number; /* 42: none */
} numbers[] = {
	{ "0", 0 },
	{ "-0", 0 },
	{ "1", 1 },
	{ "-1", -1 },
	{ "4294967295", -1 },
	{ "4294967295.0", -1 },
	{ "4294967294", 4294967294 },
	{ "4294967296", 4294967296 },
	{ "-4294967295", -4294967295 },
	{ "1073741824", 1073741824 },
	{ "1073741824.0", 1073741824 },
	{ "1.073741824e9", 1073741824 },
	{ "999999999999999", 999999999999999 },
	{ "1000000000000000", 1000000000000000 },
	{ "9223372036854775807", INT64_MAX },
	{ "-9223372036854775808", INT64_MIN },
	{ "1.5", 42 },
	{ "-0.5", 42 },
	{ "0.99999999", 42 },
	{ "1e300", 42 },
	{ "-1e300", 42 },
	{ "4294967296.0", 42 },
	{ "\"1\"", 42 },
	{ "true", 42 },
	{ "false", 42 },
	{ "null", 42 },
	{ "[]", 42 },
	{ "{}", 42 },
};

static void
test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++) {
		struct request request;
		char line[128];
		int len = snprintf(line, sizeof(line),
		    "{\"method\":\"x\",\"parameters\":{\"zone-id\":%s}}",
		    numbers[i].text);

		print_message("# %s\n", numbers[i].text);
		assert_int_equal(
		    request_parse(line, (size_t)len, &request, NULL),
		    STATUS_OK);
		assert_int_equal(
		    request_number(&request, "zone-id", 42), numbers[i].number);
		assert_int_equal(request_number(&request, "other", 42), 42);
		assert_null(request_string(&request, "other"));
		request_fini(&request);
		assert_agree(line, (size_t)len);
	}
}

static void
test_dname(void **state)
{
	static const char line[] = "{\"method\":\"x\",\"parameters\":{"
				   "\"good\":\"A.b\",\"bad\":\"a..b\","
				   "\"number\":5,\"empty\":\"\"}}";
	struct request request;
	struct dname expected, dname = { .len = 77 };

	(void)state;
	assert_int_equal(
	    request_parse(line, sizeof(line) - 1, &request, NULL), STATUS_OK);
	assert_false(request_dname(&request, "bad", &dname));
	assert_false(request_dname(&request, "number", &dname));
	assert_false(request_dname(&request, "empty", &dname));
	assert_false(request_dname(&request, "none", &dname));
	assert_int_equal(dname.len, 77);
	assert_true(request_dname(&request, "good", &dname));
	assert_int_equal(dname_parse("a.B.", 4, &expected), STATUS_OK);
	assert_true(dname_equal(&dname, &expected));
	request_fini(&request);
}

/* {"method":"xxx...": `len` octets in all. */
static void
line_of(struct buf *line, size_t len)
{
	buf_clear(line);
	buf_add_string(line, "{\"method\":\"");
	while (line->len < len - 2)
		buf_add(line, "x", 1);
	buf_add_string(line, "\"}");
}

static void
test_length(void **state)
{
	static const size_t around[] = { PLAIN_MAX - 1, PLAIN_MAX,
		PLAIN_MAX + 1, LIMIT_LINE };
	struct request request;
	struct buf line = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(around); i++) {
		line_of(&line, around[i]);
		assert_int_equal(
		    request_parse(line.data, line.len, &request, NULL),
		    STATUS_OK);
		assert_int_equal(strlen(request.method), around[i] - 13);
		request_fini(&request);
		assert_agree(line.data, line.len);
	}
	line_of(&line, LIMIT_LINE + 1);
	assert_int_equal(
	    request_parse(line.data, line.len, &request, NULL), STATUS_LIMIT);
	buf_fini(&line);
}

static void
test_depth(void **state)
{
	struct request request;

	(void)state;
	/* The object itself and that of the parameters are two levels. */
	for (int depth = 3; depth < 20000;
	     depth = depth < 20 ? depth + 1 : depth * 2) {
		struct buf line = { 0 };
		enum status status;

		buf_add_string(
		    &line, "{\"method\":\"x\",\"parameters\":{\"a\":");
		for (int i = 2; i < depth; i++)
			buf_add_string(&line, "[");
		for (int i = 2; i < depth; i++)
			buf_add_string(&line, "]");
		buf_add_string(&line, "}}");
		status = request_parse(line.data, line.len, &request, NULL);
		assert_int_equal(status,
		    depth <= LIMIT_JSON_DEPTH ? STATUS_OK : STATUS_LIMIT);
		if (status == STATUS_OK)
			request_fini(&request);
		buf_fini(&line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_agree_on_damage),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_dname),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
