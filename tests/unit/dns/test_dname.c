/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "dns/dname.h"

#define TEN        "0123456789"
#define LABEL_63   TEN TEN TEN TEN TEN TEN "012"
#define LABEL_61   TEN TEN TEN TEN TEN TEN "0"
#define DOTS_3x63  LABEL_63 "." LABEL_63 "." LABEL_63 "."
#define NULS_10    "\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000"
#define LABEL_NULS NULS_10 NULS_10 NULS_10 NULS_10 NULS_10 NULS_10 "\\0001\\000"

static struct dname
parsed(const char *text)
{
	struct dname name;

	assert_int_equal(dname_parse(text, strlen(text), &name), STATUS_OK);
	return name;
}

static void
assert_format(const struct dname *name, const char *expected)
{
	struct buf text = { 0 };

	dname_format(name->key, name->len, &text);
	assert_string_equal(buf_text(&text), expected);
	buf_fini(&text);
}

static const struct {
	const char *why;
	const char *text;
	enum status status;
	const char *format; /* NULL: nothing was written */
	size_t labels;
} parse_cases[] = {
	{ "the root", ".", STATUS_OK, ".", 0 },
	{ "nothing at all", "", STATUS_MALFORMED, NULL, 0 },
	{ "final dot", "mail.example.org.", STATUS_OK, "mail.example.org.", 3 },
	{ "final dot twice", "mail.example.org..", STATUS_MALFORMED, NULL, 0 },
	{ "no final dot", "org", STATUS_OK, "org.", 1 },
	{ "no first label", ".org", STATUS_MALFORMED, NULL, 0 },
	{ "no label in between", "a..org", STATUS_MALFORMED, NULL, 0 },
	{ "only dots", "..", STATUS_MALFORMED, NULL, 0 },
	{ "upper case", "_25._TCP.Mail.Example.ORG", STATUS_OK,
	    "_25._tcp.mail.example.org.", 5 },
	{ "wildcard", "*.example.org", STATUS_OK, "*.example.org.", 3 },
	{ "escaped dot", "a\\.b.org", STATUS_OK, "a\\.b.org.", 2 },
	{ "dot by number", "a\\046b.org", STATUS_OK, "a\\.b.org.", 2 },
	{ "only an escaped dot", "\\.", STATUS_OK, "\\..", 1 },
	{ "backslash at the end", "org\\", STATUS_MALFORMED, NULL, 0 },
	{ "upper case by number", "\\065", STATUS_OK, "a.", 1 },
	{ "escape without need", "\\a\\-", STATUS_OK, "a-.", 1 },
	{ "two digits", "a\\04", STATUS_MALFORMED, NULL, 0 },
	{ "two digits and a dot", "a\\04.org", STATUS_MALFORMED, NULL, 0 },
	{ "greatest number", "\\255", STATUS_OK, "\\255.", 1 },
	{ "number too great", "\\256", STATUS_MALFORMED, NULL, 0 },
	{ "zero and one", "\\000\\001", STATUS_OK, "\\000\\001.", 1 },
	{ "zone file syntax", "\";()@$ \t", STATUS_OK,
	    "\\\"\\;\\(\\)\\@\\$\\032\\009.", 1 },
	{ "backslash", "\\\\", STATUS_OK, "\\\\.", 1 },
	{ "not ASCII", "m\xc3\xbcller", STATUS_OK, "m\\195\\188ller.", 1 },
	{ "delete", "\x7f", STATUS_OK, "\\127.", 1 },
	{ "longest label", LABEL_63 ".org", STATUS_OK, LABEL_63 ".org.", 2 },
	{ "longer label", LABEL_63 "3.org", STATUS_LIMIT, NULL, 0 },
	{ "longer by an escape", LABEL_63 "\\000", STATUS_LIMIT, NULL, 0 },
	{ "longest name", DOTS_3x63 LABEL_61, STATUS_OK, DOTS_3x63 LABEL_61 ".",
	    4 },
	{ "longer name", DOTS_3x63 LABEL_61 "1", STATUS_LIMIT, NULL, 0 },
	{ "longer by a label", DOTS_3x63 LABEL_61 ".a", STATUS_LIMIT, NULL, 0 },
};

static void
test_parse_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(parse_cases); i++) {
		struct dname name = parsed("untouched");

		print_message("# %s\n", parse_cases[i].why);
		assert_int_equal(dname_parse(parse_cases[i].text,
				     strlen(parse_cases[i].text), &name),
		    parse_cases[i].status);
		assert_format(&name, parse_cases[i].format != NULL
					 ? parse_cases[i].format
					 : "untouched.");
		if (parse_cases[i].format != NULL)
			assert_int_equal(dname_labels(name.key, name.len),
			    parse_cases[i].labels);
	}
}

/* A length ends the text, not a NUL; and it may end within an escape. */
static void
test_parse_len(void **state)
{
	struct dname name;

	(void)state;
	assert_int_equal(dname_parse("org.example", 3, &name), STATUS_OK);
	assert_format(&name, "org.");
	assert_int_equal(dname_parse("a\0b", 3, &name), STATUS_OK);
	assert_format(&name, "a\\000b.");
	assert_int_equal(dname_parse("a\\046", 4, &name), STATUS_MALFORMED);
	assert_int_equal(dname_parse("a\\046", 2, &name), STATUS_MALFORMED);
}

/* Octets that a key doubles, as many as fit into three labels. */
static void
test_longest_key(void **state)
{
	static const char text[] = LABEL_NULS "." LABEL_NULS "." LABEL_NULS;
	struct dname name = parsed(text);

	(void)state;
	assert_true(name.len <= DNAME_KEY_MAX);
	assert_int_equal(name.len, 3 * (62 * 2 + 1 + 1));
	assert_format(&name, LABEL_NULS "." LABEL_NULS "." LABEL_NULS ".");
}

static void
test_within_table(void **state)
{
	static const struct {
		const char *why;
		const char *name;
		const char *ancestor;
		bool is_within;
		bool is_equal;
	} cases[] = {
		{ "itself", "example.org", "Example.org.", true, true },
		{ "its child", "mail.example.org", "example.org", true, false },
		{ "its parent", "org", "example.org", false, false },
		{ "its sibling", "example.net", "example.org", false, false },
		{ "the root", ".", ".", true, true },
		{ "all is below the root", "org", ".", true, false },
		{ "the root is below nothing", ".", "org", false, false },
		{ "same end, other label", "badexample.org", "example.org",
		    false, false },
		{ "same start", "example.organic", "example.org", false,
		    false },
		{ "dot within a label", "mail\\.example.org", "example.org",
		    false, false },
		{ "zero octet within a label", "a.\\000org", "org", false,
		    false },
		{ "label ends in a zero octet", "org\\000", "org", false,
		    false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct dname name = parsed(cases[i].name);
		struct dname ancestor = parsed(cases[i].ancestor);

		print_message("# %s\n", cases[i].why);
		assert_int_equal(
		    dname_is_within(&name, &ancestor), cases[i].is_within);
		assert_int_equal(
		    dname_equal(&name, &ancestor), cases[i].is_equal);
	}
}

static void
test_relative_table(void **state)
{
	static const struct {
		const char *why;
		const char *name;
		const char *apex;
		const char *text;
	} cases[] = {
		{ "below the apex", "_25._tcp.mail.example.org", "example.org",
		    "_25._tcp.mail." },
		{ "the apex", "example.org", "example.org", "." },
		{ "below the root", "example.org", ".", "example.org." },
		{ "the root", ".", ".", "." },
		{ "dot within a label", "a\\.b.org", "org", "a\\.b." },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct dname name = parsed(cases[i].name);
		struct dname apex = parsed(cases[i].apex);
		struct buf text = { 0 };

		print_message("# %s\n", cases[i].why);
		dname_format_relative(name.key, name.len, apex.len, &text);
		assert_string_equal(buf_text(&text), cases[i].text);
		buf_fini(&text);
	}
}

static void
test_parent(void **state)
{
	static const char *const texts[] = { "a\\000.\\001.c", "\\001.c", "c",
		"." };
	struct dname name = parsed(texts[0]);
	size_t len = name.len;

	(void)state;
	for (size_t i = 1; i < LENGTH(texts); i++) {
		struct dname parent = parsed(texts[i]);

		len = dname_parent_len(name.key, len);
		assert_int_equal(len, parent.len);
		assert_true(memcmp(name.key, parent.key, len) == 0);
	}
	assert_int_equal(len, 0);
}

/*
 * A name as RFC 4034 s6.1 sees it, made apart from the parser: labels from
 * the right, octets in lower case.
 */
struct plain {
	size_t labels;
	size_t len[4];
	uint8_t octet[4][3];
};

static struct plain
random_plain(void)
{
	static const uint8_t octets[] = { 0x00, 0x01, 0x02, '-', '.', 'A', 'a',
		'z', '\\', 0x7f, 0x80, 0xff };
	struct plain plain = { .labels = (size_t)rand() % 5 };

	for (size_t i = 0; i < plain.labels; i++) {
		plain.len[i] = 1 + (size_t)rand() % 3;
		for (size_t j = 0; j < plain.len[i]; j++)
			plain.octet[i][j] =
			    octets[(size_t)rand() % LENGTH(octets)];
	}
	return plain;
}

static struct dname
plain_name(const struct plain *plain)
{
	struct buf text = { 0 };
	struct dname name;

	for (size_t i = plain->labels; i > 0; i--) {
		for (size_t j = 0; j < plain->len[i - 1]; j++)
			buf_add_format(&text, "\\%03d", plain->octet[i - 1][j]);
		buf_add(&text, ".", 1);
	}
	if (plain->labels == 0)
		buf_add(&text, ".", 1);
	name = parsed(buf_text(&text));
	buf_fini(&text);
	return name;
}

static int
lower(int octet)
{
	return octet == 'A' ? 'a' : octet;
}

static int
label_compare(const struct plain *a, const struct plain *b, size_t i)
{
	for (size_t j = 0; j < a->len[i] && j < b->len[i]; j++)
		if (lower(a->octet[i][j]) != lower(b->octet[i][j]))
			return lower(a->octet[i][j]) - lower(b->octet[i][j]);
	return (a->len[i] > b->len[i]) - (a->len[i] < b->len[i]);
}

static int
plain_compare(const struct plain *a, const struct plain *b)
{
	for (size_t i = 0; i < a->labels && i < b->labels; i++)
		if (label_compare(a, b, i) != 0)
			return label_compare(a, b, i);
	return (a->labels > b->labels) - (a->labels < b->labels);
}

static int
key_compare(const struct dname *a, const struct dname *b)
{
	int order = memcmp(a->key, b->key, a->len < b->len ? a->len : b->len);

	if (order != 0)
		return order;
	return (a->len > b->len) - (a->len < b->len);
}

static int
sign(int number)
{
	return (number > 0) - (number < 0);
}

static void
test_canonical_order(void **state)
{
	(void)state;
	srand(4034);
	for (int i = 0; i < 50000; i++) {
		struct plain a = random_plain();
		struct plain b = random_plain();
		struct dname name_a = plain_name(&a);
		struct dname name_b = plain_name(&b);
		int order = sign(plain_compare(&a, &b));

		assert_int_equal(sign(key_compare(&name_a, &name_b)), order);
		assert_int_equal(dname_equal(&name_a, &name_b), order == 0);
		assert_int_equal(
		    dname_labels(name_a.key, name_a.len), a.labels);
	}
}

/* The example in RFC 4034 s6.1. */
static void
test_rfc_order(void **state)
{
	static const char *const texts[] = { "example", "a.example",
		"yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE",
		"z.example", "\\001.z.example", "*.z.example",
		"\\200.z.example" };

	(void)state;
	for (size_t i = 1; i < LENGTH(texts); i++) {
		struct dname before = parsed(texts[i - 1]);
		struct dname name = parsed(texts[i]);

		assert_true(key_compare(&before, &name) < 0);
	}
}

/* Every octet survives being formatted and parsed. */
static void
test_round_trip(void **state)
{
	(void)state;
	srand(1035);
	for (int i = 0; i < 5000; i++) {
		struct plain plain = random_plain();
		struct dname name, again;
		struct buf text = { 0 };

		if (plain.labels > 0)
			plain.octet[0][0] = (uint8_t)i;
		name = plain_name(&plain);
		dname_format(name.key, name.len, &text);
		again = parsed(buf_text(&text));
		assert_true(dname_equal(&name, &again));
		for (size_t j = 0; j < text.len; j++)
			assert_in_range(text.data[j], '!', '~');
		buf_fini(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_table),
		cmocka_unit_test(test_parse_len),
		cmocka_unit_test(test_longest_key),
		cmocka_unit_test(test_within_table),
		cmocka_unit_test(test_relative_table),
		cmocka_unit_test(test_parent),
		cmocka_unit_test(test_canonical_order),
		cmocka_unit_test(test_rfc_order),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests_name("dname", tests, NULL, NULL);
}
