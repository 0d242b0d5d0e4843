/* SPDX-License-Identifier: MIT */
/* What each side of `deploy --via` makes of what the other one says. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "via/protocol.h"

#define ZEROS  "00000000000000000000000000000000"
#define LEAF   ZEROS "0000000000000000000000000000abcd"
#define HEAD   "{\"pdns-tlsa\":\"deploy\",\"version\":1,"
#define OFFER  HEAD "\"ask\":\"safety\",\"leaf\":\"" LEAF "\","
#define NAMED  OFFER "\"lineage\":\"mail\","
#define REPORT HEAD "\"ask\":\"report\",\"leaf\":\"" LEAF "\","
#define THREE  "\"AAAA\",\"AAAA\",\"AAAA\""
#define NINE   THREE "," THREE "," THREE
#define KEY    "{\"key\":\"AAAA\"}"
#define KEYS   KEY "," KEY "," KEY

static const char *const bad_questions[] = {
	"",
	"GET / HTTP/1.1",
	"[]",
	"null",
	"{}",
	"{\"word\":\"safe\"}",
	"{\"word\":1}",
	"{\"pdns-tlsa\":\"receive\",\"version\":1}",
	"{\"pdns-tlsa\":\"deploy\"}",
	"{\"pdns-tlsa\":\"deploy\",\"version\":0}",
	"{\"pdns-tlsa\":\"deploy\",\"version\":\"1\"}",
	HEAD "\"lineage\":\"mail\"}",
	HEAD "\"ask\":\"keys\",\"lineage\":\"mail\",\"leaf\":\"" LEAF "\"}",
	/* names */
	REPORT "\"lineage\":\"\"}",
	REPORT "\"lineage\":\".\"}",
	REPORT "\"lineage\":\"..\"}",
	REPORT "\"lineage\":\".lock\"}",
	REPORT "\"lineage\":\"a/b\"}",
	REPORT "\"lineage\":\"/a\"}",
	REPORT "\"lineage\":\"-a\"}",
	REPORT "\"lineage\":\"a b\"}",
	REPORT "\"lineage\":\"a\\nb\"}",
	REPORT "\"lineage\":\"a\\u0000b\"}",
	REPORT "\"lineage\":\"a'b\"}",
	REPORT "\"lineage\":\"\\u00e4\"}",
	REPORT "\"lineage\":[\"a\"]}",
	REPORT "\"lineage\":\"" LEAF LEAF LEAF "\"}",
	REPORT "\"lineage\":\"a\",\"lineage\":\"b\"}",
	/* leafs */
	HEAD "\"ask\":\"report\",\"lineage\":\"a\"}",
	HEAD "\"ask\":\"report\",\"lineage\":\"a\",\"leaf\":\"abcd\"}",
	HEAD "\"ask\":\"report\",\"lineage\":\"a\",\"leaf\":\"" LEAF "0\"}",
	HEAD "\"ask\":\"report\",\"lineage\":\"a\",\"leaf\":\"" ZEROS
	     "0000000000000000000000000000ABCD\"}",
	/* chains */
	NAMED "\"plan\":{}}",
	NAMED "\"chain\":[]}",
	NAMED "\"chain\":\"AAAA\"}",
	NAMED "\"chain\":[1]}",
	NAMED "\"chain\":[\"\"]}",
	NAMED "\"chain\":[\"AAA\"]}",
	NAMED "\"chain\":[\"-----BEGIN PRIVATE KEY-----\"]}",
	NAMED "\"chain\":[" NINE "," NINE "]}",
	NAMED "\"chain\":[\"AAAA\"],\"next\":[{}]}",
	NAMED "\"chain\":[\"AAAA\"],\"next\":[{\"chain\":[]}]}",
	NAMED "\"chain\":[\"AAAA\"],\"next\":[{\"key\":\"\"}]}",
	NAMED "\"chain\":[\"AAAA\"],\"next\":[" KEYS "," KEYS "," KEYS "]}",
	/* plans */
	NAMED "\"chain\":[\"AAAA\"],\"plan\":{\"type\":9}}",
	NAMED "\"chain\":[\"AAAA\"],\"plan\":{\"type\":\"rsa\"}}",
	NAMED "\"chain\":[\"AAAA\"],\"plan\":{\"server\":1}}",
	/* what it would cost */
	NAMED "\"chain\":[[[[[[\"AAAA\"]]]]]]}",
};

static void
test_bad_questions(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(bad_questions); i++) {
		const char *line = bad_questions[i];
		struct problem problem = { "" };
		struct via_question question;

		if (via_question_decode(line, strlen(line), &question,
			&problem) != STATUS_MALFORMED)
			fail_msg("taken: %s", line);
		assert_true(problem.text[0] != '\0');
	}
}

/* Of another version only that is looked at. */
static void
test_other_version(void **state)
{
	static const char line[] =
	    "{\"pdns-tlsa\":\"deploy\",\"version\":7,\"ask\":[1]}";
	static const char hello[] =
	    "{\"pdns-tlsa\":\"receive\",\"version\":7,\"now\":\"soon\"}";
	struct via_question question;
	struct via_answer answer;

	(void)state;
	assert_int_equal(
	    via_question_decode(line, strlen(line), &question, NULL),
	    STATUS_OK);
	assert_int_equal(question.version, 7);
	assert_int_not_equal(question.kind, VIA_HERE);
	via_question_fini(&question);
	assert_int_equal(
	    via_answer_decode(hello, strlen(hello), &answer, NULL), STATUS_OK);
	assert_int_equal(answer.kind, VIA_HELLO);
	assert_int_equal(answer.version, 7);
}

/* Whatever is taken says of itself what was taken. */
static void
check_question(const char *line)
{
	struct via_question question;
	struct via_question again;
	struct buf first = { 0 };
	struct buf second = { 0 };

	assert_int_equal(
	    via_question_decode(line, strlen(line), &question, NULL),
	    STATUS_OK);
	via_question_encode(&question, &first);
	assert_int_equal(
	    via_question_decode(first.data, first.len - 1, &again, NULL),
	    STATUS_OK);
	via_question_encode(&again, &second);
	assert_string_equal(buf_text(&first), buf_text(&second));
	assert_int_equal(question.kind, again.kind);
	assert_int_equal(question.next_count, again.next_count);
	assert_int_equal(question.chain.count, again.chain.count);
	assert_int_equal(question.is_unsure, again.is_unsure);
	assert_int_equal(question.is_servers, again.is_servers);
	via_question_fini(&question);
	via_question_fini(&again);
	buf_fini(&first);
	buf_fini(&second);
}

static void
test_good_questions(void **state)
{
	static const char *const lines[] = {
		"{\"word\":\"here\"}",
		REPORT "\"lineage\":\"mail\",\"unsure\":true}",
		REPORT "\"lineage\":\"*.example.com_ecc\"}",
		NAMED "\"chain\":[" NINE "," THREE "," THREE ",\"AAAA\"],"
		      "\"next\":[{\"chain\":[\"AAAA\"]}," KEY "],"
		      "\"servers\":true,\"plan\":{\"known\":true,\"type\":1,"
		      "\"server\":\"https://a/\"}}",
		NAMED "\"chain\":[\"AAAA\"],\"unheard-of\":[1,2]}",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++)
		check_question(lines[i]);
}

static void
test_limit(void **state)
{
	struct buf line = { 0 };
	struct via_question question;

	(void)state;
	buf_add_string(&line, NAMED "\"chain\":[\"");
	while (line.len < LIMIT_VIA_LINE)
		buf_add_string(&line, "AAAA");
	buf_add_string(&line, "\"]}");
	assert_int_equal(
	    via_question_decode(line.data, line.len, &question, NULL),
	    STATUS_MALFORMED);
	buf_fini(&line);
}

static const char *const bad_answers[] = {
	"",
	"Welcome to mx1!",
	"[]",
	"{}",
	"{\"word\":\"here\"}",
	"{\"word\":\"safe\"}",
	"{\"word\":\"safe\",\"leaf\":\"x\"}",
	"{\"word\":\"waiting\",\"remaining\":-1}",
	"{\"word\":\"waiting\",\"remaining\":1e9}",
	"{\"pdns-tlsa\":\"deploy\",\"version\":1,\"now\":1}",
	"{\"pdns-tlsa\":\"receive\",\"version\":1}",
	"{\"pdns-tlsa\":\"receive\",\"version\":1,\"now\":-1}",
};

static void
test_answers(void **state)
{
	static const char safe[] = "{\"word\":\"safe\",\"leaf\":\"" LEAF "\"}";
	static const char text[] =
	    "{\"word\":\"refused\",\"text\":\"\\u001b[2Ja\\nb\"}";
	struct problem problem = { "" };
	struct via_answer answer;
	struct buf line = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(bad_answers); i++)
		if (via_answer_decode(bad_answers[i], strlen(bad_answers[i]),
			&answer, &problem) != STATUS_MALFORMED)
			fail_msg("taken: %s", bad_answers[i]);
	assert_int_equal(
	    via_answer_decode(safe, strlen(safe), &answer, NULL), STATUS_OK);
	assert_string_equal(answer.leaf, LEAF);
	via_answer_encode(&answer, &line);
	assert_memory_equal(buf_text(&line), safe, strlen(safe));
	buf_fini(&line);
	/* It goes to a terminal. */
	assert_int_equal(
	    via_answer_decode(text, strlen(text), &answer, NULL), STATUS_OK);
	assert_string_equal(answer.text, "\\x1b[2Ja\\x0ab");
}

static void
test_pem(void **state)
{
	uint8_t octets[49] = { 0 };
	struct via_next next = { .key = { octets, sizeof(octets) } };
	struct buf pem = { 0 };

	(void)state;
	via_next_pem(&next, &pem);
	assert_string_equal(buf_text(&pem), "-----BEGIN PUBLIC KEY-----\n"
					    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
					    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
					    "AA==\n"
					    "-----END PUBLIC KEY-----\n");
	buf_fini(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_questions),
		cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_good_questions),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_pem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
