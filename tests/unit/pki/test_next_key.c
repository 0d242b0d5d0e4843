/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "answer/tlsa.h"
#include "base/limit.h"
#include "base/mem.h"
#include "pki.h"
#include "pki/next_key.h"

/* Keys that are staged: whatever says which they are, but no private key. */

static struct pki root, ca, leafs[3];
static struct ca_pool cas;
static struct tlsa_pool tlsas;

static int
world_make(void **state)
{
	static const enum pki_key keys[] = { PKI_ECDSA, PKI_RSA, PKI_ED25519 };

	(void)state;
	ca_pool_init(&cas);
	tlsa_pool_init(&tlsas);
	pki_make_ca("Root", NULL, &root);
	pki_make_ca("CA", &root, &ca);
	for (size_t i = 0; i < LENGTH(keys); i++) {
		const struct pki_wish wish = { .subject = "mail.example.com",
			.names = "DNS:mail.example.com",
			.key = keys[i] };

		pki_make(&wish, &ca, &leafs[i]);
	}
	return 0;
}

static int
world_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(leafs); i++)
		pki_fini(&leafs[i]);
	pki_fini(&ca);
	pki_fini(&root);
	ca_pool_fini(&cas);
	tlsa_pool_fini(&tlsas);
	return 0;
}

static void
add_bio(BIO *bio, struct buf *text)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	buf_add(text, data, (size_t)len);
	BIO_free(bio);
}

static void
add_public_key(const struct pki *pki, struct buf *text)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_PUBKEY(bio, pki->key), 1);
	add_bio(bio, text);
}

static void
add_request(const struct pki *pki, bool old_label, struct buf *text)
{
	X509_REQ *request = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(X509_REQ_set_pubkey(request, pki->key), 1);
	assert_true(X509_REQ_sign(request, pki->key,
			EVP_PKEY_get_base_id(pki->key) == EVP_PKEY_ED25519
			    ? NULL
			    : EVP_sha256()) > 0);
	assert_int_equal(old_label ? PEM_write_bio_X509_REQ_NEW(bio, request)
				   : PEM_write_bio_X509_REQ(bio, request),
	    1);
	X509_REQ_free(request);
	add_bio(bio, text);
}

/* Parse; a failure leaves the output alone, and nothing in libcrypto. */
static enum status
parse(const struct buf *text, bool keep_all, struct next_key *ret_next,
    struct problem *problem)
{
	struct next_key next = { .cert = (struct cert *)(void *)&cas };
	enum status status;

	*problem = (struct problem){ "" };
	ERR_clear_error();
	status = next_key_parse(
	    &cas, text->data, text->len, keep_all, &next, problem);
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(status != STATUS_OK, problem->text[0] != '\0');
	assert_int_equal(
	    status != STATUS_OK, next.cert == (struct cert *)(void *)&cas);
	if (status == STATUS_OK)
		*ret_next = next;
	return status;
}

static void
next_free(struct next_key *next)
{
	cert_unref(next->cert);
	chain_unref(next->chain);
}

static void
assert_tlsa(
    const struct cert *cert, const struct pki *pki, struct record_type type)
{
	char *expected = pki_tlsa(
	    pki, type.usage, type.selector, type.matching);
	struct tlsa *tlsa = NULL;

	assert_int_equal(tlsa_associate(&tlsas, cert, type, &tlsa), STATUS_OK);
	assert_string_equal(tlsa->text, expected);
	tlsa_unref(tlsa);
	free(expected);
}

static const enum key_algorithm algorithms[] = { KEY_ECDSA, KEY_RSA,
	KEY_OTHER };

/* A bare key: selector 1 is known, selector 0 cannot be. */
static void
assert_bare(const struct buf *text, size_t leaf)
{
	const struct record_type whole = { 3, 0, 1 };
	struct problem problem;
	struct next_key next;
	struct tlsa *tlsa;

	for (int keep_all = 0; keep_all < 2; keep_all++) {
		assert_int_equal(
		    parse(text, keep_all, &next, &problem), STATUS_OK);
		assert_null(next.chain);
		assert_int_equal(next.cert->key_algorithm, algorithms[leaf]);
		assert_tlsa(
		    next.cert, &leafs[leaf], (struct record_type){ 3, 1, 1 });
		assert_int_equal(
		    tlsa_associate(&tlsas, next.cert, whole, &tlsa),
		    STATUS_ABSENT);
		if (keep_all) {
			assert_tlsa(next.cert, &leafs[leaf],
			    (struct record_type){ 3, 1, 2 });
			assert_tlsa(next.cert, &leafs[leaf],
			    (struct record_type){ 3, 1, 0 });
		}
		next_free(&next);
	}
}

static void
test_public_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(leafs); i++) {
		struct buf text = { 0 };

		add_public_key(&leafs[i], &text);
		assert_bare(&text, i);
		buf_fini(&text);
	}
}

static void
test_request(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * LENGTH(leafs); i++) {
		struct buf text = { 0 };

		add_request(&leafs[i / 2], i % 2, &text);
		assert_bare(&text, i / 2);
		buf_fini(&text);
	}
}

/* Text around it, and line ends of another system, do no harm. */
static void
test_surroundings(void **state)
{
	struct buf text = { 0 };
	struct buf crlf = { 0 };

	(void)state;
	buf_add_string(&text, "The next key, made by hand\n\n");
	add_public_key(&leafs[0], &text);
	buf_add_string(&text, "\nand this is the end\n");
	assert_bare(&text, 0);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\n')
			buf_add_string(&crlf, "\r");
		buf_add(&crlf, &text.data[i], 1);
	}
	assert_bare(&crlf, 0);
	buf_fini(&text);
	buf_fini(&crlf);
}

static void
test_certificate(void **state)
{
	struct problem problem;
	struct next_key next;
	struct buf text = { 0 };

	(void)state;
	pki_add_pem(&leafs[1], &text);
	assert_int_equal(parse(&text, false, &next, &problem), STATUS_OK);
	assert_non_null(next.chain);
	assert_ptr_equal(next.cert, next.chain->leaf);
	assert_int_equal(next.chain->ca_count, 0);
	assert_tlsa(next.cert, &leafs[1], (struct record_type){ 3, 1, 1 });
	assert_tlsa(next.cert, &leafs[1], (struct record_type){ 3, 0, 1 });
	next_free(&next);
	buf_fini(&text);
}

static void
test_chain(void **state)
{
	struct problem problem;
	struct next_key next;
	struct buf text = { 0 };

	(void)state;
	pki_add_pem(&leafs[0], &text);
	pki_add_pem(&ca, &text);
	pki_add_pem(&root, &text);
	assert_int_equal(parse(&text, false, &next, &problem), STATUS_OK);
	assert_int_equal(next.chain->ca_count, 2);
	assert_tlsa(next.cert, &leafs[0], (struct record_type){ 3, 1, 1 });
	assert_tlsa(next.chain->ca[0], &ca, (struct record_type){ 2, 1, 1 });
	assert_tlsa(next.chain->ca[1], &root, (struct record_type){ 2, 1, 1 });
	next_free(&next);
	buf_fini(&text);
}

static void
assert_refused(const struct buf *text, enum status status, const char *reason)
{
	struct problem problem;
	struct next_key next;

	assert_int_equal(parse(text, false, &next, &problem), status);
	if (strstr(problem.text, reason) == NULL)
		fail_msg("'%s' does not say '%s'", problem.text, reason);
}

/* Wherever it stands, and whatever stands beside it. */
static void
test_private_key(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct buf text = { 0 };

		if (i == 1)
			add_public_key(&leafs[0], &text);
		if (i == 2)
			add_request(&leafs[0], false, &text);
		if (i == 3)
			pki_add_pem(&leafs[0], &text);
		if (i == 4)
			pki_add_block("EC PRIVATE KEY", "x", 1, &text);
		else if (i == 5)
			pki_add_block("ENCRYPTED PRIVATE KEY", "x", 1, &text);
		else
			pki_add_key(&leafs[0], &text);
		assert_refused(&text, STATUS_REFUSED, "private key");
		assert_refused(&text, STATUS_REFUSED, "openssl pkey -pubout");
		buf_fini(&text);
	}
}

static void
test_garbage(void **state)
{
	static const struct {
		const char *why;
		const char *text;
		const char *reason;
	} cases[] = {
		{ "nothing", "", "holds no certificate" },
		{ "no PEM", "this is not PEM\n", "holds no certificate" },
		{ "no data",
		    "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
		    "bad public key" },
		{ "no end", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n",
		    "bad public key" },
		{ "another end",
		    "-----BEGIN PUBLIC KEY-----\nAAAA\n"
		    "-----END CERTIFICATE-----\n",
		    "bad public key" },
		{ "no DER",
		    "-----BEGIN PUBLIC KEY-----\nAAAA\n"
		    "-----END PUBLIC KEY-----\n",
		    "bad public key" },
		{ "no request",
		    "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
		    "-----END CERTIFICATE REQUEST-----\n",
		    "bad certificate request" },
		{ "a password, which nobody must be asked for",
		    "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\n"
		    "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n"
		    "\nAAAAAAAAAAAAAAAAAAAAAA==\n-----END PUBLIC KEY-----\n",
		    "bad public key" },
		{ "PKCS #1",
		    "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n"
		    "-----END RSA PUBLIC KEY-----\n",
		    "RSA PUBLIC KEY" },
		{ "within a line",
		    "x -----BEGIN PUBLIC KEY-----\nAAAA\n"
		    "-----END PUBLIC KEY-----\n",
		    "" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct buf text = { 0 };
		struct problem problem;
		struct next_key next;
		enum status status;

		buf_add_string(&text, cases[i].text);
		status = parse(&text, false, &next, &problem);
		if (status == STATUS_OK ||
		    strstr(problem.text, cases[i].reason) == NULL)
			fail_msg("%s: %s", cases[i].why, problem.text);
		buf_fini(&text);
	}
}

/* Which of the two would be meant? */
static void
test_several(void **state)
{
	struct buf keys = { 0 };
	struct buf both = { 0 };

	(void)state;
	add_public_key(&leafs[0], &keys);
	add_public_key(&leafs[1], &keys);
	assert_refused(&keys, STATUS_MALFORMED, "more than one");
	add_request(&leafs[0], false, &both);
	pki_add_pem(&leafs[1], &both);
	assert_refused(&both, STATUS_MALFORMED, "more than one");
	buf_fini(&keys);
	buf_fini(&both);
}

static void
test_cut(void **state)
{
	struct buf text = { 0 };
	struct problem problem;
	struct next_key next;

	(void)state;
	add_public_key(&leafs[1], &text);
	/* The last line end may be missing, nothing else. */
	for (size_t len = 0; len + 1 < text.len; len++) {
		const struct buf cut = { text.data, len, len };

		assert_int_not_equal(
		    parse(&cut, false, &next, &problem), STATUS_OK);
	}
	buf_fini(&text);
}

static void
test_too_large(void **state)
{
	struct buf text = { 0 };

	(void)state;
	add_public_key(&leafs[0], &text);
	while (text.len <= LIMIT_PEM_FILE)
		buf_add_string(&text, "more of it\n");
	assert_refused(&text, STATUS_LIMIT, "larger than");
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_public_key),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_surroundings),
		cmocka_unit_test(test_certificate),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_private_key),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
