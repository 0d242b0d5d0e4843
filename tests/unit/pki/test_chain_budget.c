/* SPDX-License-Identifier: MIT */
/* What one file may cost: signatures, and the size of the keys they are by. */
#include "unit.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "pki.h"
#include "pki/chain.h"

static struct pki signer;

static int
signer_make(void **state)
{
	(void)state;
	pki_make_ca("Somebody", NULL, &signer);
	return 0;
}

static int
signer_free(void **state)
{
	(void)state;
	pki_fini(&signer);
	return 0;
}

/* A public key of that size, of which nobody has the private one. */
static EVP_PKEY *
key_of(int bits)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *modulus = BN_new();
	BIGNUM *exponent = BN_new();
	OSSL_PARAM *parameters;
	EVP_PKEY *key = NULL;

	assert_int_equal(
	    BN_rand(modulus, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
	assert_int_equal(BN_set_word(exponent, 65537), 1);
	assert_int_equal(
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus), 1);
	assert_int_equal(
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent), 1);
	parameters = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
	assert_int_equal(
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters),
	    1);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(build);
	BN_free(modulus);
	BN_free(exponent);
	EVP_PKEY_CTX_free(context);
	return key;
}

/* A CA of that name with an RSA key, as signatures by those of strangers are.
 */
static void
ca_make(const char *name, const struct pki *issuer, EVP_PKEY *key,
    struct pki *ret_ca)
{
	const struct pki_wish wish = { .subject = name,
		.constraints = "critical,CA:TRUE",
		.key = PKI_RSA,
		.reuse = key };

	pki_make(&wish, issuer, ret_ca);
}

/* Let it not say by which key it was signed, with this one. */
static void
issuer_forget(struct pki *pki, EVP_PKEY *key)
{
	int at = X509_get_ext_by_NID(
	    pki->x509, NID_authority_key_identifier, -1);

	if (at >= 0)
		X509_EXTENSION_free(X509_delete_ext(pki->x509, at));
	assert_true(X509_sign(pki->x509, key, EVP_sha256()) > 0);
}

/* Add a CA by that name, whose key is of `bits`; it issued nothing. */
static void
stranger_add(const char *name, int bits, struct buf *text)
{
	const struct pki_wish wish = { .subject = name,
		.constraints = "critical,CA:TRUE",
		.reuse = key_of(bits) };
	struct pki stranger;

	pki_make(&wish, &signer, &stranger);
	assert_int_equal(
	    ASN1_INTEGER_set(X509_get_serialNumber(stranger.x509), 1), 1);
	assert_true(X509_sign(stranger.x509, signer.key, EVP_sha256()) > 0);
	pki_add_pem(&stranger, text);
	pki_fini(&stranger);
	EVP_PKEY_free(wish.reuse);
}

/* Begin `text` with a leaf of `ca` that only names its issuer. */
static void
leaf_add(struct pki *ca, struct buf *text)
{
	struct pki leaf;

	pki_make_leaf("mail.example.org", ca, &leaf);
	issuer_forget(&leaf, ca->key);
	pki_add_pem(&leaf, text);
	pki_fini(&leaf);
}

/* The chain has so many CAs, and the remark (NULL: none) has this in it. */
static void
expect(const struct buf *text, size_t ca_count, const char *remark)
{
	struct problem said = { "" };
	struct chain *chain = NULL;
	struct ca_pool pool;

	ca_pool_init(&pool);
	assert_int_equal(chain_parse(&pool, text->data, text->len, false,
			     &chain, &said, NULL),
	    STATUS_OK);
	assert_int_equal(chain->ca_count, ca_count);
	if (remark != NULL)
		assert_non_null(strstr(said.text, remark));
	else
		assert_string_equal(said.text, "");
	chain_unref(chain);
	ca_pool_fini(&pool);
}

/* Fifteen of the name of the issuer, before the one that it was. */
static void
test_large(void **state)
{
	struct pki ca;
	struct buf text = { 0 };

	(void)state;
	ca_make("CA", NULL, NULL, &ca);
	leaf_add(&ca, &text);
	for (size_t i = 0; i < LIMIT_CHAIN - 2; i++)
		stranger_add("CA", 16384, &text);
	pki_add_pem(&ca, &text);
	expect(&text, 1, "'CA' has a key of 16384 bits");
	buf_fini(&text);
	pki_fini(&ca);
}

/* As large as any is, and the right one is found behind it. */
static void
test_usual(void **state)
{
	struct pki ca;
	struct buf text = { 0 };

	(void)state;
	ca_make("CA", NULL, NULL, &ca);
	leaf_add(&ca, &text);
	pki_add_pem(&ca, &text);
	expect(&text, 1, NULL);
	stranger_add("CA", LIMIT_CA_BITS, &text);
	expect(&text, 1, "is not on the path");
	buf_fini(&text);
	pki_fini(&ca);
}

/* Say that the issuer of `pki` has this issuer and serial; sign it again. */
static void
issuer_name(struct pki *pki, const char *issuer, long serial, EVP_PKEY *key)
{
	AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	X509_NAME *text = X509_NAME_new();

	assert_int_equal(X509_NAME_add_entry_by_txt(text, "CN", MBSTRING_ASC,
			     (const unsigned char *)issuer, -1, -1, 0),
	    1);
	name->type = GEN_DIRNAME;
	name->d.directoryName = text;
	id->issuer = GENERAL_NAMES_new();
	assert_int_equal(sk_GENERAL_NAME_push(id->issuer, name), 1);
	id->serial = ASN1_INTEGER_new();
	assert_int_equal(ASN1_INTEGER_set(id->serial, serial), 1);
	assert_int_equal(
	    X509_add1_ext_i2d(pki->x509, NID_authority_key_identifier, id, 0,
		X509V3_ADD_REPLACE),
	    1);
	AUTHORITY_KEYID_free(id);
	assert_true(X509_sign(pki->x509, key, EVP_sha256()) > 0);
}

/*
 * All of one name, and the one that issued behind all that did not: the leaf
 * is tried with each of them, and then its issuer is.
 */
static void
test_many(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct pki above;
	struct pki ca;
	struct buf text = { 0 };

	(void)state;
	ca_make("CA", &signer, NULL, &above);
	assert_int_equal(
	    ASN1_INTEGER_set(X509_get_serialNumber(above.x509), 1), 1);
	assert_true(X509_sign(above.x509, signer.key, EVP_sha256()) > 0);
	ca_make("CA", &above, key, &ca);
	issuer_name(&ca, "Somebody", 1, above.key);
	leaf_add(&ca, &text);
	for (size_t i = 0; i < LIMIT_CHAIN - 3; i++)
		stranger_add("CA", 2048, &text);
	pki_add_pem(&above, &text);
	pki_add_pem(&ca, &text);
	expect(&text, 1, "more than 24 signatures to be verified");
	buf_fini(&text);
	pki_fini(&ca);
	pki_fini(&above);
	EVP_PKEY_free(key);
}

/* What is known to be wrong is not verified again, and says nothing else. */
static void
test_failures(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct ca_pool pool;
	struct pki ca;
	struct buf text = { 0 };

	(void)state;
	ca_make("CA", &signer, key, &ca);
	leaf_add(&ca, &text);
	for (size_t i = 0; i < 5; i++)
		stranger_add("CA", 2048, &text);
	pki_add_pem(&ca, &text);
	ca_pool_init(&pool);
	for (size_t i = 0; i < 3; i++) {
		struct chain *chain = NULL;

		assert_int_equal(chain_parse(&pool, text.data, text.len, false,
				     &chain, NULL, NULL),
		    STATUS_OK);
		assert_int_equal(chain->ca_count, 1);
		assert_int_equal(pool.failed.count, 5);
		chain_unref(chain);
	}
	ca_pool_fini(&pool);
	buf_fini(&text);
	pki_fini(&ca);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, signer_make, signer_free);
}
