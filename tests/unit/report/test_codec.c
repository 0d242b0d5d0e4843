/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "pki.h"
#include "pki/next_key.h"
#include "report/codec.h"
#include "report_sample.h"
#include "state_sample.h"

enum { TIMES = 1500 }; /* of each that chance makes */

static int
setup(void **state)
{
	struct intern *cas = mem_new(sizeof(*cas));

	codec_cas(cas);
	*state = cas;
	return 0;
}

static int
teardown(void **state)
{
	intern_fini(*state);
	free(*state);
	return 0;
}

/* As text, as the other process has it. */
static char *
report_text(const struct report *report)
{
	json_t *object = report_encode(report);
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	assert_non_null(text);
	return text;
}

static bool
text_decode(const char *text, struct intern *cas, struct report *ret_report)
{
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	bool is_good;

	assert_non_null(object);
	is_good = report_decode(object, SAMPLE_SOURCES, cas, ret_report);
	json_decref(object);
	return is_good;
}

/* Say it, hear it, and say what was heard. */
static void
report_check(const struct report *report, struct intern *cas)
{
	char *text = report_text(report);
	struct report heard;
	char *again;

	assert_true(text_decode(text, cas, &heard));
	sample_same_report(report, &heard);
	again = report_text(&heard);
	assert_string_equal(text, again);
	report_fini(&heard);
	free(again);
	free(text);
}

static void
test_reports(void **state)
{
	for (unsigned i = 0; i < TIMES; i++) {
		unsigned seed = i;
		struct report report = sample_report(&seed);

		report_check(&report, *state);
		report_fini(&report);
	}
}

static void
pki_chain(const struct pki *list, size_t count, bool keep_all,
    struct ca_pool *pool, struct chain **ret_chain)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < count; i++)
		pki_add_pem(&list[i], &text);
	assert_int_equal(chain_parse(pool, text.data, text.len, keep_all,
			     ret_chain, NULL, NULL),
	    STATUS_OK);
	buf_fini(&text);
}

/* A file's certificates, and one staged both ways, are what they were. */
static void
test_real_chain(void **state)
{
	struct pki pki[3]; /* as in a file: leaf, CA, root */
	struct ca_pool pool;

	ca_pool_init(&pool);
	pki_make_ca("Root", NULL, &pki[2]);
	pki_make_ca("(STAGING) CA", &pki[2], &pki[1]);
	pki_make_leaf("mail.example.org,*.example.org", &pki[1], pki);
	for (int keep_all = 0; keep_all < 2; keep_all++) {
		struct report report = { .has_next = true };
		struct buf text = { 0 };
		struct known known = { 0 };
		struct known heard_known = { 0 };
		struct report heard;
		char *said;

		report.name = mem_string("mail.example.org");
		report.file = mem_string("live/fullchain.pem");
		pki_chain(pki, 3, keep_all, &pool, &report.chain);
		report.next = mem_array(1, sizeof(*report.next));
		report.next_count = 1;
		pki_add_pem(&pki[0], &text);
		assert_int_equal(next_key_parse(&pool, text.data, text.len,
				     keep_all, report.next, NULL),
		    STATUS_OK);
		report_check(&report, *state);
		said = report_text(&report);
		assert_true(text_decode(said, *state, &heard));
		assert_int_equal(heard.chain->ca_count, 2);
		assert_int_equal(heard.chain->leaf->name_count, 2);
		assert_null(heard.chain->ca[0]->x509);
		known_set_chain(
		    &known, report.chain, report.file, &report.print);
		known_set_chain(
		    &heard_known, heard.chain, heard.file, &heard.print);
		assert_int_equal(known.has_all, keep_all);
		assert_int_equal(known.has_all, heard_known.has_all);
		assert_int_equal(known.ca_count, heard_known.ca_count);
		known_fini(&known);
		known_fini(&heard_known);
		report_fini(&heard);
		report_fini(&report);
		buf_fini(&text);
		free(said);
	}
	for (size_t i = 0; i < LENGTH(pki); i++)
		pki_fini(&pki[i]);
	ca_pool_fini(&pool);
}

/* CA certificates are one object each; who lies of one harms no other. */
static void
test_shared_cas(void **state)
{
	struct report report = { .name = mem_string("a") };
	struct cert *ca = sample_cert("CA", 7, true);
	struct report heard[4];
	char *text;

	report.file = mem_string("f");
	report.chain = sample_chain(sample_cert("a", 2, true), &ca, 1);
	text = report_text(&report);
	assert_true(text_decode(text, *state, &heard[0]));
	assert_true(text_decode(text, *state, &heard[1]));
	free(text);
	ca->part[CERT_SELECTOR_SPKI].sha256[0] ^= 1;
	text = report_text(&report);
	assert_true(text_decode(text, *state, &heard[2]));
	free(text);
	ca->part[CERT_SELECTOR_SPKI].sha256[0] ^= 1;
	text = report_text(&report);
	assert_true(text_decode(text, *state, &heard[3]));
	free(text);
	assert_ptr_equal(heard[0].chain->ca[0], heard[1].chain->ca[0]);
	assert_ptr_not_equal(heard[0].chain->ca[0], heard[2].chain->ca[0]);
	assert_ptr_equal(heard[0].chain->ca[0], heard[3].chain->ca[0]);
	sample_same_report(&report, &heard[3]);
	for (size_t i = 0; i < LENGTH(heard); i++)
		report_fini(&heard[i]);
	report_fini(&report);
	cert_unref(ca);
}

/* A report with one of everything. */
static struct report
report_whole(void)
{
	struct report report = { .verdict = VERDICT_PROBLEM,
		.has_next = true,
		.plan = { true, true, true, KEY_ECDSA, mem_string("https:"),
		    1795435200 },
		.is_located = true };
	struct cert *ca = sample_cert("CA", 7, true);
	struct cert_part *whole;

	report.name = mem_string("na%me");
	report.problem = mem_string("problem");
	report.warning = mem_string("warning");
	report.remark = mem_string("remark");
	report.file = mem_string("\xff%");
	report.chain = sample_chain(sample_cert("a", 2, true), &ca, 1);
	report.past = mem_array(1, sizeof(*report.past));
	report.past_count = 1;
	report.past[0] = (struct generation){
		sample_chain(sample_cert("b", 3, false), &ca, 1), 1, 2
	};
	report.next = mem_array(2, sizeof(*report.next));
	report.next_count = 2;
	report.next[0].chain = sample_chain(sample_cert("c", 4, true), &ca, 0);
	report.next[0].cert = cert_ref(report.next[0].chain->leaf);
	report.next[1].cert = sample_cert("key", 5, false);
	whole = &report.next[1].cert->part[CERT_SELECTOR_CERT];
	*whole = (struct cert_part){ 0 };
	cert_unref(ca);
	return report;
}

/* JSON of every type, and numbers beyond what any member takes. */
static const char *const others[] = { "null", "true", "false", "0", "1", "-1",
	"64", "9223372036854775807", "-9223372036854775808", "9007199254740993",
	"4294967296", "1.0", "1e300", "\"\"", "\"%\"", "\"%00\"", "\"AA==\"",
	"\"*\"", "\"\\ud83d\\udd11\"", "[]", "[[]]", "[null,1]", "{}",
	"{\"chain\":[{}]}" };

static json_t *
value_of(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(value);
	return value;
}

/*
 * In all of `value`, count the members and elements, and change the one with
 * the number *at: to `other`, or remove it if that is NULL.
 */
static void
change(json_t *value, long *at, const char *other)
{
	const char *key;
	json_t *member;
	void *next;
	size_t i;

	json_object_foreach_safe(value, next, key, member)
	{
		if ((*at)-- > 0)
			change(member, at, other);
		else if (*at == -1 && other != NULL)
			json_object_set_new(value, key, value_of(other));
		else if (*at == -1)
			json_object_del(value, key);
	}
	json_array_foreach(value, i, member)
	{
		if ((*at)-- > 0)
			change(member, at, other);
		else if (*at == -1 && other != NULL)
			json_array_set_new(value, i, value_of(other));
		else if (*at == -1)
			json_array_remove(value, i);
	}
}

/* Whatever it is, it is refused, or as good as any other. */
static void
try_object(json_t *object, struct intern *cas, size_t *accepted)
{
	struct report report = { .source = 77 };

	if (!report_decode(object, SAMPLE_SOURCES, cas, &report)) {
		assert_int_equal(report.source, 77);
		return;
	}
	report_check(&report, cas);
	report_fini(&report);
	(*accepted)++;
}

static void
test_each_member(void **state)
{
	struct report report = report_whole();
	size_t accepted = 0;
	size_t count = 0;

	report_check(&report, *state);
	for (long at = 0, left = -1; left < 0; at++) {
		for (size_t i = 0; i <= LENGTH(others); i++) {
			json_t *object = report_encode(&report);

			left = at;
			change(object, &left, i > 0 ? others[i - 1] : NULL);
			if (left < 0) {
				try_object(object, *state, &accepted);
				count++;
			}
			json_decref(object);
			if (left >= 0)
				break;
		}
		left = left < 0 ? -1 : 0;
	}
	assert_true(count > 2500);
	assert_in_range(accepted, 100, count / 2);
	report_fini(&report);
}

/* What is no object at all. */
static void
test_no_object(void **state)
{
	size_t accepted = 0;

	for (size_t i = 0; i < LENGTH(others); i++) {
		json_t *value = value_of(others[i]);
		struct known known;
		unsigned source;
		const char *name;

		try_object(value, *state, &accepted);
		assert_false(known_decode(value, 1, &source, &name, &known));
		json_decref(value);
	}
	assert_int_equal(accepted, 0);
}

static const struct wrong {
	const char *why;
	const char *path[5]; /* in that of report_whole() */
	const char *value;
} wrongs[] = {
	{ "a year of no calendar", { "chain", "0", "until" },
	    "9007199254740993" },
	{ "a sum would overflow", { "past", "0", "replaced" },
	    "9223372036854775807" },
	{ "two current ones", { "past", "0", "replaced" }, "0" },
	{ "no source of ours", { "source" }, "5" },
	{ "no verdict", { "verdict" }, "4" },
	{ "a problem that nobody knows", { "problem" }, NULL },
	{ "a chain from nowhere", { "file" }, NULL },
	{ "no leaf", { "chain" }, "[]" },
	{ "a bare key with a certificate", { "next", "1", "key", "cert" },
	    "\"000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f\"" },
	{ "of which more is known than the digest",
	    { "next", "1", "key", "cert_der" }, "\"AAAA\"" },
	{ "neither key nor chain", { "next", "1", "key" }, NULL },
	{ "a wildcard that is none", { "chain", "0", "names" }, "[\"*\"]" },
	{ "a leaf of unknown key", { "chain", "0", "spki" }, NULL },
	{ "an octet too short", { "chain", "0", "spki" }, "\"00\"" },
	{ "a NUL", { "name" }, "\"a%00b\"" },
	{ "a real", { "source" }, "0.0" },
};

static json_t *
member_of(json_t *value, const char *name)
{
	return json_is_array(value) ? json_array_get(value, (size_t)atol(name))
				    : json_object_get(value, name);
}

static void
test_wrong(void **state)
{
	struct report report = report_whole();

	for (size_t i = 0; i < LENGTH(wrongs); i++) {
		const char *const *path = wrongs[i].path;
		json_t *object = report_encode(&report);
		json_t *value = object;
		struct report heard;

		for (; path[1] != NULL; path++)
			value = member_of(value, path[0]);
		assert_non_null(value);
		if (wrongs[i].value == NULL)
			assert_int_equal(json_object_del(value, *path), 0);
		else
			json_object_set_new(
			    value, *path, value_of(wrongs[i].value));
		if (report_decode(object, SAMPLE_SOURCES, *state, &heard))
			fail_msg("taken: %s", wrongs[i].why);
		json_decref(object);
	}
	report_fini(&report);
}

/* As many as are allowed, and one more. */
static void
test_limits(void **state)
{
	static const struct {
		const char *list;
		size_t limit;
	} rows[] = { { "chain", LIMIT_CHAIN }, { "past", LIMIT_GENERATIONS },
		{ "next", LIMIT_NEXT } };
	struct report report = report_whole();
	char *name = mem_new(LIMIT_NAME + 2);
	struct report last;
	char *text;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		json_t *object = report_encode(&report);
		json_t *list = json_object_get(object, rows[i].list);
		struct report heard;
		json_t *copy;

		while (json_array_size(list) < rows[i].limit)
			json_array_append_new(
			    list, json_deep_copy(json_array_get(list, 0)));
		copy = json_deep_copy(object);
		assert_true(
		    report_decode(copy, SAMPLE_SOURCES, *state, &heard));
		json_decref(copy);
		report_fini(&heard);
		json_array_append_new(
		    list, json_deep_copy(json_array_get(list, 0)));
		assert_false(
		    report_decode(object, SAMPLE_SOURCES, *state, &heard));
		json_decref(object);
	}
	/* A table of lineages has keys of 65535 octets at most. */
	memset(name, 'a', LIMIT_NAME);
	free(report.name);
	report.name = name;
	report_check(&report, *state);
	name[LIMIT_NAME] = 'a';
	text = report_text(&report);
	assert_false(text_decode(text, *state, &last));
	free(text);
	report_fini(&report);
}

/* Files of a time that no calendar has are told of as well as can be. */
static void
test_time_of_files(void **state)
{
	struct report report = report_whole();
	struct report heard;
	char *text;

	report.past[0].since = INT64_MIN;
	report.past[0].replaced = INT64_MAX;
	text = report_text(&report);
	assert_true(text_decode(text, *state, &heard));
	assert_true(heard.past[0].since == -LIMIT_TIME);
	assert_true(heard.past[0].replaced == LIMIT_TIME);
	report_fini(&heard);
	free(text);
	report_fini(&report);
}

#define CODEC_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CODEC_TEST(test_reports),
		CODEC_TEST(test_real_chain),
		CODEC_TEST(test_shared_cas),
		CODEC_TEST(test_each_member),
		CODEC_TEST(test_no_object),
		CODEC_TEST(test_wrong),
		CODEC_TEST(test_limits),
		CODEC_TEST(test_time_of_files),
	};

	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
