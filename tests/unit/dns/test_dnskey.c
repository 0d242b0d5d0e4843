/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "dns/dnskey.h"

/*
 * Keys that pdnsutil made (throw-away ones, without what only signing needs),
 * and the DS records that it exports for them: a second implementation.
 */
static const struct {
	const char *content;
	const char *ds;
} rows[] = {
	{ "Private-key-format: v1.2\n"
	  "Algorithm: 8 (RSASHA256)\n"
	  "Modulus: "
	  "1BfxHi2ayWDHtqOEi0e66xhWbn/"
	  "TSaF9t9yW8OdIqMih1mGHXdpxM5UOxLAaUeG91rcNnfTuXyVxZ2ijock7xrbccbPYJC2"
	  "UbIXP9odbAW5zaZmUQaewD4ffV9XdMF/F3I4VJcI2HWnffJ01mVsgF57ydohVY/"
	  "xJd4HPSe+RpAE=\n"
	  "PublicExponent: AQAB\n",
	    "48980 8 2 "
	    "8affd1f02eaa681635e4b92c60285320423bcca23e2bdeb0e075d7f5327f795"
	    "f" },
	{ "Private-key-format: v1.2\n"
	  "Algorithm: 13 (ECDSAP256SHA256)\n"
	  "PrivateKey: /HhzwMGyIxh62q/NilqX0Ox8o9HwS+fqSQBBjVuq9+o=\n",
	    "37339 13 2 "
	    "205d853e94add150b2cf3808b7d1ff901105b66590da9f539e2893600acc0b1"
	    "7" },
	{ "Private-key-format: v1.2\n"
	  "Algorithm: 14 (ECDSAP384SHA384)\n"
	  "PrivateKey: "
	  "JQoJcjLwSiwdpTfT8m/dimREzVdR0c9V4UsoFFzSefsCuHBNiRuAX73IwGNrrq/a\n",
	    "59553 14 2 "
	    "b549c0cff98ed49abc0d2fadecc77b56cfbcade6d257b4211601de0315cd559"
	    "6" },
	{ "Private-key-format: v1.2\n"
	  "Algorithm: 15 (ED25519)\n"
	  "PrivateKey: SZkxGbFl+QCXrdUEcfaUF8zgf63nA0uGpZUGJSoBPh4=\n",
	    "44353 15 2 "
	    "e47b731184d1671db4b102140df9b2763c4a6a235fdb4d3e718d29b17c5c010"
	    "1" },
	{ "Private-key-format: v1.2\n"
	  "Algorithm: 16 (ED448)\n"
	  "PrivateKey: "
	  "Qj9I53im9PJSJqhvgxFv9siqjvhPUN9YDm9nZmEbeOvzVBasvxXCH3/"
	  "lvg6zlVhwAwj12WWU7MYL\n",
	    "36655 16 2 "
	    "862e220eee1094e34b241c9e450c16d6e0bc3d91b5bc8b4d168ca8e69dd9483"
	    "c" },
	{ "Private-key-format: v1.2\n"
	  "Algorithm: 10 (RSASHA512)\n"
	  "Modulus: "
	  "t2tmKlt5ZxAj3J49Ez0Y0oTMW/Qh/"
	  "36XKMROroXOM7sEISGBJzFcBUjo8nMJSe8UuBhheW10lINZwrwiPLAERVBAWsBp9kcm+"
	  "Kg7rMpQSbC98sJjaZDHaL/Z6Ji/GpMdy335viBmCNlDPSBxBnIwUyk3tOngwYlF/"
	  "6WroEeWyJk=\n"
	  "PublicExponent: AQAB\n",
	    "45981 10 2 "
	    "b179b4a52a8b972b3f4f822792ab9d04bfb995295f074e8766ed3c30ef51ed5"
	    "0" },
};

static struct dname
name_read(const char *text)
{
	struct dname dname;

	assert_int_equal(dname_parse(text, strlen(text), &dname), STATUS_OK);
	return dname;
}

static void
test_ds(void **state)
{
	const struct dname apex = name_read("TLSA.example.net.");

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct problem problem = { "" };
		struct buf text = { 0 };
		struct dnskey key;

		assert_int_equal(
		    dnskey_parse(rows[i].content,
			DNSKEY_FLAG_ZONE | DNSKEY_FLAG_SEP, &key, &problem),
		    STATUS_OK);
		dnskey_ds(&key, &apex, &text);
		assert_string_equal(buf_text(&text), rows[i].ds);
		buf_fini(&text);
	}
}

/* The flags are part of the key: another tag. */
static void
test_flags(void **state)
{
	struct dnskey ksk;
	struct dnskey zsk;

	(void)state;
	assert_int_equal(
	    dnskey_parse(rows[1].content, 257, &ksk, NULL), STATUS_OK);
	assert_int_equal(
	    dnskey_parse(rows[1].content, 256, &zsk, NULL), STATUS_OK);
	assert_int_equal(dnskey_tag(&ksk), dnskey_tag(&zsk) + 1);
	assert_int_equal(dnskey_algorithm(&ksk), DNSKEY_ECDSAP256SHA256);
}

static void
test_generate(void **state)
{
	struct buf one = { 0 };
	struct buf two = { 0 };
	struct dnskey key;

	(void)state;
	dnskey_generate(&one);
	dnskey_generate(&two);
	assert_string_not_equal(buf_text(&one), buf_text(&two));
	assert_int_equal(
	    dnskey_parse(buf_text(&one), 257, &key, NULL), STATUS_OK);
	assert_int_equal(dnskey_algorithm(&key), DNSKEY_ECDSAP256SHA256);
	assert_int_equal(key.len, 4 + 64);
	buf_fini(&one);
	buf_fini(&two);
}

static const struct {
	const char *why;
	const char *content;
	enum status status;
} bad[] = {
	{ "nothing", "", STATUS_REFUSED },
	{ "no algorithm", "PrivateKey: AAAA\n", STATUS_REFUSED },
	{ "an unknown one", "Algorithm: 3 (DSA)\nPrivateKey: AAAA\n",
	    STATUS_REFUSED },
	{ "the number of a kind that comes", "Algorithm: 269\n",
	    STATUS_REFUSED },
	{ "no key", "Algorithm: 13\n", STATUS_MALFORMED },
	{ "an empty key", "Algorithm: 13\nPrivateKey: \n", STATUS_MALFORMED },
	{ "no base64", "Algorithm: 13\nPrivateKey: ****\n", STATUS_MALFORMED },
	{ "cut base64", "Algorithm: 13\nPrivateKey: AAA\n", STATUS_MALFORMED },
	{ "zero", "Algorithm: 13\nPrivateKey: AAAA\n", STATUS_MALFORMED },
	{ "not below the order",
	    "Algorithm: 13\nPrivateKey: "
	    "//////////////////////////////////////////8=\n",
	    STATUS_MALFORMED },
	{ "too short", "Algorithm: 15\nPrivateKey: AAAA\n", STATUS_MALFORMED },
	{ "no exponent", "Algorithm: 8\nModulus: AAAA\n", STATUS_MALFORMED },
	{ "no modulus", "Algorithm: 8\nPublicExponent: AQAB\n",
	    STATUS_MALFORMED },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct problem problem = { "" };
		struct dnskey key;

		print_message("# %s\n", bad[i].why);
		assert_int_equal(
		    dnskey_parse(bad[i].content, 257, &key, &problem),
		    bad[i].status);
		assert_true(problem.text[0] != '\0');
		assert_int_equal(ERR_peek_error(), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ds),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_generate),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
