/* SPDX-License-Identifier: MIT */
#include "pki.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

enum {
	NOT_BEFORE = 1767225600, /* 2026-01-01 */
	YEAR = 365 * 86400,
};

static EVP_PKEY *
key_make(enum pki_key kind)
{
	/* A second one would cost more than the rest of a test. */
	static EVP_PKEY *rsa;
	EVP_PKEY *key = NULL;

	switch (kind) {
	case PKI_ECDSA:
		key = EVP_EC_gen("P-256");
		break;
	case PKI_RSA:
		if (rsa == NULL)
			rsa = EVP_RSA_gen(2048);
		assert_int_equal(EVP_PKEY_up_ref(rsa), 1);
		key = rsa;
		break;
	case PKI_ED25519:
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	}
	assert_non_null(key);
	return key;
}

static void
extension_add(X509 *x509, const X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	if (value == NULL)
		return;
	/* The library's own parameters lack const; it changes neither. */
	X509V3_set_ctx(
	    &context, (X509 *)(uintptr_t)issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static void
subject_set(X509 *x509, const struct pki_wish *wish)
{
	size_t len = wish->subject_len;
	X509_NAME *name;

	if (wish->subject == NULL)
		return;
	if (len == 0)
		len = strlen(wish->subject);
	name = X509_NAME_new();
	assert_non_null(name);
	assert_int_equal(
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)wish->subject, (int)len, -1, 0),
	    1);
	assert_int_equal(X509_set_subject_name(x509, name), 1);
	X509_NAME_free(name);
}

static void
fields_set(X509 *x509, const struct pki_wish *wish)
{
	static long serial;
	int64_t from = wish->not_before != 0 ? wish->not_before : NOT_BEFORE;
	int64_t until = wish->not_after != 0 ? wish->not_after : from + YEAR;

	assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
	assert_int_equal(
	    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial), 1);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x509), from));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x509), until));
	subject_set(x509, wish);
}

void
pki_make(
    const struct pki_wish *wish, const struct pki *issuer, struct pki *ret_pki)
{
	struct pki pki = { X509_new(), wish->reuse };
	const struct pki *signer = issuer != NULL ? issuer : &pki;
	const EVP_MD *digest = EVP_sha256();

	assert_non_null(pki.x509);
	if (pki.key == NULL)
		pki.key = key_make(wish->key);
	else
		assert_int_equal(EVP_PKEY_up_ref(pki.key), 1);
	fields_set(pki.x509, wish);
	assert_int_equal(X509_set_pubkey(pki.x509, pki.key), 1);
	assert_int_equal(
	    X509_set_issuer_name(pki.x509, X509_get_subject_name(signer->x509)),
	    1);
	extension_add(
	    pki.x509, signer->x509, NID_subject_alt_name, wish->names);
	extension_add(
	    pki.x509, signer->x509, NID_basic_constraints, wish->constraints);
	extension_add(pki.x509, signer->x509, NID_key_usage, wish->usage);
	/* Ed25519 has its digest built in. */
	if (EVP_PKEY_get_base_id(signer->key) == EVP_PKEY_ED25519)
		digest = NULL;
	assert_true(X509_sign(pki.x509, signer->key, digest) > 0);
	*ret_pki = pki;
}

void
pki_make_ca(const char *subject, const struct pki *issuer, struct pki *ret_pki)
{
	const struct pki_wish wish = {
		.subject = subject,
		.constraints = "critical,CA:TRUE",
		.usage = "critical,keyCertSign,cRLSign",
	};

	pki_make(&wish, issuer, ret_pki);
}

void
pki_make_leaf(const char *names, const struct pki *issuer, struct pki *ret_pki)
{
	pki_make_leaf_at(names, NOT_BEFORE, issuer, ret_pki);
}

void
pki_make_leaf_at(const char *names, int64_t not_before,
    const struct pki *issuer, struct pki *ret_pki)
{
	struct pki_wish wish = { .not_before = not_before };
	struct buf list = { 0 };
	const char *at = names;

	while (*at != '\0') {
		size_t len = strcspn(at, ",");

		buf_add_format(
		    &list, "%sDNS:%.*s", list.len > 0 ? "," : "", (int)len, at);
		at += len + (at[len] == ',');
	}
	wish.names = buf_text(&list);
	wish.usage = "critical,digitalSignature";
	pki_make(&wish, issuer, ret_pki);
	buf_fini(&list);
}

void
pki_make_cross(
    const struct pki *ca, const struct pki *issuer, struct pki *ret_pki)
{
	struct pki pki = { X509_dup(ca->x509), ca->key };

	assert_non_null(pki.x509);
	assert_int_equal(EVP_PKEY_up_ref(pki.key), 1);
	assert_int_equal(
	    X509_set_issuer_name(pki.x509, X509_get_subject_name(issuer->x509)),
	    1);
	assert_true(X509_sign(pki.x509, issuer->key, EVP_sha256()) > 0);
	*ret_pki = pki;
}

void
pki_fini(struct pki *pki)
{
	X509_free(pki->x509);
	EVP_PKEY_free(pki->key);
	*pki = (struct pki){ 0 };
}

/* Append what was written to `bio`, and end it. */
static void
bio_take(BIO *bio, struct buf *text)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	assert_true(len > 0);
	buf_add(text, data, (size_t)len);
	BIO_free(bio);
}

void
pki_add_pem(const struct pki *pki, struct buf *text)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_X509(bio, pki->x509), 1);
	bio_take(bio, text);
}

void
pki_add_key(const struct pki *pki, struct buf *text)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(
	    PEM_write_bio_PrivateKey(bio, pki->key, NULL, NULL, 0, NULL, NULL),
	    1);
	bio_take(bio, text);
}

void
pki_add_block(const char *label, const void *data, size_t len, struct buf *text)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_true(PEM_write_bio(bio, label, "", data, (long)len) > 0);
	bio_take(bio, text);
}

/* Return the octets that the selector selects; OPENSSL_free() them. */
static unsigned char *
selected(const struct pki *pki, unsigned selector, int *ret_len)
{
	unsigned char *der = NULL;

	*ret_len = selector == 0 ? i2d_X509(pki->x509, &der)
				 : i2d_PUBKEY(pki->key, &der);
	assert_true(*ret_len > 0);
	return der;
}

char *
pki_tlsa(
    const struct pki *pki, unsigned usage, unsigned selector, unsigned matching)
{
	unsigned char digest[SHA512_DIGEST_LENGTH];
	unsigned char *octets;
	unsigned char *der;
	char *text = mem_format("%u %u %u ", usage, selector, matching);
	int len;

	der = octets = selected(pki, selector, &len);
	if (matching == 1) {
		octets = SHA256(der, (size_t)len, digest);
		len = SHA256_DIGEST_LENGTH;
	} else if (matching == 2) {
		octets = SHA512(der, (size_t)len, digest);
		len = SHA512_DIGEST_LENGTH;
	}
	for (int i = 0; i < len; i++) {
		char *more = mem_format("%s%02x", text, octets[i]);

		free(text);
		text = more;
	}
	OPENSSL_free(der);
	return text;
}
