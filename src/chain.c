/* SPDX-License-Identifier: MIT */
#include "chain.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "mem.h"

enum { SHA256_LEN = 32, ORDER_TRIES = 1000 };

/* Certificates of a file while it is being read, in the file's order. */
struct draft {
	struct cert *cert[LIMIT_CHAIN];
	X509 *leaf;
	size_t count;
};

static void
pool_cert_free(void *value)
{
	cert_unref(value);
}

static bool
pool_cert_is_unused(const void *value)
{
	const struct cert *cert = value;

	return cert->refs == 1;
}

void
ca_pool_init(struct ca_pool *pool)
{
	intern_init(&pool->certs, pool_cert_free, pool_cert_is_unused);
	trie_init(&pool->issued, NULL);
}

void
ca_pool_fini(struct ca_pool *pool)
{
	intern_fini(&pool->certs);
	trie_fini(&pool->issued);
}

/*
 * A file that ends within "-----BEGIN CERTIFICATE-----" has no further block
 * for the PEM reader, and would pass for a shorter chain.  So each line that
 * begins with dashes must belong to a block that was read.
 */
static size_t
dash_lines(const char *text, size_t len)
{
	static const char dashes[] = "-----";
	const char *end = text + len;
	size_t count = 0;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((eol != NULL ? eol : end) - text);
		size_t seen = line < 5 ? line : 5;

		/* A cut "--" at the very end counts as well. */
		if (seen > 0 && memcmp(text, dashes, seen) == 0 &&
		    (seen == 5 || eol == NULL))
			count++;
		if (eol == NULL)
			break;
		text = eol + 1;
	}
	return count;
}

static enum status
block_decode(
    const uint8_t *der, long len, X509 **ret_x509, struct problem *problem)
{
	const uint8_t *at = der;
	X509 *x509 = d2i_X509(NULL, &at, len);

	if (x509 == NULL || at != der + len) {
		problem_set(problem, "bad DER");
		X509_free(x509);
		ERR_clear_error();
		return STATUS_MALFORMED;
	}
	*ret_x509 = x509;
	return STATUS_OK;
}

static enum status
draft_add_leaf(struct draft *draft, const uint8_t *der, long len, bool keep_all,
    struct problem *problem)
{
	enum status status = block_decode(der, len, &draft->leaf, problem);

	if (status == STATUS_OK)
		status = cert_new(
		    draft->leaf, keep_all, &draft->cert[0], problem);
	if (status == STATUS_OK)
		draft->count = 1;
	return status;
}

static enum status
draft_add_ca(struct ca_pool *pool, struct draft *draft, const uint8_t *der,
    long len, bool keep_all, struct problem *problem)
{
	/* A certificate with its DER is another one than without. */
	uint8_t digest[SHA256_LEN + 1] = { [SHA256_LEN] = keep_all };
	struct cert *cert = NULL;
	X509 *x509 = NULL;
	enum status status;

	if (EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL) != 1)
		return STATUS_MALFORMED;
	cert = intern_get(&pool->certs, digest, sizeof(digest));
	if (cert != NULL) {
		draft->cert[draft->count++] = cert_ref(cert);
		return STATUS_OK;
	}
	status = block_decode(der, len, &x509, problem);
	if (status == STATUS_OK)
		status = cert_new(x509, keep_all, &cert, problem);
	if (status == STATUS_OK)
		cert_keep_x509(cert, x509);
	X509_free(x509);
	if (status != STATUS_OK)
		return status;
	if (!cert->is_ca) {
		problem_set(problem, "is no CA certificate; only the first "
				     "certificate of a file may be a leaf");
		cert_unref(cert);
		return STATUS_MALFORMED;
	}
	intern_add(&pool->certs, digest, sizeof(digest), cert_ref(cert));
	draft->cert[draft->count++] = cert;
	return STATUS_OK;
}

static enum status
draft_add_block(struct ca_pool *pool, struct draft *draft, const char *label,
    const uint8_t *der, long len, bool keep_all, struct problem *problem)
{
	if (strstr(label, "PRIVATE KEY") != NULL) {
		problem_set(problem, "holds a private key; put the "
				     "certificates into a file of their own");
		return STATUS_REFUSED;
	}
	if (strcmp(label, PEM_STRING_X509) != 0 &&
	    strcmp(label, PEM_STRING_X509_OLD) != 0) {
		problem_set(problem,
		    "is a PEM block '%.40s' instead of a "
		    "certificate",
		    label);
		return STATUS_REFUSED;
	}
	if (draft->count == LIMIT_CHAIN) {
		problem_set(problem, "more than %d certificates", LIMIT_CHAIN);
		return STATUS_LIMIT;
	}
	return draft->count == 0
		   ? draft_add_leaf(draft, der, len, keep_all, problem)
		   : draft_add_ca(pool, draft, der, len, keep_all, problem);
}

/* Read the blocks; the number of blocks read is known to `ret_blocks`. */
static enum status
draft_read(struct ca_pool *pool, BIO *bio, bool keep_all, struct draft *draft,
    size_t *ret_blocks, struct problem *problem)
{
	enum status status = STATUS_OK;
	size_t blocks = 0;

	while (status == STATUS_OK) {
		char *label = NULL;
		char *header = NULL;
		uint8_t *der = NULL;
		long len = 0;

		if (PEM_read_bio(bio, &label, &header, &der, &len) != 1) {
			unsigned long error = ERR_peek_last_error();

			ERR_clear_error();
			*ret_blocks = blocks;
			if (ERR_GET_REASON(error) == PEM_R_NO_START_LINE)
				return STATUS_OK;
			problem_set(problem,
			    "certificate %zu: bad or cut "
			    "PEM block",
			    blocks + 1);
			return STATUS_MALFORMED;
		}
		blocks++;
		status = draft_add_block(
		    pool, draft, label, der, len, keep_all, problem);
		if (status != STATUS_OK)
			problem_prefix(problem, "certificate %zu", blocks);
		OPENSSL_free(label);
		OPENSSL_free(header);
		/* It may have been a private key: leave nothing behind. */
		OPENSSL_clear_free(der, (size_t)len);
	}
	return status;
}

static bool
has_issued(struct ca_pool *pool, const struct draft *draft, size_t child,
    const struct cert *issuer)
{
	X509 *x509 = child == 0 ? draft->leaf : draft->cert[child]->x509;
	uint8_t pair[2 * SHA256_LEN];
	bool issued;

	if (X509_NAME_cmp(X509_get_issuer_name(x509),
		X509_get_subject_name(issuer->x509)) != 0)
		return false;
	memcpy(pair, draft->cert[child]->part[CERT_SELECTOR_CERT].sha256,
	    SHA256_LEN);
	memcpy(pair + SHA256_LEN, issuer->part[CERT_SELECTOR_CERT].sha256,
	    SHA256_LEN);
	if (child > 0 && trie_get(&pool->issued, pair, sizeof(pair)) != NULL)
		return true;
	issued = X509_verify(x509, X509_get0_pubkey(issuer->x509)) == 1;
	ERR_clear_error();
	if (issued && child > 0)
		trie_set(&pool->issued, pair, sizeof(pair), pool);
	return issued;
}

/* Move one certificate forward; those between move back by one. */
static void
draft_move(struct draft *draft, size_t from, size_t to)
{
	struct cert *cert = draft->cert[from];

	if (from > to)
		memmove(&draft->cert[to + 1], &draft->cert[to],
		    (from - to) * sizeof(draft->cert[0]));
	else
		memmove(&draft->cert[from], &draft->cert[from + 1],
		    (to - from) * sizeof(draft->cert[0]));
	draft->cert[to] = cert;
}

/*
 * Find an order of the certificates from `at` on in which each issued the one
 * before it.  With cross-signed CAs the first that fits may be the wrong one,
 * so all are tried; `tries` bounds it.  *ret_depth is how far it came.
 */
static bool
order_find(struct ca_pool *pool, struct draft *draft, size_t at, int *tries,
    size_t *ret_depth)
{
	if (at > *ret_depth)
		*ret_depth = at;
	if (at == draft->count)
		return true;
	for (size_t i = at; i < draft->count && --*tries > 0; i++) {
		if (!has_issued(pool, draft, at - 1, draft->cert[i]))
			continue;
		draft_move(draft, i, at);
		if (order_find(pool, draft, at + 1, tries, ret_depth))
			return true;
		draft_move(draft, at, i);
	}
	return false;
}

static enum status
draft_order(struct ca_pool *pool, struct draft *draft, struct problem *problem)
{
	int tries = ORDER_TRIES;
	size_t depth = 1;

	if (order_find(pool, draft, 1, &tries, &depth))
		return STATUS_OK;
	problem_set(problem,
	    "the CA certificates do not form a chain from the leaf '%s', "
	    "issued by '%s', with one link per certificate; %zu of %zu do",
	    draft->cert[0]->subject, draft->cert[0]->issuer, depth - 1,
	    draft->count - 1);
	return STATUS_MALFORMED;
}

/* The same certificate twice is harmless; openssl sends it twice, too. */
static void
draft_drop_duplicates(struct draft *draft)
{
	size_t kept = 0;

	for (size_t i = 0; i < draft->count; i++) {
		size_t same = 1;

		while (same < kept && draft->cert[same] != draft->cert[i])
			same++;
		if (same < kept && i > 0)
			cert_unref(draft->cert[i]);
		else
			draft->cert[kept++] = draft->cert[i];
	}
	draft->count = kept;
}

static enum status
draft_check(struct ca_pool *pool, struct draft *draft, size_t blocks,
    size_t dashes, struct problem *problem)
{
	if (draft->count == 0) {
		problem_set(problem, "holds no certificate");
		return STATUS_MALFORMED;
	}
	if (dashes != 2 * blocks) {
		problem_set(
		    problem, "certificate %zu: cut PEM block", blocks + 1);
		return STATUS_MALFORMED;
	}
	draft_drop_duplicates(draft);
	if (draft->cert[0]->is_ca &&
	    (draft->count > 1 || !draft->cert[0]->is_self_issued)) {
		problem_set(problem,
		    "certificate 1 is the CA certificate "
		    "'%s'; the leaf must come first",
		    draft->cert[0]->subject);
		return STATUS_MALFORMED;
	}
	return draft_order(pool, draft, problem);
}

enum status
chain_parse(struct ca_pool *pool, const char *text, size_t len, bool keep_all,
    struct chain **ret_chain, struct problem *problem)
{
	struct draft draft = { 0 };
	size_t blocks = 0;
	enum status status = STATUS_LIMIT;
	struct chain *chain;
	BIO *bio = NULL;

	if (len > LIMIT_PEM_FILE) {
		problem_set(problem, "larger than %d octets", LIMIT_PEM_FILE);
		goto out;
	}
	bio = BIO_new_mem_buf(text, (int)len);
	if (bio == NULL)
		abort();
	status = draft_read(pool, bio, keep_all, &draft, &blocks, problem);
	if (status == STATUS_OK)
		status = draft_check(
		    pool, &draft, blocks, dash_lines(text, len), problem);
	if (status != STATUS_OK)
		goto out;
	chain = mem_new(
	    sizeof(*chain) + (draft.count - 1) * sizeof(chain->ca[0]));
	chain->refs = 1;
	chain->leaf = cert_ref(draft.cert[0]);
	chain->ca_count = draft.count - 1;
	for (size_t i = 0; i < chain->ca_count; i++)
		chain->ca[i] = cert_ref(draft.cert[i + 1]);
	*ret_chain = chain;
out:
	for (size_t i = 0; i < draft.count; i++)
		cert_unref(draft.cert[i]);
	X509_free(draft.leaf);
	BIO_free(bio);
	return status;
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

static bool
cert_same(const struct cert *a, const struct cert *b)
{
	return memcmp(a->part[CERT_SELECTOR_CERT].sha256,
		   b->part[CERT_SELECTOR_CERT].sha256, SHA256_LEN) == 0;
}

bool
chain_equal(const struct chain *a, const struct chain *b)
{
	if (a->ca_count != b->ca_count || !cert_same(a->leaf, b->leaf))
		return false;
	for (size_t i = 0; i < a->ca_count; i++)
		if (!cert_same(a->ca[i], b->ca[i]))
			return false;
	return true;
}
