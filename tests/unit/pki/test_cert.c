/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "pki.h"
#include "pki/cert.h"

/* Return the names joined by commas, or "-" for none; free() it. */
static char *
names_join(const struct cert *cert)
{
	struct buf text = { 0 };
	char *names;

	for (size_t i = 0; i < cert->name_count; i++)
		buf_add_format(&text, "%s%s", i > 0 ? "," : "", cert->names[i]);
	names = mem_string(text.len > 0 ? buf_text(&text) : "-");
	buf_fini(&text);
	return names;
}

static struct cert *
cert_of(const struct pki_wish *wish)
{
	struct problem problem = { "" };
	struct cert *cert = NULL;
	struct pki pki;

	pki_make(wish, NULL, &pki);
	if (cert_new(pki.x509, false, &cert, &problem) != STATUS_OK)
		fail_msg("%s", problem.text);
	pki_fini(&pki);
	return cert;
}

static const struct {
	const char *why;
	struct pki_wish wish;
	const char *names;
} name_cases[] = {
	{ "one name", { .names = "DNS:mail.example.org" }, "mail.example.org" },
	{ "several names keep their order",
	    { .names = "DNS:b.example.org,DNS:a.example.org" },
	    "b.example.org,a.example.org" },
	{ "a wildcard", { .names = "DNS:*.example.org" }, "*.example.org" },
	{ "upper case", { .names = "DNS:MAIL.Example.ORG" },
	    "mail.example.org" },
	{ "an underscore", { .names = "DNS:_x.example.org" },
	    "_x.example.org" },
	{ "a final dot", { .names = "DNS:mail.example.org." },
	    "mail.example.org" },
	{ "no extension: the CN", { .subject = "mail.example.org" },
	    "mail.example.org" },
	{ "the CN does not count beside DNS names",
	    { .subject = "cn.example.org", .names = "DNS:mail.example.org" },
	    "mail.example.org" },
	{ "a CN of one label is no host", { .subject = "mail" }, "-" },
	{ "addresses", { .subject = "1.2.3.4", .names = "DNS:1.2.3.4" }, "-" },
	{ "a CN that is text", { .subject = "Mail. Example, Inc." }, "-" },
	{ "a CN with a NUL, of which C sees a host name",
	    { .subject = "mail.example.org\0.example.com", .subject_len = 29 },
	    "-" },
	{ "no name at all", { .subject = NULL }, "-" },
	{ "names of other kinds",
	    { .names = "IP:192.0.2.1,email:a@example.org,"
		       "URI:https://example.org/" },
	    "-" },
	{ "an empty label", { .names = "DNS:mail..example.org" }, "-" },
	{ "a label of 64 octets",
	    { .names = "DNS:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		       "aaaaaaaaaaaaaaaaaaaa.example.org" },
	    "-" },
	{ "a space", { .names = "DNS:mail example.org" }, "-" },
	{ "an escape", { .names = "DNS:mail\\\\046x.example.org" }, "-" },
	{ "a wildcard within a label", { .names = "DNS:mail*.example.org" },
	    "-" },
	{ "a wildcard further down", { .names = "DNS:mail.*.example.org" },
	    "-" },
	{ "two wildcards", { .names = "DNS:*.*.example.org" }, "-" },
	{ "a wildcard alone", { .names = "DNS:*" }, "-" },
	{ "a wildcard and a dot", { .names = "DNS:*." }, "-" },
	{ "what is odd does not hide what is good",
	    { .names = "DNS:a b,DNS:mail.example.org,DNS:*" },
	    "mail.example.org" },
	{ "an extension without DNS names: the CN",
	    { .subject = "cn.example.org",
		.names = "email:postmaster@example.org" },
	    "cn.example.org" },
};

static void
test_names_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(name_cases); i++) {
		struct cert *cert = cert_of(&name_cases[i].wish);
		char *names = names_join(cert);

		print_message("# %s\n", name_cases[i].why);
		assert_string_equal(names, name_cases[i].names);
		free(names);
		cert_unref(cert);
	}
}

/* The library's own parser stops at a NUL: put it in behind its back. */
static void
test_nul_in_name(void **state)
{
	static const char name[] = "mail.example.org\0.example.com";
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *one = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	struct problem problem = { "" };
	struct cert *cert = NULL;
	struct pki pki;

	(void)state;
	pki_make(&(struct pki_wish){ .key = PKI_ECDSA }, NULL, &pki);
	assert_int_equal(ASN1_STRING_set(text, name, sizeof(name) - 1), 1);
	GENERAL_NAME_set0_value(one, GEN_DNS, text);
	assert_true(sk_GENERAL_NAME_push(names, one) > 0);
	assert_int_equal(
	    X509_add1_ext_i2d(pki.x509, NID_subject_alt_name, names, 0, 0), 1);
	assert_true(X509_sign(pki.x509, pki.key, EVP_sha256()) > 0);
	GENERAL_NAMES_free(names);
	assert_int_equal(cert_new(pki.x509, false, &cert, &problem), STATUS_OK);
	assert_int_equal(cert->name_count, 0);
	cert_unref(cert);
	pki_fini(&pki);
}

static void
test_covers_table(void **state)
{
	static const struct {
		const char *why;
		const char *names;
		const char *host;
		bool covers;
	} cases[] = {
		{ "equal", "DNS:mail.example.org", "mail.example.org.", true },
		{ "equal but for case", "DNS:Mail.example.org",
		    "mAil.example.org.", true },
		{ "the last of several", "DNS:a.example.org,DNS:b.example.org",
		    "b.example.org.", true },
		{ "wildcard", "DNS:*.example.org", "mail.example.org.", true },
		{ "wildcard and an odd label", "DNS:*.example.org",
		    "a\\.b.example.org.", true },
		{ "another name", "DNS:mail.example.org", "mx.example.org.",
		    false },
		{ "the parent", "DNS:mail.example.org", "example.org.", false },
		{ "a child", "DNS:example.org", "mail.example.org.", false },
		{ "a name that ends alike", "DNS:mail.example.org",
		    "xmail.example.org.", false },
		{ "an escaped dot is none", "DNS:mail.example.org",
		    "mail\\.example.org.", false },
		{ "wildcard for two labels", "DNS:*.example.org",
		    "a.mail.example.org.", false },
		{ "wildcard for no label", "DNS:*.example.org", "example.org.",
		    false },
		{ "wildcard elsewhere", "DNS:*.example.org",
		    "mail.example.com.", false },
		{ "the root", "DNS:*.org,DNS:org", ".", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct cert *cert = cert_of(
		    &(struct pki_wish){ .names = cases[i].names });
		struct dname host;

		print_message("# %s\n", cases[i].why);
		assert_int_equal(
		    dname_parse(cases[i].host, strlen(cases[i].host), &host),
		    STATUS_OK);
		assert_int_equal(cert_covers(cert, &host), cases[i].covers);
		cert_unref(cert);
	}
}

static void
test_is_ca_table(void **state)
{
	static const struct {
		const char *why;
		struct pki_wish wish;
		bool is_ca;
	} cases[] = {
		{ "a CA",
		    { .constraints = "critical,CA:TRUE",
			.usage = "keyCertSign" },
		    true },
		{ "a CA that does not say for what",
		    { .constraints = "CA:TRUE" }, true },
		{ "a CA with a path length",
		    { .constraints = "CA:TRUE,pathlen:0" }, true },
		{ "a leaf that says so", { .constraints = "CA:FALSE" }, false },
		{ "a leaf that says nothing", { .subject = "a.b" }, false },
		{ "a leaf by its usage", { .usage = "digitalSignature" },
		    false },
		{ "CA:TRUE that must not sign certificates",
		    { .constraints = "CA:TRUE", .usage = "digitalSignature" },
		    false },
		{ "keyCertSign alone, which X509_check_ca(3) takes for one",
		    { .usage = "keyCertSign" }, true },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct cert *cert = cert_of(&cases[i].wish);

		print_message("# %s\n", cases[i].why);
		assert_int_equal(cert->is_ca, cases[i].is_ca);
		assert_null(cert->x509);
		cert_unref(cert);
	}
}

static void
test_key_table(void **state)
{
	static const struct {
		const char *why;
		enum pki_key key;
		enum key_algorithm algorithm;
		unsigned bits;
		const char *text;
	} cases[] = {
		{ "RSA", PKI_RSA, KEY_RSA, 2048, "RSA" },
		{ "ECDSA", PKI_ECDSA, KEY_ECDSA, 256, "ECDSA" },
		{ "Ed25519", PKI_ED25519, KEY_OTHER, 256, "other" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct cert *cert = cert_of(
		    &(struct pki_wish){ .key = cases[i].key });

		print_message("# %s\n", cases[i].why);
		assert_int_equal(cert->key_algorithm, cases[i].algorithm);
		assert_int_equal(cert->key_bits, cases[i].bits);
		assert_string_equal(
		    key_algorithm_text(cert->key_algorithm), cases[i].text);
		cert_unref(cert);
	}
}

/* 2050 is where UTCTime ends (RFC 5280 s4.1.2.5); both sides must be read. */
static void
test_validity_table(void **state)
{
	static const struct {
		const char *why;
		int64_t not_before;
		int64_t not_after;
	} cases[] = {
		{ "now", 1767225600, 1774915200 },
		{ "before 1970", -86400, 1767225600 },
		{ "beyond 32 bits", 1767225600, INT64_C(4102444800) },
		{ "last second of UTCTime", 1767225600, 2524607999 },
		{ "first of GeneralizedTime", 1767225600, 2524608000 },
		{ "no end (RFC 5280 s4.1.2.5)", 1767225600,
		    INT64_C(253402300799) },
		{ "ended before it began", 1767225600, 1767225599 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct cert *cert = cert_of(
		    &(struct pki_wish){ .not_before = cases[i].not_before,
			.not_after = cases[i].not_after });

		print_message("# %s\n", cases[i].why);
		assert_true(cert->not_before == cases[i].not_before);
		assert_true(cert->not_after == cases[i].not_after);
		cert_unref(cert);
	}
}

static void
test_subject_table(void **state)
{
	static const struct {
		const char *why;
		struct pki_wish wish;
		const char *subject;
	} cases[] = {
		{ "the CN", { .subject = "Example CA 1" }, "Example CA 1" },
		{ "UTF-8", { .subject = "Zertifikate f\xc3\xbcr alle" },
		    "Zertifikate f\xc3\xbcr alle" },
		{ "no subject", { .subject = NULL }, "" },
		/* as Let's Encrypt's profile tlsserver */
		{ "no subject, but names",
		    { .names = "IP:192.0.2.25,DNS:B.example,DNS:a.example" },
		    "b.example" },
		{ "octets that would spoil a terminal or a log",
		    { .subject = "\x1b[1m\n\x7f" }, "\\x1b[1m\\x0a\\x7f" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct cert *cert = cert_of(&cases[i].wish);

		print_message("# %s\n", cases[i].why);
		assert_string_equal(cert->subject, cases[i].subject);
		assert_string_equal(cert->issuer,
		    cases[i].wish.subject ? cases[i].subject : "");
		assert_true(cert->is_self_issued);
		cert_unref(cert);
	}
}

/* The selected octets by other functions than the program's. */
static void
part_check(const struct cert_part *part, unsigned char *der, int len, bool all)
{
	unsigned char digest[SHA512_DIGEST_LENGTH];

	assert_true(len > 0);
	assert_true(part->is_known);
	assert_memory_equal(part->sha256, SHA256(der, (size_t)len, digest),
	    SHA256_DIGEST_LENGTH);
	assert_int_equal(part->der != NULL, all);
	assert_int_equal(part->sha512 != NULL, all);
	if (all) {
		assert_memory_equal(part->sha512,
		    SHA512(der, (size_t)len, digest), SHA512_DIGEST_LENGTH);
		assert_int_equal(part->der_len, len);
		assert_memory_equal(part->der, der, len);
	}
	OPENSSL_free(der);
}

static void
test_parts(void **state)
{
	struct pki ca, leaf;

	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	pki_make_leaf("mail.example.org", &ca, &leaf);
	for (int all = 0; all <= 1; all++) {
		struct problem problem = { "" };
		struct cert *cert = NULL;
		unsigned char *der = NULL;
		unsigned char *spki = NULL;
		int der_len = i2d_X509(leaf.x509, &der);
		int spki_len = i2d_PUBKEY(leaf.key, &spki);

		assert_int_equal(
		    cert_new(leaf.x509, all, &cert, &problem), STATUS_OK);
		assert_string_equal(cert->issuer, "Example CA");
		assert_false(cert->is_self_issued);
		part_check(&cert->part[CERT_SELECTOR_CERT], der, der_len, all);
		part_check(
		    &cert->part[CERT_SELECTOR_SPKI], spki, spki_len, all);
		cert_unref(cert);
	}
	pki_fini(&leaf);
	pki_fini(&ca);
}

/* A certificate outlives what it was made of, and its references. */
static void
test_outlives(void **state)
{
	struct problem problem = { "" };
	struct cert *cert = NULL;
	struct pki ca;

	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	assert_int_equal(cert_new(ca.x509, false, &cert, &problem), STATUS_OK);
	cert_keep_x509(cert, ca.x509);
	pki_fini(&ca);
	assert_ptr_equal(cert_ref(cert), cert);
	cert_unref(cert);
	assert_string_equal(cert->subject, "Example CA");
	assert_non_null(X509_get0_pubkey(cert->x509));
	cert_unref(cert);
	cert_unref(NULL);
}

/* A certificate of which a table says no more than this. */
static void
test_known(void **state)
{
	static const char *const names[] = { "a.example.org", "*.example.org" };
	struct dname host;
	struct cert *cert = cert_new_known("Subject", "Issuer", names, 2);
	struct cert *bare = cert_new_known("", "", NULL, 0);

	(void)state;
	assert_int_equal(dname_parse("b.example.org", 13, &host), STATUS_OK);
	assert_string_equal(cert->subject, "Subject");
	assert_string_equal(cert->issuer, "Issuer");
	assert_int_equal(cert->name_count, 2);
	assert_string_equal(cert->names[1], names[1]);
	assert_true(cert_covers(cert, &host));
	assert_false(cert_covers(bare, &host));
	assert_false(cert->part[CERT_SELECTOR_SPKI].is_known);
	cert_unref(cert);
	cert_unref(bare);
}

static void
test_too_many_names(void **state)
{
	static const struct {
		const char *why;
		int count;
		enum status status;
	} cases[] = {
		{ "as many as allowed", LIMIT_CERT_NAMES, STATUS_OK },
		{ "one more", LIMIT_CERT_NAMES + 1, STATUS_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct buf names = { 0 };
		struct problem problem = { "" };
		struct cert *cert = NULL;
		struct pki pki;

		print_message("# %s\n", cases[i].why);
		for (int n = 0; n < cases[i].count; n++)
			buf_add_format(
			    &names, "%sh%d.example.org", n > 0 ? "," : "", n);
		pki_make_leaf(buf_text(&names), NULL, &pki);
		assert_int_equal(cert_new(pki.x509, false, &cert, &problem),
		    cases[i].status);
		assert_int_equal(cert != NULL, cases[i].status == STATUS_OK);
		assert_int_equal(
		    problem.text[0] != '\0', cases[i].status != STATUS_OK);
		cert_unref(cert);
		pki_fini(&pki);
		buf_fini(&names);
	}
}

/* A key of no known algorithm: malformed, and nothing left behind. */
static void
test_bad_key(void **state)
{
	/* id-ecPublicKey (RFC 5480 s2.1.1) */
	static const uint8_t ec[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1 };
	struct problem problem = { "" };
	struct cert *cert = NULL;
	struct pki pki;
	uint8_t *der = NULL;
	const uint8_t *at;
	X509 *copy;
	int len;

	(void)state;
	pki_make_leaf("mail.example.org", NULL, &pki);
	len = i2d_X509(pki.x509, &der);
	((uint8_t *)memmem(der, (size_t)len, ec, sizeof(ec)))[6] = 0x7f;
	at = der;
	copy = d2i_X509(NULL, &at, len);
	assert_non_null(copy);
	OPENSSL_free(der);
	ERR_clear_error();
	assert_int_equal(
	    cert_new(copy, false, &cert, &problem), STATUS_MALFORMED);
	assert_null(cert);
	assert_string_not_equal(problem.text, "");
	assert_int_equal(ERR_peek_error(), 0);
	X509_free(copy);
	pki_fini(&pki);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_table),
		cmocka_unit_test(test_nul_in_name),
		cmocka_unit_test(test_covers_table),
		cmocka_unit_test(test_is_ca_table),
		cmocka_unit_test(test_key_table),
		cmocka_unit_test(test_validity_table),
		cmocka_unit_test(test_subject_table),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_outlives),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_too_many_names),
		cmocka_unit_test(test_bad_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
