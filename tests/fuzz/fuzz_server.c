/* SPDX-License-Identifier: MIT */
/*
 * Any octets as the file of a chain, for us and for a server of OpenSSL: what
 * it takes has that leaf, and it takes nothing that we find malformed.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "pki/chain.h"
#include "remember.h"
#include "server_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static SSL_CTX *server;
	struct chain *chain = NULL;
	struct problem problem = { "" };
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct ca_pool pool;
	enum status status;
	bool taken;

	/* To make one takes longer than all the rest. */
	if (server == NULL)
		server = SSL_CTX_new(TLS_server_method());
	assert(server != NULL);
	ca_pool_init(&pool);
	status = chain_parse(
	    &pool, (const char *)data, size, false, &chain, NULL, &problem);
	taken = server_file_take(server, data, size);
	if (taken && status == STATUS_OK)
		assert(X509_digest(SSL_CTX_get0_certificate(server),
			   EVP_sha256(), digest, NULL) == 1 &&
		       memcmp(chain->leaf->part[CERT_SELECTOR_CERT].sha256,
			   digest, 32) == 0);
	/* But for private keys, what is beyond the limits, and what is cut. */
	if (taken && status == STATUS_MALFORMED)
		assert(strstr(problem.text, "cut PEM block") != NULL);
	chain_unref(chain);
	ca_pool_fini(&pool);
	return 0;
}
