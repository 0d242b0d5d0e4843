/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "issuers/issuer.h"
#include "issuers/load.h"
#include "pki.h"

enum { DAY = 86400, YEAR = 365 * DAY, SOON = 274 * DAY };

/* The first octet of the digests, then zeros. */
struct digest {
	uint8_t octets[32];
};

static struct cert *
cert_of(uint8_t first, int64_t not_after)
{
	struct cert *cert = cert_new_known("x", "", NULL, 0);

	cert->part[CERT_SELECTOR_SPKI].sha256[0] = first;
	cert->not_after = not_after;
	return cert;
}

static void
add(struct issuer_set *set, enum issuer_status status, uint8_t first,
    int64_t not_after)
{
	issuer_set_add(set, mem_string("x"), status, cert_of(first, not_after));
}

static void
add_server(struct issuer_set *set, const char *url)
{
	set->servers = mem_resize(
	    set->servers, set->server_count + 1, sizeof(*set->servers));
	set->servers[set->server_count++] = mem_string(url);
}

/* Tables come before PEM files, whatever their names. */
static void
test_order(void **state)
{
	static const struct {
		const char *name;
		int64_t date; /* 0: of a PEM file */
	} rows[] = { { "b", 0 }, { "d", 1 }, { "a", 0 }, { "c", 1 },
		{ "e", 1 } };
	struct issuers *issuers = issuers_new();
	struct buf names = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct issuer_set *set = issuer_set_new(rows[i].name, "f");

		set->date = rows[i].date;
		issuers_add(issuers, set);
	}
	for (size_t i = 0; i < issuers->count; i++)
		buf_add_string(&names, issuers->sets[i]->name);
	assert_string_equal(buf_text(&names), "cdeab");
	buf_fini(&names);
	issuers_unref(issuers_ref(issuers));
	issuers_unref(issuers);
	issuers_unref(NULL);
	issuer_set_unref(NULL);
}

static void
test_find(void **state)
{
	static const struct digest one = { { 1 } }, two = { { 2 } },
				   three = { { 3 } };
	struct issuer_set *first = issuer_set_new("first", "f");
	struct issuer_set *second = issuer_set_new("second", "f");
	struct issuers *issuers = issuers_new();
	const struct issuer_set *found = NULL;

	(void)state;
	assert_null(issuers_find(issuers, one.octets, &found));
	assert_null(issuers_find_server(issuers, "https://a/"));
	add(first, ISSUER_ACTIVE, 1, 0);
	add(second, ISSUER_ROOT, 1, 0);
	add(second, ISSUER_RETIRED, 2, 0);
	add_server(first, "https://a/");
	add_server(second, "https://b/");
	add_server(second, "https://a/");
	issuers_add(issuers, second);
	issuers_add(issuers, first);
	assert_ptr_equal(
	    issuers_find(issuers, one.octets, &found), &first->list[0]);
	assert_ptr_equal(found, first);
	assert_ptr_equal(
	    issuers_find(issuers, two.octets, NULL), &second->list[1]);
	assert_null(issuers_find(issuers, three.octets, &found));
	assert_ptr_equal(found, first);
	assert_ptr_equal(issuer_set_find(second, one.octets), &second->list[0]);
	assert_ptr_equal(issuers_find_server(issuers, "https://a/"), first);
	assert_ptr_equal(issuers_find_server(issuers, "https://b/"), second);
	assert_null(issuers_find_server(issuers, "https://A/"));
	assert_null(issuers_find_server(issuers, "https://a"));
	issuers_unref(issuers);
}

/* Each row is looked at on the day 20000, 2024-10-04. */
static const struct {
	const char *why;
	int64_t date;
	int64_t active, backup, retired; /* seconds from then; 0: no such CA */
	bool is_staging;
	const char *piece; /* of the words; NULL: no concern */
} concerns[] = {
	{ "young", 1, YEAR, 0, 0, false, NULL },
	{ "a year old", YEAR, YEAR, 0, 0, false, NULL },
	{ "a second older", YEAR + 1, YEAR, 0, 0, false,
	    "issuer set 's' is as of 2023-10-04, more than a year ago; update"
	    " pdns-tlsa, or put a newer file" },
	{ "nobody knows how old", 0, YEAR, 0, 0, false, NULL },
	{ "274 days left", 1, SOON, 0, 0, false, NULL },
	{ "a second less", 1, SOON - 1, 0, 0, false, "expires on 2025-07-04" },
	{ "a backup lives longer", 1, 1, SOON, 0, false, NULL },
	{ "but not a retired one", 1, 1, 2, YEAR, false,
	    "expires on 2024-10-04" },
	{ "all over", 1, -YEAR, -DAY, YEAR, false, "expired on 2024-10-03" },
	{ "none of use", 1, 0, 0, YEAR, false, "no active or backup CA" },
	{ "a PEM file expires as well", 0, 1, 0, 0, false, "expires on" },
	{ "staging is nobody's concern", 9 * YEAR, 0, 0, 1, true, NULL },
};

static void
test_concern(void **state)
{
	const int64_t now = INT64_C(20000) * DAY;

	(void)state;
	for (size_t i = 0; i < LENGTH(concerns); i++) {
		struct issuer_set *set = issuer_set_new("s", "f");
		struct problem problem = { "" };
		bool concern;

		print_message("# %s\n", concerns[i].why);
		if (concerns[i].date != 0)
			set->date = now - concerns[i].date;
		set->is_staging = concerns[i].is_staging;
		if (concerns[i].active != 0)
			add(set, ISSUER_ACTIVE, 1, now + concerns[i].active);
		if (concerns[i].backup != 0)
			add(set, ISSUER_BACKUP, 2, now + concerns[i].backup);
		if (concerns[i].retired != 0)
			add(set, ISSUER_RETIRED, 3, now + concerns[i].retired);
		concern = issuer_set_concern(set, now, &problem);
		assert_int_equal(concern, concerns[i].piece != NULL);
		if (concern && strstr(problem.text, concerns[i].piece) == NULL)
			assert_string_equal(problem.text, concerns[i].piece);
		assert_int_equal(issuer_set_concern(set, now, NULL), concern);
		issuer_set_unref(set);
	}
}

static enum status
parse_pem(
    struct buf *text, struct issuer_set **ret_set, struct problem *problem)
{
	return issuer_set_parse_pem(
	    "own", "/d/own.pem", buf_text(text), text->len, ret_set, problem);
}

/* Two CAs, one of them with two certificates, the first the older one. */
static void
test_pem(void **state)
{
	const struct pki_wish rsa = { .subject = "Own CA",
		.constraints = "critical,CA:TRUE",
		.key = PKI_RSA,
		.not_before = 1000000000,
		.not_after = 2000000000 };
	struct pki_wish later = rsa;
	struct pki old, cross, other;
	struct issuer_set *set = NULL;
	const struct cert_part *part;
	struct buf text = { 0 };
	char hex[129] = "";
	char *expected;

	(void)state;
	pki_make(&rsa, NULL, &old);
	later.subject = "Own CA 2";
	later.not_after = 2100000000;
	later.reuse = old.key;
	pki_make_ca("Other CA", NULL, &other);
	pki_make(&later, &other, &cross);
	buf_add_string(&text, "some words\n");
	pki_add_pem(&old, &text);
	pki_add_pem(&other, &text);
	pki_add_pem(&cross, &text);
	pki_add_pem(&old, &text);
	assert_int_equal(parse_pem(&text, &set, NULL), STATUS_OK);
	assert_string_equal(set->name, "own");
	assert_string_equal(set->provider, "own");
	assert_string_equal(set->file, "/d/own.pem");
	assert_null(set->source);
	assert_int_equal(set->date, 0);
	assert_int_equal(set->server_count, 0);
	assert_false(set->is_staging);
	assert_int_equal(set->count, 2);
	assert_string_equal(set->list[0].name, "Own CA 2");
	assert_int_equal(set->list[0].status, ISSUER_ACTIVE);
	assert_int_equal(set->list[0].cert->not_after, 2100000000);
	assert_int_equal(set->list[0].cert->key_algorithm, KEY_RSA);
	assert_string_equal(set->list[1].name, "Other CA");
	part = &set->list[0].cert->part[CERT_SELECTOR_SPKI];
	expected = pki_tlsa(&old, 2, 1, 2);
	for (size_t i = 0; i < 64; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", part->sha512[i]);
	assert_string_equal(strrchr(expected, ' ') + 1, hex);
	assert_true(set->list[0].cert->part[CERT_SELECTOR_CERT].is_known);
	assert_non_null(part->der);
	free(expected);
	issuer_set_unref(set);
	pki_fini(&old);
	pki_fini(&cross);
	pki_fini(&other);
	buf_fini(&text);
}

/* Comments say what a CA is for, and whose they are. */
static void
test_pem_marks(void **state)
{
	struct issuer_set *set = NULL;
	struct buf text = { 0 };
	struct pki root, one, two;

	(void)state;
	pki_make_ca("Root", NULL, &root);
	pki_make_ca("One", &root, &one);
	pki_make_ca("Two", &root, &two);
	buf_add_string(&text, "# Our own CA, role: unknown to this line\n"
			      "# server: https://ca.example/directory\r\n"
			      "# role: root\r\n");
	pki_add_pem(&root, &text);
	pki_add_pem(&one, &text);
	buf_add_string(&text, "#role:backup \nsubject: Two\n");
	pki_add_pem(&two, &text);
	/* again, and nothing said */
	pki_add_pem(&root, &text);
	assert_int_equal(parse_pem(&text, &set, NULL), STATUS_OK);
	assert_int_equal(set->server_count, 1);
	assert_string_equal(set->servers[0], "https://ca.example/directory");
	assert_int_equal(set->count, 3);
	assert_int_equal(set->list[0].status, ISSUER_ROOT);
	assert_int_equal(set->list[1].status, ISSUER_ACTIVE);
	assert_int_equal(set->list[2].status, ISSUER_BACKUP);
	issuer_set_unref(set);
	pki_fini(&root);
	pki_fini(&one);
	pki_fini(&two);
	buf_fini(&text);
}

/* c: CA; l: leaf; k: private key; r: request; g: bad DER; t: text;
 * b: the beginning of a block; s, u: a comment with no status, no URL */
static const struct {
	const char *why;
	const char *parts;
	enum status status;
	const char *problem; /* behind "/d/own.pem: " */
} bad_pem[] = {
	{ "empty", "", STATUS_MALFORMED, "holds no certificate" },
	{ "text only", "t", STATUS_MALFORMED, "holds no certificate" },
	{ "leaf", "cl", STATUS_MALFORMED,
	    "certificate 2: is no CA certificate" },
	{ "private key", "k", STATUS_REFUSED,
	    "certificate 1: holds a private key" },
	{ "private key behind a CA", "ck", STATUS_REFUSED,
	    "certificate 2: holds a private key" },
	{ "request", "ctr", STATUS_REFUSED,
	    "certificate 2: is a PEM block 'CERTIFICATE REQUEST' instead" },
	{ "bad DER", "cg", STATUS_MALFORMED, "certificate 2: bad DER" },
	{ "a wrong role", "ts", STATUS_MALFORMED,
	    ":2: 'boss' is not a status; use active, backup, retired or root" },
	{ "a wrong server", "u", STATUS_MALFORMED,
	    ":1: 'ca.example' is not the URL of an ACME directory; it begins "
	    "with https://" },
	{ "cut", "cb", STATUS_MALFORMED, "certificate 2: cut PEM block" },
};

static void
add_part(
    char part, const struct pki *ca, const struct pki *leaf, struct buf *text)
{
	static const char octets[] = "0\x03\x02\x01\x01";

	switch (part) {
	case 'c':
		pki_add_pem(ca, text);
		break;
	case 'l':
		pki_add_pem(leaf, text);
		break;
	case 'k':
		pki_add_key(ca, text);
		break;
	case 'r':
		pki_add_block("CERTIFICATE REQUEST", octets, 5, text);
		break;
	case 'g':
		pki_add_block("CERTIFICATE", octets, 5, text);
		break;
	case 'b':
		buf_add_string(text, "-----BEGIN CERT");
		break;
	case 's':
		buf_add_string(text, "# role: boss\n");
		break;
	case 'u':
		buf_add_string(text, "# server: ca.example\n");
		break;
	default:
		buf_add_string(text, "some words\n");
		break;
	}
}

static void
test_bad_pem(void **state)
{
	struct pki ca, leaf;

	(void)state;
	pki_make_ca("CA", NULL, &ca);
	pki_make_leaf("a.example", &ca, &leaf);
	for (size_t i = 0; i < LENGTH(bad_pem); i++) {
		struct issuer_set *untouched = NULL;
		struct problem problem = { "" };
		struct buf expected = { 0 };
		struct buf text = { 0 };

		print_message("# %s\n", bad_pem[i].why);
		for (const char *c = bad_pem[i].parts; *c != '\0'; c++)
			add_part(*c, &ca, &leaf, &text);
		assert_int_equal(
		    parse_pem(&text, &untouched, &problem), bad_pem[i].status);
		assert_null(untouched);
		buf_add_format(&expected, "/d/own.pem%s%s",
		    bad_pem[i].problem[0] == ':' ? "" : ": ",
		    bad_pem[i].problem);
		if (strncmp(problem.text, buf_text(&expected), expected.len) !=
		    0)
			assert_string_equal(problem.text, buf_text(&expected));
		buf_fini(&expected);
		buf_fini(&text);
	}
	pki_fini(&leaf);
	pki_fini(&ca);
}

/*
 * The tables in the program are good.  2 1 1 of YR1 as published and computed
 * elsewhere.
 */
static void
test_builtin(void **state)
{
	static const uint8_t yr1[32] = { 0x2e, 0x83, 0x07, 0x06, 0x8b, 0x6d,
		0xb6, 0x20, 0xe4, 0xa3, 0x9d, 0x06, 0x8b, 0x5d, 0xee, 0x5d,
		0x6e, 0xf5, 0x78, 0x8c, 0xbb, 0x2c, 0x0b, 0x6d, 0x23, 0xea,
		0xd8, 0x4f, 0xcc, 0x17, 0x17, 0x8c };
	struct issuers *issuers = issuers_load(NULL, 0, NULL, NULL, NULL);
	const struct issuer_set *set = NULL;
	const struct issuer *issuer;

	(void)state;
	assert_int_equal(issuers->count, 2);
	issuer = issuers_find(issuers, yr1, &set);
	assert_non_null(issuer);
	assert_string_equal(issuer->name, "YR1");
	assert_int_equal(issuer->status, ISSUER_ACTIVE);
	assert_int_equal(issuer->cert->key_algorithm, KEY_RSA);
	assert_int_equal(issuer->cert->key_bits, 2048);
	assert_int_equal(issuer->cert->not_after, 1851551999);
	assert_string_equal(set->name, "letsencrypt");
	assert_string_equal(set->provider, "Let's Encrypt");
	assert_false(set->is_staging);
	assert_ptr_equal(issuers_find_server(issuers,
			     "https://acme-v02.api.letsencrypt.org/directory"),
	    set);
	set = issuers_find_server(
	    issuers, "https://acme-staging-v02.api.letsencrypt.org/directory");
	assert_non_null(set);
	assert_true(set->is_staging);
	issuers_unref(issuers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_concern),
		cmocka_unit_test(test_pem),
		cmocka_unit_test(test_pem_marks),
		cmocka_unit_test(test_bad_pem),
		cmocka_unit_test(test_builtin),
	};
	return cmocka_run_group_tests_name("issuer_set", tests, NULL, NULL);
}
