/* SPDX-License-Identifier: MIT */
/* The certificates of the store's model. */
#include "store_model.h"

#include <stdlib.h>

struct model_cert model_certs[MODEL_CERTS] = {
	{ .names = "a.example.org", .issuer = 0, .is_sent = true },
	{ .names = "a.example.org,b.example.org",
	    .issuer = 1,
	    .is_sent = true,
	    .day = 1 },
	{ .names = "b.example.org", .issuer = 0, .is_sent = true, .day = 2 },
	{ .names = "*.example.org", .issuer = 1, .is_sent = true, .day = 2 },
	{ .names = "*.example.com,a.example.org,*.example.org",
	    .issuer = 0,
	    .is_sent = true },
	{ .names = "x.example.com", .issuer = 0, .day = 3 },
	{ .names = "x.example.com,*.example.com",
	    .issuer = 1,
	    .is_sent = true,
	    .day = 1 },
	{ .names = "elsewhere.example,*.a.example.org",
	    .issuer = 0,
	    .is_sent = true,
	    .day = 4 },
};

struct pki model_issuers[MODEL_ISSUERS];

void
model_certs_make(void)
{
	for (size_t i = 0; i < MODEL_ISSUERS; i++)
		pki_make_ca(i > 0 ? "CA 1" : "CA 0", NULL, &model_issuers[i]);
	for (size_t i = 0; i < MODEL_CERTS; i++) {
		struct model_cert *cert = &model_certs[i];

		pki_make_leaf_at(cert->names, STAGE_NOW + cert->day * 86400,
		    &model_issuers[cert->issuer], &cert->pki);
		cert->leaf = pki_tlsa(&cert->pki, 3, 1, 1);
	}
}

void
model_certs_free(void)
{
	for (size_t i = 0; i < MODEL_ISSUERS; i++)
		pki_fini(&model_issuers[i]);
	for (size_t i = 0; i < MODEL_CERTS; i++) {
		pki_fini(&model_certs[i].pki);
		free(model_certs[i].leaf);
	}
}
