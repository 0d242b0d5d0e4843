/* SPDX-License-Identifier: MIT */
/*
 * Any TLSA RRset against any chain that a server might present.  Where a record
 * of usage 3 is said to match, it does by our own arithmetic, and what matches
 * could be used; the same again gives the same; nothing stays in libcrypto's
 * error queue.
 *
 * The first octet is how it is asked; then lines of RDATA up to an empty one,
 * and the certificates as PEM.
 */
#include <assert.h>
#include <openssl/err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limit.h"
#include "base/mem.h"
#include "net/dane_verify.h"
#include "net/signatures.h"
#include "remember.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1798761600 }; /* 2027-01-01: the seeds are valid */

/* Take the lines up to the empty one; returns where the rest begins. */
static size_t
rrset_take(const char *text, size_t size, struct texts *rrset)
{
	size_t at = 0;

	while (at < size) {
		const char *eol = memchr(text + at, '\n', size - at);
		size_t len = eol != NULL ? (size_t)(eol - text) - at
					 : size - at;
		char *line = mem_copy(text + at, len);

		if (len > 0)
			texts_add(rrset, line);
		free(line);
		at += len + (eol != NULL);
		if (len == 0)
			break;
	}
	return at;
}

/* Is it "U S M DATA", with this data for the leaf, worked out here? */
static bool
is_of(X509 *leaf, const char *record)
{
	enum { DATA = 6 }; /* where it begins */
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char *der = NULL;
	struct buf hex = { 0 };
	unsigned digest_len = 0;
	bool is_same;
	int len;

	if (strlen(record) < DATA)
		return false;
	len = record[2] == '0'
		  ? i2d_X509(leaf, &der)
		  : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &der);
	assert(len > 0);
	if (record[4] == '0')
		buf_add_hex(&hex, der, (size_t)len);
	else if (EVP_Digest(der, (size_t)len, digest, &digest_len,
		     record[4] == '1' ? EVP_sha256() : EVP_sha512(), NULL) == 1)
		buf_add_hex(&hex, digest, digest_len);
	is_same = strcmp(buf_text(&hex), record + DATA) == 0;
	buf_fini(&hex);
	OPENSSL_free(der);
	return is_same;
}

static void
check_match(const struct dane_wish *wish)
{
	bool is_so = false;

	for (size_t i = 0; i < wish->rrset->count; i++)
		is_so = is_so || (strncmp(wish->rrset->list[i], "3 ", 2) == 0 &&
				     is_of(sk_X509_value(wish->chain, 0),
					 wish->rrset->list[i]));
	assert(is_so);
}

static void
check(const struct dane_wish *wish)
{
	struct dane_verdict verdict;
	struct dane_verdict again;

	dane_verify(wish, &verdict);
	assert(ERR_peek_error() == 0);
	assert(verdict.reason != NULL && verdict.usable <= wish->rrset->count);
	assert(dane_word(verdict.outcome) != NULL);
	assert((verdict.outcome == DANE_UNUSABLE) == (verdict.usable == 0));
	assert(verdict.outcome == DANE_OK || verdict.usage == -1);
	if (verdict.outcome == DANE_OK) {
		assert(!wish->is_smtp || verdict.usage >= 2);
		assert(wish->usages == NULL ||
		       strchr(wish->usages, '0' + verdict.usage) != NULL);
		if (verdict.usage == 3)
			check_match(wish);
	}
	dane_verify(wish, &again);
	assert(again.outcome == verdict.outcome &&
	       again.usage == verdict.usage && again.usable == verdict.usable);
}

/* These depend on nothing that comes from outside. */
static void
check_signatures(void)
{
	static bool is_done;

	for (int i = KEY_RSA; i <= KEY_OTHER && !is_done; i++) {
		struct buf list = { 0 };

		signatures_list((enum key_algorithm)i, &list);
		assert(list.len > 0);
		buf_fini(&list);
	}
	is_done = true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const usages[] = { NULL, "2", "3", "23" };
	const char *text = (const char *)data + 1;
	struct texts rrset = { 0 };
	struct dane_wish wish = { .rrset = &rrset, .host = "a.example." };
	uint8_t digest[32];
	size_t at;

	if (size < 1)
		return 0;
	check_signatures();
	wish.is_smtp = (data[0] & 1) == 0;
	wish.usages = usages[data[0] >> 1 & 3];
	wish.domain = (data[0] & 8) != 0 ? "example." : NULL;
	wish.now = (data[0] & 16) != 0 ? INT64_C(4102444800) : NOW;
	at = rrset_take(text, size - 1, &rrset);
	wish.chain = dane_chain(text + at, size - 1 - at);
	assert(ERR_peek_error() == 0);
	if (wish.chain != NULL) {
		assert(sk_X509_num(wish.chain) > 0 &&
		       sk_X509_num(wish.chain) <= LIMIT_CHAIN);
		(void)dane_has_issuer(wish.chain);
		dane_digest(sk_X509_value(wish.chain, 0), digest);
		check(&wish);
		sk_X509_pop_free(wish.chain, X509_free);
	}
	texts_fini(&rrset);
	return 0;
}
