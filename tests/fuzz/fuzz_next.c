/* SPDX-License-Identifier: MIT */
/*
 * Any octets as the file of a staged key: refused with a reason, or a key of
 * which the digest is known; a private key never, and nothing stays in
 * libcrypto's error queue.
 */
#include <assert.h>
#include <openssl/err.h>
#include <stdint.h>
#include <string.h>

#include "pki/next_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct next_key *next, bool keep_all)
{
	const struct cert_part *spki = &next->cert->part[CERT_SELECTOR_SPKI];

	assert(next->cert->refs >= 1 && next->cert->subject != NULL);
	assert(spki->is_known);
	assert((spki->der != NULL) == keep_all);
	assert((spki->sha512 != NULL) == keep_all);
	assert(next->chain == NULL || next->chain->leaf == next->cert);
	/* Of a bare key there is no certificate. */
	assert((next->chain != NULL) ==
	       next->cert->part[CERT_SELECTOR_CERT].is_known);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char secret[] = "PRIVATE KEY-----";
	bool is_secret = memmem(data, size, secret, strlen(secret)) != NULL;
	struct ca_pool pool;

	ca_pool_init(&pool);
	for (int keep_all = 0; keep_all < 2; keep_all++) {
		struct next_key next = { 0 };
		struct problem problem = { "" };
		enum status status = next_key_parse(
		    &pool, (const char *)data, size, keep_all, &next, &problem);

		assert(ERR_peek_error() == 0);
		assert((status == STATUS_OK) == (problem.text[0] == '\0'));
		assert((status == STATUS_OK) == (next.cert != NULL));
		assert(!is_secret || status == STATUS_REFUSED ||
		       status == STATUS_LIMIT);
		if (status != STATUS_OK)
			continue;
		check(&next, keep_all);
		cert_unref(next.cert);
		chain_unref(next.chain);
	}
	ca_pool_fini(&pool);
	return 0;
}
