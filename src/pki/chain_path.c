/* SPDX-License-Identifier: MIT */
#include "chain_path.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { SHA256_LEN = 32, PAIR_LEN = 2 * SHA256_LEN };

/*
 * Whoever may write one lineage must not keep the answers for all others
 * waiting: what costs more than any real chain is left out, and named once.
 */
static bool
is_affordable(struct draft *draft, const struct cert *issuer)
{
	const EVP_PKEY *key = X509_get0_pubkey(issuer->x509);

	if (key != NULL && EVP_PKEY_get_bits(key) > LIMIT_CA_BITS) {
		if (!draft->has_large)
			problem_join(draft->remark,
			    "'%s' has a key of %d bits, and counts as no "
			    "issuer "
			    "above %d",
			    issuer->subject, EVP_PKEY_get_bits(key),
			    LIMIT_CA_BITS);
		draft->has_large = true;
		return false;
	}
	if (draft->checks++ == LIMIT_CHECKS)
		problem_join(draft->remark,
		    "more than %d signatures to be verified: remove what does "
		    "not belong to the chain",
		    LIMIT_CHECKS);
	return draft->checks <= LIMIT_CHECKS;
}

static void
pair_remember(
    struct ca_pool *pool, struct trie *pairs, const uint8_t *pair, size_t limit)
{
	if (pairs->count >= limit) {
		trie_fini(pairs);
		trie_init(pairs, NULL);
	}
	trie_set(pairs, pair, PAIR_LEN, pool);
}

static bool
has_issued(struct ca_pool *pool, struct draft *draft, size_t child,
    const struct cert *issuer)
{
	X509 *x509 = child == 0 ? draft->leaf : draft->list[child].cert->x509;
	uint8_t pair[PAIR_LEN];
	bool issued;

	/* By name, key identifier and usage; says nothing of the signature. */
	if (X509_check_issued(issuer->x509, x509) != X509_V_OK) {
		ERR_clear_error();
		return false;
	}
	memcpy(pair, draft->list[child].cert->part[CERT_SELECTOR_CERT].sha256,
	    SHA256_LEN);
	memcpy(pair + SHA256_LEN, issuer->part[CERT_SELECTOR_CERT].sha256,
	    SHA256_LEN);
	if (child > 0 && trie_get(&pool->issued, pair, sizeof(pair)) != NULL)
		return true;
	/* What is remembered counts all the same: the chain is always one. */
	if (!is_affordable(draft, issuer) ||
	    trie_get(&pool->failed, pair, sizeof(pair)) != NULL)
		return false;
	issued = X509_verify(x509, X509_get0_pubkey(issuer->x509)) == 1;
	ERR_clear_error();
	if (issued && child > 0)
		pair_remember(pool, &pool->issued, pair, LIMIT_PAIRS);
	else if (!issued)
		pair_remember(pool, &pool->failed, pair, LIMIT_FAILED);
	return issued;
}

/* Move one certificate forward; those between move back by one. */
static void
draft_move(struct draft *draft, size_t from, size_t to)
{
	struct cert *cert = draft->list[from].cert;
	size_t block = draft->list[from].block;

	memmove(&draft->list[to + 1], &draft->list[to],
	    (from - to) * sizeof(draft->list[0]));
	draft->list[to].cert = cert;
	draft->list[to].block = block;
}

/* As OpenSSL: a path ends where a certificate says that it is its own. */
static bool
is_path_end(const struct draft *draft, size_t at)
{
	X509 *x509 = at == 0 ? draft->leaf : draft->list[at].cert->x509;
	bool is_end = X509_self_signed(x509, 0) == 1;

	ERR_clear_error();
	return is_end;
}

/*
 * Bring the path to the front, from the leaf to whatever issued the last one
 * before it, of several the first of the file: so a client of OpenSSL finds it,
 * which does not turn back.  Returns how many certificates it has.
 */
size_t
chain_path_find(struct ca_pool *pool, struct draft *draft)
{
	size_t end = 1;

	while (!is_path_end(draft, end - 1)) {
		size_t i = end;

		while (i < draft->count &&
		       !has_issued(pool, draft, end - 1, draft->list[i].cert))
			i++;
		if (i == draft->count)
			break;
		draft_move(draft, i, end++);
	}
	return end;
}

void
chain_path_remark(struct draft *draft, size_t end)
{
	for (size_t i = end; i < draft->count; i++)
		problem_join(draft->remark,
		    "PEM block %zu, '%s', is not on the path from the leaf",
		    draft->list[i].block, draft->list[i].cert->subject);
	if (end == 1 && draft->count > 1)
		problem_join(draft->remark,
		    "none of them issued the leaf '%s', which '%s' did",
		    draft->list[0].cert->subject, draft->list[0].cert->issuer);
}
