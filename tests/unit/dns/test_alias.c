/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "dns/alias.h"
#include "sets/trie.h"

#define TEN      "0123456789"
#define LABEL_63 TEN TEN TEN TEN TEN TEN "012"
#define LABEL_61 TEN TEN TEN TEN TEN TEN "0"

static struct dname
parsed(const char *text)
{
	struct dname name;

	assert_int_equal(dname_parse(text, strlen(text), &name), STATUS_OK);
	return name;
}

/* Digests are those of openssl dgst -sha256 over the wire form. */
static const struct {
	const char *why;
	const char *name;
	const char *label; /* with "__", what comes before the digest */
	bool is_readable;
} cases[] = {
	{ "a mail server", "_25._tcp.mail.example.com",
	    "_25_tcp_mail_example_com", true },
	{ "in upper case", "_25._TCP.Mail.Example.COM",
	    "_25_tcp_mail_example_com", true },
	{ "hyphens", "_443._udp.mx-1.a--b.xn--bcher-kva.example",
	    "_443_udp_mx-1_a--b_xn--bcher-kva_example", true },
	{ "hyphens at ends", "_25._tcp.-a-.-.b", "_25_tcp_-a-_-_b", true },
	{ "a host of one label", "_25._tcp.localhost", "_25_tcp_localhost",
	    true },
	{ "of 63 octets", "_25._tcp." TEN TEN TEN TEN TEN "123.c",
	    "_25_tcp_" TEN TEN TEN TEN TEN "123_c", true },
	{ "of 64 octets", "_25._tcp." TEN TEN TEN TEN TEN "1234.c",
	    "_25_tcp_" TEN TEN TEN TEN TEN, false },
	{ "an underscore in the host", "_25._tcp.a_b.c", "_25_tcp_a-b_c__",
	    false },
	{ "an underscore before it", "_25._tcp._a.c", "_25_tcp_a_c__", false },
	{ "an underscore at its end", "_25._tcp.a_.c", "_25_tcp_a-_c__",
	    false },
	{ "no host", "_25._tcp", "_25_tcp__", false },
	{ "no transport", "_25.tcp.a", "_25_tcp_a__", false },
	{ "no port", "25._tcp.a", "_25_tcp_a__", false },
	{ "nothing behind the underscore", "_._tcp.a", "__tcp_a__", false },
	{ "a dot in a label", "_25._tcp.a\\.b", "_25_tcp_a-b__", false },
	{ "a wildcard", "_25._tcp.*.a", "_25_tcp_-_a__", false },
	{ "an upper half", "_25._tcp.\\255.a", "_25_tcp_-_a__", false },
	{ "zero and one", "_25._tcp.\\000.a", "_25_tcp_--_a__", false },
	{ "the root", ".", "__", false },
};

static void
test_table(void **state)
{
	struct dname apex = parsed("tlsa.example.net");

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct dname name = parsed(cases[i].name);
		struct dname alias;
		struct dname back;
		struct buf label = { 0 };

		print_message("# %s\n", cases[i].why);
		alias_label(&name, &label);
		(void)buf_text(&label);
		if (cases[i].is_readable) {
			assert_string_equal(label.data, cases[i].label);
		} else {
			size_t len = strlen(cases[i].label);

			if (len > 29 + 2)
				len = 29;
			assert_memory_equal(label.data, cases[i].label, len);
			assert_non_null(strstr(label.data, "__"));
		}
		assert_int_equal(alias_flat(&name, &apex, &alias), STATUS_OK);
		assert_int_equal(
		    alias_name(&alias, &apex, &back), cases[i].is_readable);
		if (cases[i].is_readable)
			assert_true(dname_equal(&name, &back));
		buf_fini(&label);
	}
}

/*
 * printf '\3_25\4_tcp\3a_b\1c\0' | openssl dgst -sha256 -binary | head -c 20 |
 * basenc --base32hex
 */
static void
test_digest(void **state)
{
	struct dname name = parsed("_25._TCP.A_b.c");
	struct buf label = { 0 };

	(void)state;
	alias_label(&name, &label);
	assert_string_equal(buf_text(&label),
	    "_25_tcp_a-b_c__f36n4d2gp1517q72b7i51om3umesug95");
	buf_fini(&label);
}

/* No two names met so far have the same label. */
struct met {
	struct trie labels; /* -> the name */
	struct dname apex;
	size_t readable;
};

static void
met_add(struct met *met, const struct dname *name)
{
	struct buf label = { 0 };
	struct dname alias;
	struct dname back;
	const struct dname *other;
	struct dname *copy;

	alias_label(name, &label);
	assert_in_range(label.len, 1, DNAME_LABEL_MAX);
	for (size_t i = 0; i < label.len; i++)
		assert_non_null(memchr("abcdefghijklmnopqrstuvwxyz0123456789-_",
		    label.data[i], 38));
	other = trie_get(&met->labels, label.data, label.len);
	assert_true(other == NULL || dname_equal(other, name));
	assert_int_equal(alias_flat(name, &met->apex, &alias), STATUS_OK);
	assert_int_equal(dname_labels(alias.key, alias.len),
	    dname_labels(met->apex.key, met->apex.len) + 1);
	assert_memory_equal(&alias.key[met->apex.len], label.data, label.len);
	if (alias_name(&alias, &met->apex, &back)) {
		assert_true(dname_equal(name, &back));
		met->readable++;
	}
	if (other == NULL) {
		copy = malloc(sizeof(*copy));
		assert_non_null(copy);
		*copy = *name;
		trie_set(&met->labels, label.data, label.len, copy);
	}
	buf_fini(&label);
}

static void
met_init(struct met *met)
{
	*met = (struct met){ .apex = parsed("t.example") };
	trie_init(&met->labels, free);
}

/* All that can be made of the octets that could be taken for each other. */
static void
test_exhaustive(void **state)
{
	static const char alphabet[] = "a_-.";
	char text[8 + 1] = { 0 };
	struct met met;
	size_t names = 0;

	(void)state;
	met_init(&met);
	for (size_t len = 1; len < sizeof(text); len++) {
		for (size_t n = 0; n < (size_t)1 << (2 * len); n++) {
			struct dname name;

			for (size_t i = 0; i < len; i++)
				text[i] = alphabet[(n >> (2 * i)) & 3];
			/* A final dot makes no other name. */
			if (text[len - 1] == '.' ||
			    dname_parse(text, len, &name) != STATUS_OK)
				continue;
			met_add(&met, &name);
			names++;
		}
	}
	assert_int_equal(met.labels.count, names);
	assert_true(met.readable > 50);
	trie_fini(&met.labels);
}

/* A name of up to 255 octets of any value, or of few. */
static struct dname
random_name(void)
{
	static const char usual[] = "_-ab";
	bool is_usual = rand() % 2 == 0;
	int left = rand() % 254 + 1;
	struct buf text = { 0 };
	struct dname name;

	while (left > 1) {
		int len = rand() % (rand() % 2 == 0 ? 63 : 4) + 1;

		len = len < left ? len : left - 1;
		left -= len + 1;
		for (int i = 0; i < len; i++)
			buf_add_format(&text, "\\%03d",
			    is_usual ? usual[rand() % 4] : rand() % 256);
		buf_add(&text, ".", 1);
	}
	if (text.len == 0)
		buf_add(&text, ".", 1);
	assert_int_equal(
	    dname_parse(buf_text(&text), text.len, &name), STATUS_OK);
	buf_fini(&text);
	return name;
}

static void
test_random(void **state)
{
	struct met met;

	(void)state;
	srand(6698);
	met_init(&met);
	for (int i = 0; i < 30000; i++) {
		struct dname name = random_name();

		met_add(&met, &name);
	}
	trie_fini(&met.labels);
}

/* Under the longest name there is, or one that leaves no place. */
static void
test_room(void **state)
{
	struct dname longest = parsed(
	    LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61);
	struct dname fits = parsed(LABEL_63 "." LABEL_63 "." LABEL_61);
	struct dname over = parsed(LABEL_63 "." LABEL_63 "." LABEL_63);
	struct dname name = parsed("_25._tcp.a.b");
	struct dname root = parsed(".");
	struct dname alias;

	(void)state;
	assert_int_equal(alias_flat(&longest, &fits, &alias), STATUS_OK);
	assert_int_equal(alias_flat(&longest, &over, &alias), STATUS_LIMIT);
	assert_int_equal(alias_flat(&longest, &root, &alias), STATUS_OK);
	assert_int_equal(alias_deep(&longest, &root, &alias), STATUS_OK);
	assert_true(dname_equal(&alias, &longest));
	assert_int_equal(alias_deep(&longest, &name, &alias), STATUS_LIMIT);
	assert_int_equal(alias_deep(&name, &fits, &alias), STATUS_OK);
	assert_true(dname_is_within(&alias, &fits));
	/* What was given may be overwritten. */
	alias = parsed("_25._tcp.mail.example.com");
	assert_int_equal(alias_deep(&alias, &name, &alias), STATUS_OK);
	name = parsed("_25._tcp.mail.example.com._25._tcp.a.b");
	assert_true(dname_equal(&alias, &name));
}

/* What is no alias, or not of this zone, has no name. */
static void
test_foreign(void **state)
{
	static const char *const names[] = { "t.example", "example", ".",
		"_25_tcp_a.u.example", "_25_tcp_a.b.t.example",
		"x._25_tcp_a.t.example", "_25_tcp.t.example", "a.t.example",
		"_25_tcp__a.t.example", "_25_tcp_a_.t.example",
		"25_tcp_a_b.t.example", "__25_tcp_a.t.example",
		"_25_tcp_\\000.t.example", "_25_tcp_a\\.b.t.example",
		LABEL_63 ".t.example" };
	struct dname apex = parsed("t.example");
	struct dname name;
	struct dname alias;

	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++) {
		print_message("# %s\n", names[i]);
		alias = parsed(names[i]);
		assert_false(alias_name(&alias, &apex, &name));
	}
	alias = parsed("_25_tcp_A.T.Example");
	assert_true(alias_name(&alias, &apex, &name));
	alias = parsed("_25._tcp.a");
	assert_true(dname_equal(&alias, &name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_exhaustive),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests_name("alias", tests, NULL, NULL);
}
