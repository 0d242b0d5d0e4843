/* SPDX-License-Identifier: MIT */
#include "pki/ca_pool.h"

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
	trie_init(&pool->failed, NULL);
}

void
ca_pool_fini(struct ca_pool *pool)
{
	intern_fini(&pool->certs);
	trie_fini(&pool->issued);
	trie_fini(&pool->failed);
}
