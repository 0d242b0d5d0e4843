/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limit.h"
#include "issuers/issuer.h"

#define HEX16 "0123456789abcdef"
#define HEX48 HEX16 HEX16 HEX16

/* Digests that begin with `x` ("00" and so on) and are good for nothing. */
#define SHA256(x) x "1032547698badc" HEX48
#define SHA512(x) x "1032547698badc" HEX48 HEX16 HEX48

/* One row; `key` is its algorithm and bits, `end` its time. */
#define FULL(name, key, x, end, status)                                        \
	name "\t" key "\t" SHA256(x) "\t" SHA512(x) "\t" end "\t" status "\n"
#define ROW(name, x, status)                                                   \
	FULL(name, "RSA\t2048", x, "2028-09-02T23:59:59Z", status)

#define HEAD "provider: P\ndate: 2026-07-08\n" /* lines 1 and 2 */
#define GOOD HEAD ROW("A1", "00", "active")    /* line 3 */

/* Seconds since 1970, from date(1). */
enum {
	DATE = 1783468800,      /* 2026-07-08 00:00:00 */
	NOT_AFTER = 1851551999, /* 2028-09-02 23:59:59 */
};

static enum status
parse(const char *text, size_t len, struct issuer_set **ret_set,
    struct problem *problem)
{
	return issuer_set_parse("p", "/d/p.tsv", text, len, ret_set, problem);
}

/* Parse what must be good. */
static struct issuer_set *
parsed_lines(const char *head, const char *const *rows, size_t count)
{
	struct issuer_set *set = NULL;
	struct problem problem = { "" };
	struct buf text = { 0 };

	buf_add_string(&text, head);
	for (size_t i = 0; i < count; i++)
		buf_add_string(&text, rows[i]);
	if (parse(text.data, text.len, &set, &problem) != STATUS_OK)
		assert_string_equal(problem.text, "");
	buf_fini(&text);
	return set;
}

static void
test_members(void **state)
{
	static const char head[] = "# a comment\r\n"
				   "provider: A  CA\n"
				   "source: https://a.example/cas (2026)\n"
				   "date: 2026-07-08\n"
				   "server: https://a.example/directory\n"
				   "server: https://b.example/directory\n"
				   "staging: yes\n"
				   "\n"
				   "# name\ttab\n";
	static const char *const rows[] = {
		ROW("A1", "00", "active"),
		ROW("B1", "Ff", "backup"),
		FULL("Z\xc3\xbcrich Root", "ECDSA\t384", "22",
		    "2000-02-29T00:00:00Z", "root"),
		FULL("R1", "other\t456", "33", "9999-12-31T23:59:59Z",
		    "retired\r"),
		"end\n\n# over\n",
	};
	struct issuer_set *set = parsed_lines(head, rows, LENGTH(rows));
	const struct cert *cert = set->list[1].cert;

	(void)state;
	assert_string_equal(set->name, "p");
	assert_string_equal(set->file, "/d/p.tsv");
	assert_string_equal(set->provider, "A  CA");
	assert_string_equal(set->source, "https://a.example/cas (2026)");
	assert_int_equal(set->date, DATE);
	assert_int_equal(set->server_count, 2);
	assert_string_equal(set->servers[1], "https://b.example/directory");
	assert_true(set->is_staging);
	assert_int_equal(set->count, 4);
	assert_string_equal(set->list[1].name, "B1");
	assert_int_equal(set->list[1].status, ISSUER_BACKUP);
	assert_string_equal(cert->subject, "B1");
	assert_true(cert->is_ca);
	assert_int_equal(cert->key_algorithm, KEY_RSA);
	assert_int_equal(cert->key_bits, 2048);
	assert_int_equal(cert->not_after, NOT_AFTER);
	assert_false(cert->part[CERT_SELECTOR_CERT].is_known);
	assert_true(cert->part[CERT_SELECTOR_SPKI].is_known);
	assert_int_equal(cert->part[CERT_SELECTOR_SPKI].sha256[0], 0xff);
	assert_int_equal(cert->part[CERT_SELECTOR_SPKI].sha256[31], 0xef);
	assert_int_equal(cert->part[CERT_SELECTOR_SPKI].sha512[0], 0xff);
	assert_int_equal(cert->part[CERT_SELECTOR_SPKI].sha512[63], 0xef);
	assert_null(cert->part[CERT_SELECTOR_SPKI].der);
	assert_int_equal(set->list[2].status, ISSUER_ROOT);
	assert_int_equal(set->list[2].cert->key_algorithm, KEY_ECDSA);
	assert_int_equal(set->list[2].cert->not_after, 951782400);
	assert_int_equal(set->list[3].status, ISSUER_RETIRED);
	assert_int_equal(set->list[3].cert->key_algorithm, KEY_OTHER);
	assert_int_equal(set->list[3].cert->not_after, 253402300799);
	issuer_set_unref(set);
}

static const struct {
	const char *why;
	const char *text;
	const char *place; /* behind the name of the file */
	const char *piece;
} bad[] = {
	{ "nothing", "", ":1: ", "the file is cut short" },
	{ "comments only", "# a\n\n", ":2: ", "the file is cut short" },
	{ "no end", GOOD, ":3: ", "its last line must be 'end'" },
	{ "cut within end", GOOD "en", ":4: ", "'en' is neither" },
	{ "something behind the end", GOOD "end\ndate: 2026-07-08\n",
	    ":5: ", "behind the line 'end'" },
	{ "end twice", GOOD "end\nend\n", ":5: ", "behind the line 'end'" },
	{ "no CA", HEAD "end\n", ":3: ", "no CA" },
	{ "no provider", "date: 2026-07-08\n" ROW("A", "00", "active") "end\n",
	    ":3: ", "'provider: NAME' is missing" },
	{ "no date", "provider: P\n" ROW("A", "00", "active") "end\n",
	    ":3: ", "'date: YYYY-MM-DD' is missing" },
	{ "unknown key", HEAD "servers: https://a\n",
	    ":3: ", "'servers' is not a key; known are provider, " },
	{ "key in capitals", HEAD "Server: https://a\n",
	    ":3: ", "'Server' is not a key" },
	{ "neither key nor row", HEAD "hello\n",
	    ":3: ", "'hello' is neither 'key: value' nor a row" },
	{ "spaces for tabs", HEAD "A1 RSA 2048 00 11 2028-09-02 active\n",
	    ":3: ", "with a tab between them" },
	{ "key without value", HEAD "source:\n",
	    ":3: ", "'source:' is neither" },
	{ "key and blanks", HEAD "source:   \n",
	    ":3: ", "'source' has no value" },
	{ "provider twice", HEAD "provider: Q\n",
	    ":3: ", "'Q' is the second one" },
	{ "source twice", HEAD "source: Q\nsource: Q\n",
	    ":4: ", "is the second one" },
	{ "date twice", HEAD "date: 2026-07-08\n",
	    ":3: ", "is the second date" },
	{ "staging twice", HEAD "staging: no\nstaging: yes\n",
	    ":4: ", "is the second one" },
	{ "staging maybe", HEAD "staging: true\n",
	    ":3: ", "'true' is neither 'yes' nor 'no'" },
	{ "server twice", HEAD "server: https://a/\nserver: https://a/\n",
	    ":4: ", "'https://a/' is there twice" },
	{ "server without TLS", HEAD "server: http://a/\n",
	    ":3: ", "begins with https://" },
	{ "two servers in a line", HEAD "server: https://a/ https://b/\n",
	    ":3: ", "not the URL of an ACME directory" },
	{ "date of another land", HEAD "date: 08.07.2026\n",
	    ":3: ", "not a date such as 2026-11-23" },
	{ "31st of April", HEAD "date: 2026-04-31\n", ":3: ", "not a date" },
	{ "short date", HEAD "date: 2026-7-8\n", ":3: ", "not a date" },
	{ "month 13", HEAD "date: 2026-13-01\n", ":3: ", "not a date" },
	{ "the day zero", "date: 1970-01-01\n", ":1: ", "not a date" },
	{ "before 1970", "date: 1969-12-31\n", ":1: ", "not a date" },
	{ "six fields", HEAD "A\tRSA\t2048\t0\t1\tactive\n",
	    ":3: ", "a row of 6 fields; write 7" },
	{ "eight fields", HEAD "A\tRSA\t2048\t0\t1\t2\tactive\t\n",
	    ":3: ", "a row of 8 fields" },
	{ "only tabs", HEAD "\t\t\t\t\t\t\n", ":3: ", "'' is not a name" },
	{ "unknown algorithm", HEAD "A\trsa\t2048\t0\t1\t2\tactive\n",
	    ":3: ", "'rsa' is not a key algorithm" },
	{ "bits in words", HEAD "A\tECDSA\tP-384\t0\t1\t2\tactive\n",
	    ":3: ", "'P-384' is not the size of a key" },
	{ "no bits", HEAD "A\tECDSA\t0\t0\t1\t2\tactive\n",
	    ":3: ", "'0' is not the size" },
	{ "too many bits", HEAD "A\tECDSA\t65537\t0\t1\t2\tactive\n",
	    ":3: ", "'65537' is not the size" },
	{ "far too many bits", HEAD "A\tECDSA\t18446744073709553664\t\t\t\t\n",
	    ":3: ", "is not the size" },
	{ "negative bits", HEAD "A\tECDSA\t-1\t0\t1\t2\tactive\n",
	    ":3: ", "'-1' is not the size" },
	{ "63 digits of SHA-256",
	    HEAD "A\tRSA\t2048\t1032547698badc0" HEX48 "\t1\t2\tactive\n",
	    ":3: ", "is not a SHA-256 of 64" },
	{ "SHA-512 for SHA-256",
	    HEAD "A\tRSA\t2048\t" SHA512("00") "\t1\t2\tactive\n",
	    ":3: ", "a text of 128 octets is not a SHA-256" },
	{ "no hexadecimal",
	    HEAD "A\tRSA\t2048\t" SHA256("0g") "\t1\t2\tactive\n",
	    ":3: ", "is not a SHA-256" },
	{ "SHA-256 for SHA-512",
	    HEAD
	    "A\tRSA\t2048\t" SHA256("00") "\t" SHA256("00") "\t2\tactive\n",
	    ":3: ", "is not a SHA-512 of 128" },
	{ "SHA-256 of nothing",
	    HEAD "A\tRSA\t2048\t"
		 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b"
		 "855\t" SHA512("00") "\t2\tactive\n",
	    ":3: ", "'A' has the digest of nothing at all" },
	{ "SHA-512 of nothing",
	    HEAD "A\tRSA\t2048\t" SHA256("00") "\tcf83e1357eefb8bdf1542850d66d8"
					       "007d620e4050b5715dc83f4a921d36"
					       "ce9ce47d0d13c5d85f2b0ff8318d287"
					       "7eec2f63b931bd47417a81a538327a"
					       "f927da3e\t2\tactive\n",
	    ":3: ", "'A' has the digest of nothing at all" },
	{ "day without time",
	    HEAD "A\tRSA\t2048\t" SHA256("00") "\t" SHA512(
		"00") "\t2028-09-02\tactive\n",
	    ":3: ", "'2028-09-02' is not a time such as" },
	{ "not UTC",
	    HEAD "A\tRSA\t2048\t" SHA256("00") "\t" SHA512(
		"00") "\t2028-09-02T23:59:59+\tactive\n",
	    ":3: ", "is not a time" },
	{ "leap second",
	    HEAD "A\tRSA\t2048\t" SHA256("00") "\t" SHA512(
		"00") "\t2016-12-31T23:59:60Z\tactive\n",
	    ":3: ", "is not a time" },
	{ "unknown status", HEAD ROW("A", "00", "Active"),
	    ":3: ", "'Active' is not a status; use active, backup" },
	{ "no status", HEAD ROW("A", "00", ""), ":3: ", "'' is not a status" },
	{ "key twice", GOOD ROW("A1-cross", "00", "active"),
	    ":4: ", "'A1-cross' has a digest that an earlier row has" },
	{ "key twice, in capitals",
	    HEAD ROW("A", "aa", "active") ROW("B", "AA", "active"),
	    ":4: ", "'B' has a digest that an earlier row has" },
	{ "one digest copied",
	    GOOD "B\tRSA\t2048\t" SHA256("11") "\t" SHA512(
		"00") "\t2028-09-02T23:59:59Z\tactive\n",
	    ":4: ", "'B' has a digest that an earlier row has" },
	{ "no UTF-8", GOOD "\xff\n", ":4: ", "not UTF-8" },
	{ "UTF-16", "\xff\xfep", ":1: ", "not UTF-8" },
	{ "control character in a comment", GOOD "# \x1b[31m\n",
	    ":4: ", "a control character (0x1b)" },
	{ "other end of a line", GOOD "# \xe2\x80\xa8\n",
	    ":4: ", "a control character (0x2028)" },
	{ "lone carriage return", "provider: P\rdate: 2026-07-08\n",
	    ":1: ", "a control character (0x0d)" },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct issuer_set *untouched = NULL;
		struct problem problem = { "" };
		struct buf place = { 0 };

		print_message("# %s\n", bad[i].why);
		assert_int_equal(parse(bad[i].text, strlen(bad[i].text),
				     &untouched, &problem),
		    STATUS_MALFORMED);
		assert_null(untouched);
		buf_add_format(&place, "/d/p.tsv%s", bad[i].place);
		if (strncmp(problem.text, buf_text(&place), place.len) != 0 ||
		    strstr(problem.text, bad[i].piece) == NULL) {
			buf_add_string(&place, bad[i].piece);
			assert_string_equal(problem.text, buf_text(&place));
		}
		assert_null(strpbrk(problem.text, "\n\r\t\x1b"));
		assert_int_equal(
		    parse(bad[i].text, strlen(bad[i].text), &untouched, NULL),
		    STATUS_MALFORMED);
		buf_fini(&place);
	}
}

/* A zero octet cannot stand in a row above. */
static void
test_zero_octet(void **state)
{
	static const char text[] = "provider: P\0\ndate: 2026-07-08\n";
	struct issuer_set *untouched = NULL;
	struct problem problem;

	(void)state;
	assert_int_equal(parse(text, sizeof(text) - 1, &untouched, &problem),
	    STATUS_MALFORMED);
	assert_string_equal(
	    problem.text, "/d/p.tsv:1: a control character (0x00); remove it");
}

/* No part of a table that is still being written passes for a table. */
static void
test_cut_short(void **state)
{
	static const char text[] = GOOD ROW("B", "01", "backup") "end\n";
	struct issuer_set *set = NULL;

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 2; len++)
		assert_int_not_equal(parse(text, len, &set, NULL), STATUS_OK);
	assert_null(set);
	/* The end of the last line says nothing that is not known. */
	assert_int_equal(parse(text, sizeof(text) - 2, &set, NULL), STATUS_OK);
	issuer_set_unref(set);
}

static void
test_limits(void **state)
{
	struct issuer_set *set = NULL;
	struct problem problem;
	struct buf text = { 0 };

	(void)state;
	buf_add_string(&text, HEAD);
	for (int i = 0; i <= LIMIT_ISSUERS; i++)
		buf_add_format(&text,
		    "A\tRSA\t1\t%060x%04d\t%0124x%04d\t2028-09-02T23:59:59Z\t"
		    "active\n",
		    1, i, 1, i);
	assert_int_equal(
	    parse(text.data, text.len, &set, &problem), STATUS_LIMIT);
	assert_string_equal(problem.text, "/d/p.tsv:1003: more than 1000 CAs");
	buf_clear(&text);
	buf_add_string(&text, GOOD "end\n");
	while (text.len <= LIMIT_ISSUER_FILE)
		buf_add(&text, "\n", 1);
	assert_int_equal(
	    parse(text.data, text.len, &set, &problem), STATUS_LIMIT);
	assert_string_equal(
	    problem.text, "/d/p.tsv: larger than 1048576 octets");
	assert_int_equal(
	    parse(text.data, LIMIT_ISSUER_FILE, &set, &problem), STATUS_OK);
	issuer_set_unref(set);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_zero_octet),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests_name("issuer", tests, NULL, NULL);
}
