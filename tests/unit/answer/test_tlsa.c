/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/tlsa.h"
#include "base/mem.h"
#include "pki.h"

static struct tlsa_pool pool;

static int
pool_make(void **state)
{
	(void)state;
	tlsa_pool_init(&pool);
	return 0;
}

static int
pool_end(void **state)
{
	(void)state;
	tlsa_pool_fini(&pool);
	return 0;
}

static struct cert *
cert_make(X509 *x509, bool keep_all)
{
	struct problem problem = { "" };
	struct cert *cert = NULL;

	if (cert_new(x509, keep_all, &cert, &problem) != STATUS_OK)
		fail_msg("%s", problem.text);
	return cert;
}

/* A certificate for once and all, made and digested by openssl(1). */
static const char golden_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBrjCCAVSgAwIBAgIUTieXxQALR80phcgmrUlq6FxR9fYwCgYIKoZIzj0EAwIw\n"
    "HTEbMBkGA1UEAwwSZ29sZGVuLmV4YW1wbGUub3JnMB4XDTI2MTEyMzE1NDgzMFoX\n"
    "DTI3MDIyMTE1NDgzMFowHTEbMBkGA1UEAwwSZ29sZGVuLmV4YW1wbGUub3JnMFkw\n"
    "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEo8VE4uIg83CsZuDa5xCtdQ8R6U7Ji0Fm\n"
    "QNqsepRex99YxFavAFFlfvIGAHowV680vm2IQ1LMc78PPxEZfiQO0KNyMHAwHQYD\n"
    "VR0OBBYEFLzM7ryCXdCl65mYWZj5U6xCR6R7MB8GA1UdIwQYMBaAFLzM7ryCXdCl\n"
    "65mYWZj5U6xCR6R7MA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0RBBYwFIISZ29sZGVu\n"
    "LmV4YW1wbGUub3JnMAoGCCqGSM49BAMCA0gAMEUCIQC/PRS05JILru3pjadxDrZc\n"
    "tLgCqGGYcKptlwKlq+j+9QIgRmAfgzQHMGGiIwREC01h1tUcTXg6OQNMZmILLNlC\n"
    "xvQ=\n"
    "-----END CERTIFICATE-----\n";

static void
test_golden_table(void **state)
{
	static const struct {
		const char *why;
		struct record_type type;
		const char *text;
	} cases[] = {
		{ "openssl x509 -outform DER | sha256sum", { 3, 0, 1 },
		    "3 0 1 34ff455dbeaa4eea2c0adc4f9a0fbd91"
		    "f27a547c01b75fc822df264fee80acd5" },
		{ "openssl x509 -outform DER | sha512sum", { 3, 0, 2 },
		    "3 0 2 dfec82a73d4007aa9f77801a014e4922"
		    "b32f8ef4c539457035a7374c3b125f8d"
		    "257e7f033784648d19f9f1b8694756f0"
		    "b3c640e7844acd9e5867c04427a6359e" },
		{ "openssl pkey -pubin -outform DER | sha256sum", { 3, 1, 1 },
		    "3 1 1 8e852d7f4b407968367806311579603e"
		    "55cda9ab0fc21e266a1f10b4c0486ba1" },
		{ "openssl pkey -pubin -outform DER | sha512sum", { 2, 1, 2 },
		    "2 1 2 83f6496680044117c9572ee743e03338"
		    "7c20bd1c38d770d9f5eca6de43ab1439"
		    "d582ff15854944a8cd464e09ebd1904d"
		    "6865ebdd564a885d31803f4aeadde33f" },
		{ "openssl pkey -pubin -outform DER | xxd -p", { 1, 1, 0 },
		    "1 1 0 3059301306072a8648ce3d020106082a"
		    "8648ce3d03010703420004a3c544e2e2"
		    "20f370ac66e0dae710ad750f11e94ec9"
		    "8b416640daac7a945ec7df58c456af00"
		    "51657ef206007a3057af34be6d884352"
		    "cc73bf0f3f11197e240ed0" },
	};
	BIO *bio = BIO_new_mem_buf(golden_pem, -1);
	X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	struct cert *cert = cert_make(x509, true);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct tlsa *tlsa = NULL;

		print_message("# %s\n", cases[i].why);
		assert_int_equal(
		    tlsa_associate(&pool, cert, cases[i].type, &tlsa),
		    STATUS_OK);
		assert_string_equal(tlsa->text, cases[i].text);
		tlsa_unref(tlsa);
	}
	cert_unref(cert);
	X509_free(x509);
	BIO_free(bio);
}

/* All usages, selectors and matching types of one certificate. */
static void
all_types(const struct pki *pki)
{
	struct cert *cert = cert_make(pki->x509, true);

	for (uint8_t i = 0; i < 4 * 2 * 3; i++) {
		struct record_type type = { i / 6, i / 3 % 2, i % 3 };
		char *expected = pki_tlsa(
		    pki, type.usage, type.selector, type.matching);
		struct tlsa *tlsa = NULL;

		assert_int_equal(
		    tlsa_associate(&pool, cert, type, &tlsa), STATUS_OK);
		assert_string_equal(tlsa->text, expected);
		assert_int_equal(tlsa->len, strlen(expected));
		assert_memory_equal(&tlsa->type, &type, sizeof(type));
		tlsa_unref(tlsa);
		free(expected);
	}
	cert_unref(cert);
}

static void
test_all_types(void **state)
{
	static const struct {
		const char *why;
		struct pki_wish wish;
	} cases[] = {
		{ "ECDSA leaf", { .names = "DNS:mail.example.org" } },
		{ "RSA leaf",
		    { .names = "DNS:mail.example.org", .key = PKI_RSA } },
		{ "Ed25519 leaf",
		    { .names = "DNS:mail.example.org", .key = PKI_ED25519 } },
		{ "CA", { .subject = "CA", .constraints = "CA:TRUE" } },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct pki pki;

		print_message("# %s\n", cases[i].why);
		pki_make(&cases[i].wish, NULL, &pki);
		all_types(&pki);
		pki_fini(&pki);
	}
}

/* What was not kept cannot be associated; SHA2-256 always can. */
static void
test_not_kept(void **state)
{
	struct tlsa untouched;
	struct pki pki;
	struct cert *cert;

	(void)state;
	pki_make_leaf("mail.example.org", NULL, &pki);
	cert = cert_make(pki.x509, false);
	for (uint8_t i = 0; i < 2 * 3; i++) {
		struct record_type type = { 3, i / 3, i % 3 };
		struct tlsa *tlsa = &untouched;
		enum status status = tlsa_associate(&pool, cert, type, &tlsa);

		if (type.matching != 1) {
			assert_int_equal(status, STATUS_ABSENT);
			assert_ptr_equal(tlsa, &untouched);
			continue;
		}
		assert_int_equal(status, STATUS_OK);
		tlsa_unref(tlsa);
	}
	cert_unref(cert);
	pki_fini(&pki);
}

/* RDLENGTH has 16 bits, of which three octets are taken (RFC 6698 s2.1). */
static void
test_length_table(void **state)
{
	static const struct {
		const char *why;
		size_t len;
		enum status status;
	} cases[] = {
		{ "fits", 65532, STATUS_OK },
		{ "an octet more", 65533, STATUS_LIMIT },
		{ "much more", 200000, STATUS_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct cert cert = { .refs = 1 };
		struct tlsa *tlsa = NULL;
		struct record_type type = { 3, 0, 0 };

		print_message("# %s\n", cases[i].why);
		cert.part[CERT_SELECTOR_CERT].der = mem_new(cases[i].len);
		cert.part[CERT_SELECTOR_CERT].der_len = cases[i].len;
		cert.part[CERT_SELECTOR_CERT].is_known = true;
		assert_int_equal(
		    tlsa_associate(&pool, &cert, type, &tlsa), cases[i].status);
		if (tlsa != NULL)
			assert_int_equal(tlsa->len, 6 + 2 * cases[i].len);
		tlsa_unref(tlsa);
		free(cert.part[CERT_SELECTOR_CERT].der);
	}
}

/* A table of issuers may know a key, but not the certificate. */
static void
test_not_known(void **state)
{
	struct cert *cert = cert_new_known("CA", "Root", NULL, 0);
	struct tlsa *tlsa = NULL;

	(void)state;
	cert->part[CERT_SELECTOR_SPKI].is_known = true;
	assert_int_equal(
	    tlsa_associate(&pool, cert, (struct record_type){ 2, 0, 1 }, &tlsa),
	    STATUS_ABSENT);
	assert_null(tlsa);
	assert_int_equal(
	    tlsa_associate(&pool, cert, (struct record_type){ 2, 1, 1 }, &tlsa),
	    STATUS_OK);
	tlsa_unref(tlsa);
	cert_unref(cert);
}

/* Equal RDATA is one object, and no other is. */
static void
test_one_object_table(void **state)
{
	static const struct {
		const char *why;
		struct record_type type;
		struct record_type other_type;
		bool renewed; /* another certificate of the same key */
		bool same;
	} cases[] = {
		{ "the same", { 3, 1, 1 }, { 3, 1, 1 }, false, true },
		{ "the key was kept", { 3, 1, 1 }, { 3, 1, 1 }, true, true },
		{ "usage", { 3, 1, 1 }, { 1, 1, 1 }, false, false },
		{ "selector", { 3, 1, 1 }, { 3, 0, 1 }, false, false },
		{ "matching type", { 3, 1, 1 }, { 3, 1, 2 }, false, false },
		{ "another certificate", { 3, 0, 1 }, { 3, 0, 1 }, true,
		    false },
	};
	struct pki old, new;
	struct cert *certs[2];

	(void)state;
	pki_make_leaf("mail.example.org", NULL, &old);
	pki_make(&(struct pki_wish){ .names = "DNS:mail.example.org",
		     .reuse = old.key },
	    NULL, &new);
	certs[0] = cert_make(old.x509, false);
	certs[1] = cert_make(new.x509, false);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct tlsa *a = NULL;
		struct tlsa *b = NULL;

		print_message("# %s\n", cases[i].why);
		(void)tlsa_associate(&pool, certs[0], cases[i].type, &a);
		(void)tlsa_associate(
		    &pool, certs[cases[i].renewed], cases[i].other_type, &b);
		assert_int_equal(a == b, cases[i].same);
		tlsa_unref(a);
		tlsa_unref(b);
	}
	cert_unref(certs[0]);
	cert_unref(certs[1]);
	pki_fini(&old);
	pki_fini(&new);
}

/* An RDATA outlives certificate and pool. */
static void
test_outlives(void **state)
{
	struct tlsa_pool other;
	struct tlsa *tlsa = NULL;
	struct pki pki;
	struct cert *cert;
	char *expected;

	(void)state;
	tlsa_pool_init(&other);
	pki_make_leaf("mail.example.org", NULL, &pki);
	cert = cert_make(pki.x509, false);
	expected = pki_tlsa(&pki, 3, 1, 1);
	assert_int_equal(tlsa_associate(&other, cert,
			     (struct record_type){ 3, 1, 1 }, &tlsa),
	    STATUS_OK);
	cert_unref(cert);
	tlsa_pool_fini(&other);
	assert_ptr_equal(tlsa_ref(tlsa), tlsa);
	tlsa_unref(tlsa);
	assert_string_equal(tlsa->text, expected);
	tlsa_unref(tlsa);
	tlsa_unref(NULL);
	free(expected);
	pki_fini(&pki);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_table),
		cmocka_unit_test(test_all_types),
		cmocka_unit_test(test_not_kept),
		cmocka_unit_test(test_not_known),
		cmocka_unit_test(test_length_table),
		cmocka_unit_test(test_one_object_table),
		cmocka_unit_test(test_outlives),
	};

	return cmocka_run_group_tests_name("tlsa", tests, pool_make, pool_end);
}
