/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "dns/dname.h"
#include "dns/nsec3.h"

/* Names and hashes of the example zone of RFC 5155, appendix A. */
static const struct {
	const char *name;
	const char *label;
} example[] = {
	{ "example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom" },
	{ "a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl" },
	{ "ai.example", "gjeqe526plbf1g8mklp59enfd789njgi" },
	{ "ns1.example", "2t7b4g4vsa5smi47k61mv5bv1a22bojr" },
	{ "ns2.example", "q04jkcevqvmu85r014c7dkba38o0ji5r" },
	{ "w.example", "k8udemvp1j2f7eg6jebps17vp3n8i58h" },
	{ "*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en" },
	{ "x.w.example", "b4um86eghhds6nea196smvmlo4ors995" },
	{ "y.w.example", "ji6neoaepv8b5o6k4ev33abha8ht9fgc" },
	{ "x.y.w.example", "2vptu5timamqttgl4luu9kg21e0aor3s" },
	{ "XX.Example", "t644ebqk9bibcna874givr6joj62mlhv" },
};

static void
test_hash(void **state)
{
	struct nsec3 nsec3;

	(void)state;
	assert_int_equal(
	    nsec3_parse("1 1 12 aabbccdd", &nsec3, NULL), STATUS_OK);
	for (size_t i = 0; i < LENGTH(example); i++) {
		uint8_t hash[NSEC3_HASH];
		uint8_t back[NSEC3_HASH];
		struct buf label = { 0 };
		struct dname name;

		assert_int_equal(dname_parse(example[i].name,
				     strlen(example[i].name), &name),
		    STATUS_OK);
		nsec3_hash(&nsec3, name.key, name.len, hash);
		nsec3_label(hash, &label);
		assert_string_equal(buf_text(&label), example[i].label);
		assert_true(nsec3_label_parse(label.data, label.len, back));
		assert_memory_equal(hash, back, sizeof(hash));
		buf_fini(&label);
	}
}

/* From RFC 1035 s4.1.4 and RFC 4343: what a key is on the wire. */
static void
test_wire(void **state)
{
	static const struct {
		const char *name;
		const char *wire;
		size_t len;
	} rows[] = {
		{ ".", "", 1 },
		{ "a.", "\1a", 3 },
		{ "_25._TCP.Mail.example.", "\3_25\4_tcp\4mail\7example", 23 },
		{ "\\000\\001\\002.b.", "\3\0\1\2\1b", 7 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint8_t wire[DNAME_WIRE_MAX];
		struct dname name;

		assert_int_equal(
		    dname_parse(rows[i].name, strlen(rows[i].name), &name),
		    STATUS_OK);
		assert_int_equal(
		    dname_wire(name.key, name.len, wire), rows[i].len);
		assert_memory_equal(wire, rows[i].wire, rows[i].len);
	}
}

static void
test_longest_wire(void **state)
{
	char text[DNAME_WIRE_MAX + 1];
	uint8_t wire[DNAME_WIRE_MAX];
	struct dname name;

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 63; i < 254; i += 64)
		text[i] = '.';
	assert_int_equal(dname_parse(text, 253, &name), STATUS_OK);
	assert_int_equal(dname_wire(name.key, name.len, wire), 255);
}

/* What a hash is not. */
static void
test_labels(void **state)
{
	static const struct {
		const char *text;
		bool is_good;
	} rows[] = {
		{ "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", true },
		{ "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.", true },
		{ "0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM", true },
		{ "0p9mhaveqvm6t7vbl5lop2u3t2rp3to", false },
		{ "0p9mhaveqvm6t7vbl5lop2u3t2rp3tomm", false },
		{ "0p9mhaveqvm6t7vbl5lop2u3t2rp3tow", false },
		{ "0p9mhaveqvm6t7vbl5lop2u3t2rp3to.", false },
		{ "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom..", false },
		{ "_25._tcp.mail.example.com.abcdefg", false },
		{ "", false },
	};
	uint8_t hash[NSEC3_HASH];

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		assert_int_equal(
		    nsec3_label_parse(rows[i].text, strlen(rows[i].text), hash),
		    rows[i].is_good);
	assert_false(
	    nsec3_label_parse("0p9mhaveqvm6t7vbl5lop2u3t2rp3to\0", 32, hash));
}

static void
test_text(void **state)
{
	static const char *const rows[][2] = {
		{ "1 0 0 -", "1 0 0 -" },
		{ "1 0 100 00ff", "1 0 100 00ff" },
		{ "1 1 0 -", "1 0 0 -" },
		{ "1 0 0 - narrow", "1 0 0 - narrow" },
	};
	struct nsec3 before = { .iterations = 9 };

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct buf text = { 0 };
		struct nsec3 nsec3;

		assert_int_equal(
		    nsec3_parse(rows[i][0], &nsec3, NULL), STATUS_OK);
		nsec3_format(&nsec3, &text);
		assert_string_equal(buf_text(&text), rows[i][1]);
		buf_fini(&text);
		assert_false(nsec3_equal(&nsec3, &before));
		before = nsec3;
		assert_true(nsec3_equal(&nsec3, &before));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_wire),
		cmocka_unit_test(test_longest_wire),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
