/* SPDX-License-Identifier: MIT */
/*
 * Any octets as the file of a chain: refused with a reason, or a chain in
 * which each certificate issued the one before it; the same octets give the
 * same again from a pool that knows the CAs, and nothing stays in libcrypto's
 * error queue.  What a server makes of it is for fuzz_server.
 */
#include <assert.h>
#include <openssl/err.h>
#include <stdint.h>
#include <string.h>

#include "base/limit.h"
#include "pki/chain.h"
#include "remember.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_cert(const struct cert *cert)
{
	assert(cert->subject != NULL && cert->issuer != NULL);
	assert(cert->name_count <= LIMIT_CERT_NAMES);
	for (size_t i = 0; i < cert->name_count; i++)
		for (const char *c = cert->names[i]; *c != '\0'; c++)
			assert(*c > ' ' && *c < 0x7f &&
			       strchr("\\\"", *c) == NULL);
}

static void
check_chain(const struct chain *chain)
{
	assert(chain->refs == 1);
	assert(chain->ca_count < LIMIT_CHAIN);
	check_cert(chain->leaf);
	for (size_t i = 0; i < chain->ca_count; i++) {
		const struct cert *child = i > 0 ? chain->ca[i - 1]
						 : chain->leaf;

		check_cert(chain->ca[i]);
		assert(chain->ca[i]->is_ca);
		assert(strcmp(child->issuer, chain->ca[i]->subject) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct chain *chain[2] = { NULL, NULL };
	struct problem problem[2] = { { "" }, { "" } };
	struct problem remark = { "" };
	enum status status[2];
	struct ca_pool pool;

	ca_pool_init(&pool);
	for (int i = 0; i < 2; i++) {
		status[i] = chain_parse(&pool, (const char *)data, size, i == 1,
		    &chain[i], &remark, &problem[i]);
		assert(strpbrk(remark.text, "\n\r\t\x1b") == NULL);
		assert(ERR_peek_error() == 0);
		assert((status[i] == STATUS_OK) == (chain[i] != NULL));
		assert(
		    (status[i] == STATUS_OK) == (problem[i].text[0] == '\0'));
		assert(strpbrk(problem[i].text, "\n\r\t\x1b") == NULL);
	}
	assert(status[0] == status[1]);
	assert(strcmp(problem[0].text, problem[1].text) == 0);
	if (status[0] == STATUS_OK) {
		check_chain(chain[0]);
		check_chain(chain[1]);
		assert(chain_equal(chain[0], chain[1]));
	}
	chain_unref(chain[0]);
	chain_unref(chain[1]);
	ca_pool_fini(&pool);
	return 0;
}
