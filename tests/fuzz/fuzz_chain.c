/* SPDX-License-Identifier: MIT */
/*
 * Certificates of a few names and many keys in any order, as whoever may write
 * one lineage could choose them: what is found is a path, each signature of it
 * right, and what it costs stays within the budget, counted and not timed.
 *
 * An octet is a certificate of the deck below.
 */
#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/limit.h"
#include "pki/chain.h"
#define REMEMBER_NO_SIGNATURES
#include "remember.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	KEYS = 20,
	LARGE = 16384,   /* bits of the key before the last */
	GREATEST = 8192, /* of the last */
	CERTS_READ = 40, /* more than any file may have */
	/* Names and usages compared: each of the file with each, and for two
	 * parses. */
	COMPARISONS = 4 * LIMIT_CHAIN * LIMIT_CHAIN,
};

/* What one input has cost. */
static struct cost {
	size_t checks;
	size_t comparisons;
	int bits; /* of the largest key that a signature was checked by */
} cost;

int
X509_verify(X509 *x509, EVP_PKEY *key)
{
	cost.checks++;
	if (EVP_PKEY_get_bits(key) > cost.bits)
		cost.bits = EVP_PKEY_get_bits(key);
	return NEXT(X509_verify)(x509, key);
}

int
X509_check_issued(X509 *issuer, X509 *subject)
{
	cost.comparisons++;
	return NEXT(X509_check_issued)(issuer, subject);
}

/* ---- the deck ---- */

/* Names by letter; keys by number, the last two of which nobody has. */
static const struct card {
	char subject, issuer;
	uint8_t key, signer;
	bool is_leaf;
} deck[] = {
	{ 'L', 'A', 0, 1, true },
	{ 'L', 'A', 0, 2, true },
	{ 'L', 'R', 0, 3, true },
	{ 'L', 'L', 0, 0, true },
	{ 'A', 'R', 1, 3, false }, /* the usual chain */
	{ 'R', 'R', 3, 3, false },
	{ 'A', 'A', 1, 1, false }, /* its own */
	{ 'A', 'A', 1, 2, false }, /* by another of that name */
	{ 'A', 'A', 2, 1, false }, /* and the other way round */
	{ 'R', 'X', 3, 4, false }, /* crosses, which lead in circles */
	{ 'X', 'R', 4, 3, false },
	{ 'X', 'X', 4, 4, false },
	{ 'X', 'A', 4, 1, false },
	{ 'A', 'X', 1, 4, false },
	/* Strangers of the right names. */
	{ 'A', 'R', 5, 5, false },
	{ 'A', 'R', 6, 5, false },
	{ 'A', 'R', 7, 5, false },
	{ 'A', 'R', 8, 5, false },
	{ 'A', 'A', 9, 5, false },
	{ 'A', 'A', 10, 5, false },
	{ 'A', 'A', 11, 5, false },
	{ 'A', 'A', 12, 5, false },
	{ 'R', 'R', 13, 5, false },
	{ 'R', 'X', 14, 5, false },
	{ 'R', 'A', 15, 5, false },
	{ 'X', 'A', 16, 5, false },
	{ 'X', 'R', 17, 5, false },
	{ 'A', 'R', KEYS - 2, 5, false },
	{ 'R', 'R', KEYS - 2, 5, false },
	{ 'A', 'A', KEYS - 1, 5, false },
};

enum { CARDS = sizeof(deck) / sizeof(deck[0]) };

/* As PEM, made once. */
static struct buf cards[CARDS];

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

	assert(
	    BN_rand(modulus, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1 &&
	    BN_set_word(exponent, 65537) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) ==
		1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) ==
		1);
	parameters = OSSL_PARAM_BLD_to_param(build);
	assert(EVP_PKEY_fromdata_init(context) == 1 &&
	       EVP_PKEY_fromdata(
		   context, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(build);
	BN_free(modulus);
	BN_free(exponent);
	EVP_PKEY_CTX_free(context);
	return key;
}

static X509_NAME *
name_of(char letter)
{
	const unsigned char text[] = { (unsigned char)letter };
	X509_NAME *name = X509_NAME_new();

	assert(X509_NAME_add_entry_by_NID(
		   name, NID_commonName, MBSTRING_UTF8, text, 1, -1, 0) == 1);
	return name;
}

static void
extension_add(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert(extension != NULL && X509_add_ext(x509, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

/* Without key identifiers: only a signature tells who issued it. */
static void
card_make(
    const struct card *card, EVP_PKEY **keys, long serial, struct buf *pem)
{
	X509 *x509 = X509_new();
	X509_NAME *subject = name_of(card->subject);
	X509_NAME *issuer = name_of(card->issuer);
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	long len;

	assert(X509_set_version(x509, X509_VERSION_3) == 1);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(x509), serial);
	(void)ASN1_TIME_set(X509_getm_notBefore(x509), 1767225600);
	(void)ASN1_TIME_set(X509_getm_notAfter(x509), 2000000000);
	(void)X509_set_subject_name(x509, subject);
	(void)X509_set_issuer_name(x509, issuer);
	(void)X509_set_pubkey(x509, keys[card->key]);
	if (card->is_leaf)
		extension_add(x509, NID_subject_alt_name, "DNS:a.example");
	else
		extension_add(x509, NID_basic_constraints, "critical,CA:TRUE");
	assert(X509_sign(x509, keys[card->signer], EVP_sha256()) > 0);
	assert(PEM_write_bio_X509(bio, x509) == 1);
	len = BIO_get_mem_data(bio, &data);
	buf_add(pem, data, (size_t)len);
	BIO_free(bio);
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	X509_free(x509);
}

static void
deck_make(void)
{
	EVP_PKEY *keys[KEYS];

	for (int i = 0; i < KEYS; i++)
		keys[i] = i == KEYS - 2   ? key_of(LARGE)
			  : i == KEYS - 1 ? key_of(GREATEST)
					  : EVP_EC_gen("P-256");
	for (int i = 0; i < CARDS; i++)
		card_make(&deck[i], keys, i + 1, &cards[i]);
	for (int i = 0; i < KEYS; i++)
		EVP_PKEY_free(keys[i]);
}

/* ---- what must hold ---- */

static void
cost_check(void)
{
	assert(cost.checks <= LIMIT_CHECKS);
	assert(cost.bits <= LIMIT_CA_BITS);
	assert(cost.comparisons <= COMPARISONS);
}

/* The certificate of a card, borrowed from nobody. */
static X509 *
card_read(size_t card)
{
	BIO *bio = BIO_new_mem_buf(cards[card].data, (int)cards[card].len);
	X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	assert(x509 != NULL);
	BIO_free(bio);
	return x509;
}

static bool
is_issued(size_t child, size_t issuer)
{
	X509 *a = card_read(child);
	X509 *b = card_read(issuer);
	bool is_so = NEXT(X509_check_issued)(b, a) == X509_V_OK &&
		     NEXT(X509_verify)(a, X509_get0_pubkey(b)) == 1;

	X509_free(a);
	X509_free(b);
	ERR_clear_error();
	return is_so;
}

static size_t
card_of(const struct cert *cert)
{
	static uint8_t digests[CARDS][EVP_MAX_MD_SIZE];
	static bool is_made;
	size_t card = 0;

	for (size_t i = 0; i < CARDS && !is_made; i++) {
		X509 *x509 = card_read(i);

		(void)X509_digest(x509, EVP_sha256(), digests[i], NULL);
		X509_free(x509);
	}
	is_made = true;
	while (memcmp(digests[card], cert->part[CERT_SELECTOR_CERT].sha256,
		   32) != 0) {
		card++;
		assert(card < CARDS);
	}
	return card;
}

/* By signatures that are checked here, each pair once. */
static void
chain_check(const struct chain *chain)
{
	static signed char known[CARDS][CARDS]; /* 0: not yet */
	size_t child = card_of(chain->leaf);

	for (size_t i = 0; i < chain->ca_count; i++) {
		size_t issuer = card_of(chain->ca[i]);

		if (known[child][issuer] == 0)
			known[child][issuer] = is_issued(child, issuer) ? 1
									: -1;
		assert(known[child][issuer] == 1);
		child = issuer;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problem problem = { "" };
	struct buf text = { 0 };
	struct chain *chain[2] = { NULL, NULL };
	struct ca_pool pool;

	if (cards[0].len == 0)
		deck_make();
	for (size_t i = 0; i < size && i < CERTS_READ; i++)
		buf_add(&text, cards[data[i] % CARDS].data,
		    cards[data[i] % CARDS].len);
	ca_pool_init(&pool);
	/* Again from a pool that knows who issued whom: that costs no more. */
	for (int i = 0; i < 2; i++) {
		struct problem remark = { "" };

		cost = (struct cost){ 0 };
		(void)chain_parse(&pool, text.data, text.len, false, &chain[i],
		    &remark, &problem);
		cost_check();
		assert(ERR_peek_error() == 0);
		if (chain[i] != NULL)
			chain_check(chain[i]);
	}
	assert((chain[0] != NULL) == (chain[1] != NULL));
	chain_unref(chain[0]);
	chain_unref(chain[1]);
	ca_pool_fini(&pool);
	buf_fini(&text);
	return 0;
}
