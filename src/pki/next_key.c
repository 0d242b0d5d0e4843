/* SPDX-License-Identifier: MIT */
#include "pki/next_key.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "pki/pem.h"

/* A bare key as a certificate of which nothing but the key is known. */
static enum status
cert_of_key(X509_PUBKEY *spki, const char *what, bool keep_all,
    struct cert **ret_cert, struct problem *problem)
{
	EVP_PKEY *key = X509_PUBKEY_get0(spki);
	struct cert_part *part;
	uint8_t sha512[64];
	uint8_t *der = NULL;
	int len = i2d_X509_PUBKEY(spki, &der);
	struct cert *cert = NULL;
	enum status status = STATUS_MALFORMED;

	if (key == NULL || len <= 0) {
		problem_set(problem, "public key cannot be decoded");
		goto out;
	}
	cert = cert_new_known(what, "", NULL, 0);
	part = &cert->part[CERT_SELECTOR_SPKI];
	if (EVP_Digest(der, (size_t)len, part->sha256, NULL, EVP_sha256(),
		NULL) != 1 ||
	    EVP_Digest(der, (size_t)len, sha512, NULL, EVP_sha512(), NULL) !=
		1) {
		cert_unref(cert);
		goto out;
	}
	part->is_known = true;
	if (keep_all) {
		part->sha512 = mem_copy(sha512, sizeof(sha512));
		part->der = mem_copy(der, (size_t)len);
		part->der_len = (uint32_t)len;
	}
	cert_set_key(cert, key);
	*ret_cert = cert;
	status = STATUS_OK;
out:
	OPENSSL_free(der);
	ERR_clear_error();
	return status;
}

static enum status
public_key_parse(
    BIO *bio, bool keep_all, struct cert **ret_cert, struct problem *problem)
{
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, pem_no_password, NULL);
	X509_PUBKEY *spki = NULL;
	enum status status = STATUS_MALFORMED;

	if (key == NULL || X509_PUBKEY_set(&spki, key) != 1)
		problem_set(problem, "bad public key");
	else
		status = cert_of_key(
		    spki, "next public key", keep_all, ret_cert, problem);
	X509_PUBKEY_free(spki);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return status;
}

static enum status
request_parse_pem(
    BIO *bio, bool keep_all, struct cert **ret_cert, struct problem *problem)
{
	X509_REQ *request = PEM_read_bio_X509_REQ(
	    bio, NULL, pem_no_password, NULL);
	enum status status = STATUS_MALFORMED;

	if (request == NULL)
		problem_set(problem, "bad certificate request");
	else
		status = cert_of_key(X509_REQ_get_X509_PUBKEY(request),
		    "next certificate request", keep_all, ret_cert, problem);
	X509_REQ_free(request);
	ERR_clear_error();
	return status;
}

/* Count the lines that begin with `start`. */
static size_t
lines_count(const char *text, size_t len, const char *start)
{
	size_t start_len = strlen(start);
	const char *end = text + len;
	const char *at = text;
	size_t count = 0;

	while (
	    (at = memmem(at, (size_t)(end - at), start, start_len)) != NULL) {
		count += at == text || at[-1] == '\n';
		at += start_len;
	}
	return count;
}

static bool
has_label(const char *text, size_t len, const char *label)
{
	char *line = mem_format("-----BEGIN %s-----", label);
	bool has = lines_count(text, len, line) > 0;

	free(line);
	return has;
}

/* A bare key, or a request for a certificate of it. */
static enum status
bare_parse(const char *text, size_t len, bool is_request, bool keep_all,
    struct cert **ret_cert, struct problem *problem)
{
	enum status status;
	BIO *bio;

	if (lines_count(text, len, "-----BEGIN ") > 1) {
		problem_set(problem, "holds more than one PEM block; put each "
				     "key into a file of its own");
		return STATUS_MALFORMED;
	}
	bio = BIO_new_mem_buf(text, (int)len);
	if (bio == NULL)
		abort();
	status = is_request
		     ? request_parse_pem(bio, keep_all, ret_cert, problem)
		     : public_key_parse(bio, keep_all, ret_cert, problem);
	BIO_free(bio);
	return status;
}

enum status
next_key_parse(struct ca_pool *pool, const char *text, size_t len,
    bool keep_all, struct next_key *ret_next, struct problem *problem)
{
	struct next_key next = { 0 };
	enum status status;
	bool is_request;

	if (len > LIMIT_PEM_FILE) {
		problem_set(problem, "larger than %d octets", LIMIT_PEM_FILE);
		return STATUS_LIMIT;
	}
	if (memmem(text, len, "PRIVATE KEY-----", 16) != NULL) {
		problem_set(problem,
		    "holds a private key, which is never read; give its public "
		    "half (openssl pkey -pubout)");
		return STATUS_REFUSED;
	}
	is_request = has_label(text, len, "CERTIFICATE REQUEST") ||
		     has_label(text, len, "NEW CERTIFICATE REQUEST");
	if (is_request || has_label(text, len, "PUBLIC KEY")) {
		status = bare_parse(
		    text, len, is_request, keep_all, &next.cert, problem);
	} else {
		status = chain_parse(
		    pool, text, len, keep_all, &next.chain, NULL, problem);
		if (status == STATUS_OK)
			next.cert = cert_ref(next.chain->leaf);
	}
	if (status == STATUS_OK)
		*ret_next = next;
	return status;
}
