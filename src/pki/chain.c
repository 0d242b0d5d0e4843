/* SPDX-License-Identifier: MIT */
#include "pki/chain.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "chain_path.h"
#include "decoder.h"

enum { SHA256_LEN = 32 };

/*
 * A file that ends within "-----BEGIN CERTIFICATE-----" has no further block
 * for the PEM reader, and would pass for a shorter chain.
 */
static bool
is_cut(const char *text, size_t len)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	const char *eol = memrchr(text, '\n', len);
	size_t line = eol != NULL ? (size_t)(text + len - eol - 1) : len;

	return line > 0 && line < strlen(begin) &&
	       memcmp(text + len - line, begin, line) == 0;
}

/* Whether there is a label that a certificate has, wherever. */
static bool
has_certificate(const char *text, size_t len)
{
	static const char mark[] = "CERTIFICATE-----";

	return memmem(text, len, mark, strlen(mark)) != NULL;
}

/* Decode it, as the leaf: with what openssl x509 -trustout puts behind it. */
static enum status
x509_decode(const uint8_t *der, long len, bool is_leaf, X509 **ret_x509,
    struct problem *problem)
{
	*ret_x509 = decoder_x509(der, len, is_leaf);
	if (*ret_x509 != NULL)
		return STATUS_OK;
	problem_set(problem, "bad DER");
	return STATUS_MALFORMED;
}

/* Extensions that cannot be read: OpenSSL takes no such leaf, but such a CA. */
static enum status
extensions_check(X509 *x509, struct problem *problem)
{
	bool good = X509_check_purpose(x509, -1, 0) == 1;

	ERR_clear_error();
	if (good)
		return STATUS_OK;
	problem_set(problem, "bad extensions");
	return STATUS_MALFORMED;
}

static enum status
draft_add_leaf(struct draft *draft, const uint8_t *der, long len, bool keep_all,
    struct problem *problem)
{
	enum status status = x509_decode(der, len, true, &draft->leaf, problem);

	if (status == STATUS_OK)
		status = extensions_check(draft->leaf, problem);
	if (status == STATUS_OK)
		status = cert_new(
		    draft->leaf, keep_all, &draft->list[0].cert, problem);
	if (status != STATUS_OK)
		return status;
	draft->list[0].block = draft->blocks;
	draft->count = 1;
	return STATUS_OK;
}

/*
 * Return a CA certificate from the pool, or after decoding it, in *ret_cert:
 * one reference, or NULL for what no chain can need, with a remark.
 */
static enum status
ca_decode(struct ca_pool *pool, struct draft *draft, const uint8_t *der,
    long len, bool keep_all, struct cert **ret_cert, struct problem *problem)
{
	/* A certificate with its DER is another one than without. */
	uint8_t digest[SHA256_LEN + 1] = { [SHA256_LEN] = keep_all };
	struct problem why = { "" };
	struct cert *cert = NULL;
	enum status status;
	X509 *x509;

	if (EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL) != 1)
		return STATUS_MALFORMED;
	cert = intern_get(&pool->certs, digest, sizeof(digest));
	if (cert != NULL) {
		*ret_cert = cert_ref(cert);
		return STATUS_OK;
	}
	status = x509_decode(der, len, false, &x509, problem);
	if (status != STATUS_OK)
		return status;
	if (extensions_check(x509, &why) != STATUS_OK ||
	    cert_new(x509, keep_all, &cert, &why) != STATUS_OK) {
		problem_join(draft->remark, "PEM block %zu: %s", draft->blocks,
		    why.text);
	} else if (!cert->is_ca) {
		problem_join(draft->remark,
		    "PEM block %zu, '%s', is no CA certificate, and only the "
		    "first one is the leaf",
		    draft->blocks, cert->subject);
		cert_unref(cert);
		cert = NULL;
	} else {
		cert_keep_x509(cert, x509);
		intern_add(
		    &pool->certs, digest, sizeof(digest), cert_ref(cert));
	}
	X509_free(x509);
	*ret_cert = cert;
	return STATUS_OK;
}

static bool
cert_same(const struct cert *a, const struct cert *b)
{
	return memcmp(a->part[CERT_SELECTOR_CERT].sha256,
		   b->part[CERT_SELECTOR_CERT].sha256, SHA256_LEN) == 0;
}

static enum status
draft_add_ca(struct ca_pool *pool, struct draft *draft, const uint8_t *der,
    long len, bool keep_all, struct problem *problem)
{
	struct cert *cert = NULL;
	enum status status = ca_decode(
	    pool, draft, der, len, keep_all, &cert, problem);

	if (status != STATUS_OK || cert == NULL)
		return status;
	for (size_t i = 0; i < draft->count; i++)
		if (cert_same(draft->list[i].cert, cert)) {
			problem_join(draft->remark,
			    "PEM block %zu is '%s' again", draft->blocks,
			    cert->subject);
			cert_unref(cert);
			return STATUS_OK;
		}
	draft->list[draft->count].block = draft->blocks;
	draft->list[draft->count++].cert = cert;
	return STATUS_OK;
}

/* As OpenSSL: each of these may be the leaf, but not a further one. */
static bool
is_certificate(const char *label, bool is_leaf)
{
	return strcmp(label, PEM_STRING_X509) == 0 ||
	       strcmp(label, PEM_STRING_X509_OLD) == 0 ||
	       (is_leaf && strcmp(label, PEM_STRING_X509_TRUSTED) == 0);
}

/* As OpenSSL: an encrypted certificate would need a password. */
static bool
has_bad_header(char *header)
{
	EVP_CIPHER_INFO info;
	bool bad = PEM_get_EVP_CIPHER_INFO(header, &info) != 1 ||
		   info.cipher != NULL;

	ERR_clear_error();
	return bad;
}

static enum status
draft_add_block(struct ca_pool *pool, struct draft *draft, const char *label,
    char *header, const uint8_t *der, long len, bool keep_all,
    struct problem *problem)
{
	bool is_leaf = draft->count == 0;

	if (strstr(label, "PRIVATE KEY") != NULL) {
		problem_set(problem, "holds a private key; put the "
				     "certificates into a file of their own");
		return STATUS_REFUSED;
	}
	if (!is_certificate(label, is_leaf)) {
		problem_join(draft->remark, "PEM block %zu is '%.40s'",
		    draft->blocks, label);
		return STATUS_OK;
	}
	if (has_bad_header(header)) {
		problem_set(problem, "has a header, or is encrypted");
		return STATUS_MALFORMED;
	}
	if (draft->count == LIMIT_CHAIN) {
		problem_set(problem, "more than %d certificates", LIMIT_CHAIN);
		return STATUS_LIMIT;
	}
	return is_leaf ? draft_add_leaf(draft, der, len, keep_all, problem)
		       : draft_add_ca(pool, draft, der, len, keep_all, problem);
}

static enum status
draft_read(struct ca_pool *pool, BIO *bio, bool keep_all, struct draft *draft,
    struct problem *problem)
{
	enum status status = STATUS_OK;

	while (status == STATUS_OK) {
		char *label = NULL;
		char *header = NULL;
		uint8_t *der = NULL;
		long len = 0;

		if (PEM_read_bio(bio, &label, &header, &der, &len) != 1) {
			unsigned long error = ERR_peek_last_error();

			ERR_clear_error();
			if (ERR_GET_REASON(error) == PEM_R_NO_START_LINE)
				return STATUS_OK;
			problem_set(problem,
			    "certificate %zu: bad or cut "
			    "PEM block",
			    draft->blocks + 1);
			return STATUS_MALFORMED;
		}
		draft->blocks++;
		status = draft_add_block(
		    pool, draft, label, header, der, len, keep_all, problem);
		if (status != STATUS_OK)
			problem_prefix(
			    problem, "certificate %zu", draft->blocks);
		OPENSSL_free(label);
		OPENSSL_free(header);
		/* It may have been a private key: leave nothing behind. */
		OPENSSL_clear_free(der, (size_t)len);
	}
	return status;
}

/*
 * A server reads its file through stdio, where a NUL ends a line, and one at
 * the begin of a line the file.  So the text is read through stdio here.
 */
static enum status
text_read(struct ca_pool *pool, const char *text, size_t len, bool keep_all,
    struct draft *draft, struct problem *problem)
{
	char room[4096];
	enum status status = STATUS_OK;
	FILE *stream;
	BIO *bio;

	if (len == 0)
		return STATUS_OK;
	/* Only read from: glibc has no other type for it. */
	stream = fmemopen((void *)(uintptr_t)text, len, "r");
	bio = stream != NULL ? BIO_new_fp(stream, BIO_CLOSE) : NULL;
	if (bio == NULL || setvbuf(stream, room, _IOFBF, sizeof(room)) != 0)
		abort();
	status = draft_read(pool, bio, keep_all, draft, problem);
	BIO_free(bio);
	OPENSSL_cleanse(room, sizeof(room));
	return status;
}

static struct chain *
chain_of(struct draft *draft, size_t end)
{
	struct chain *chain = mem_new(
	    sizeof(*chain) + (end - 1) * sizeof(chain->ca[0]));

	chain->refs = 1;
	chain->leaf = cert_ref(draft->list[0].cert);
	chain->ca_count = end - 1;
	for (size_t i = 0; i < chain->ca_count; i++)
		chain->ca[i] = cert_ref(draft->list[i + 1].cert);
	return chain;
}

enum status
chain_parse(struct ca_pool *pool, const char *text, size_t len, bool keep_all,
    struct chain **ret_chain, struct problem *remark, struct problem *problem)
{
	struct problem rest = { "" };
	struct draft draft = { .remark = &rest };
	enum status status;

	if (len > LIMIT_PEM_FILE) {
		problem_set(problem, "larger than %d octets", LIMIT_PEM_FILE);
		return STATUS_LIMIT;
	}
	status = text_read(pool, text, len, keep_all, &draft, problem);
	if (draft.count == 0 && len > 0 && !has_certificate(text, len)) {
		problem_set(problem, "holds no certificate%s%s",
		    rest.text[0] != '\0' ? "; " : "", rest.text);
		status = STATUS_FOREIGN;
	} else if (status == STATUS_OK && draft.count == 0) {
		problem_set(problem, "holds no certificate");
		status = STATUS_MALFORMED;
	} else if (status == STATUS_OK && is_cut(text, len)) {
		problem_set(problem, "certificate %zu: cut PEM block",
		    draft.blocks + 1);
		status = STATUS_MALFORMED;
	}
	if (status == STATUS_OK) {
		size_t end = chain_path_find(pool, &draft);

		chain_path_remark(&draft, end);
		*ret_chain = chain_of(&draft, end);
		if (remark != NULL)
			*remark = rest;
	}
	for (size_t i = 0; i < draft.count; i++)
		cert_unref(draft.list[i].cert);
	X509_free(draft.leaf);
	return status;
}

bool
chain_is_authority(const struct chain *chain)
{
	return chain->leaf->is_ca && chain->leaf->name_count == 0;
}

struct chain *
chain_ref(struct chain *chain)
{
	chain->refs++;
	return chain;
}

void
chain_unref(struct chain *chain)
{
	if (chain == NULL || --chain->refs > 0)
		return;
	cert_unref(chain->leaf);
	for (size_t i = 0; i < chain->ca_count; i++)
		cert_unref(chain->ca[i]);
	free(chain);
}

/* Whether `whole` begins with it, or is it. */
static bool
is_beginning(const struct chain *chain, const struct chain *whole)
{
	if (chain->ca_count > whole->ca_count ||
	    !cert_same(chain->leaf, whole->leaf))
		return false;
	for (size_t i = 0; i < chain->ca_count; i++)
		if (!cert_same(chain->ca[i], whole->ca[i]))
			return false;
	return true;
}

bool
chain_equal(const struct chain *a, const struct chain *b)
{
	return a->ca_count == b->ca_count && is_beginning(a, b);
}

bool
chain_is_cut(const struct chain *chain, const struct chain *whole)
{
	return chain->ca_count < whole->ca_count && is_beginning(chain, whole);
}
