/* SPDX-License-Identifier: MIT */
/*
 * libcrypto decodes the public key along with the certificate.  For that it
 * goes, until 3.2 anew for each key, through all decoders that its provider
 * has, more than a hundred, which costs several times what the rest does.  So
 * there is a library context with a provider of our own, which is the default
 * one but for those of its decoders that no certificate has a use for.
 */
#include "decoder.h"

#include <assert.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <string.h>

/* Keys that certificates of servers have; each is decoded in one way or two. */
static const char *const keys[] = { "RSA", "RSA-PSS", "EC", "ED25519",
	"ED448" };

enum { KEYS = sizeof(keys) / sizeof(keys[0]), OPERATIONS_MAX = 2 * KEYS };

/* What libcrypto asks by functions that are told of nothing of ours. */
static struct {
	OSSL_PROVIDER *whole;
	OSSL_ALGORITHM decoders[OPERATIONS_MAX + 1];
	OSSL_ALGORITHM keys[OPERATIONS_MAX + 1];
	OSSL_LIB_CTX *context;
	bool is_made;
} lean;

/* Its functions belong to the default provider's context, which is passed. */
static const OSSL_ALGORITHM *
lean_query(void *context, int operation, int *ret_no_cache)
{
	(void)context;
	*ret_no_cache = 0;
	if (operation == OSSL_OP_DECODER)
		return lean.decoders;
	if (operation == OSSL_OP_KEYMGMT)
		return lean.keys;
	return OSSL_PROVIDER_query_operation(
	    lean.whole, operation, ret_no_cache);
}

static int
lean_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
    const OSSL_DISPATCH **ret_out, void **ret_context)
{
	static const OSSL_DISPATCH dispatch[] = {
		{ OSSL_FUNC_PROVIDER_QUERY_OPERATION,
		    (void (*)(void))lean_query },
		{ 0, NULL },
	};

	(void)handle;
	(void)in;
	*ret_out = dispatch;
	*ret_context = OSSL_PROVIDER_get0_provider_ctx(lean.whole);
	return 1;
}

/* Whether it is of such a key: names lie one behind the other. */
static bool
is_of_key(const OSSL_ALGORITHM *algorithm)
{
	size_t len = strcspn(algorithm->algorithm_names, ":");

	for (size_t i = 0; i < KEYS; i++)
		if (strlen(keys[i]) == len &&
		    strncmp(algorithm->algorithm_names, keys[i], len) == 0)
			return true;
	return false;
}

/* Keep what is of such keys, and has all of `properties`; false: nothing. */
static bool
choose(int operation, const char *input, const char *structure,
    OSSL_ALGORITHM *list)
{
	int no_cache = 0;
	size_t count = 0;
	const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(
	    lean.whole, operation, &no_cache);

	for (; all != NULL && all->algorithm_names != NULL; all++)
		if (count < OPERATIONS_MAX && is_of_key(all) &&
		    strstr(all->property_definition, input) != NULL &&
		    strstr(all->property_definition, structure) != NULL)
			list[count++] = *all;
	return count > 0;
}

/* NULL: libcrypto has no such thing, and its own context has to do. */
static OSSL_LIB_CTX *
lean_context(void)
{
	OSSL_LIB_CTX *base;
	OSSL_LIB_CTX *context;

	if (lean.is_made)
		return lean.context;
	lean.is_made = true;
	base = OSSL_LIB_CTX_new();
	lean.whole = OSSL_PROVIDER_load(base, "default");
	context = OSSL_LIB_CTX_new();
	if (lean.whole != NULL &&
	    choose(OSSL_OP_DECODER, "input=der",
		"structure=SubjectPublicKeyInfo", lean.decoders) &&
	    choose(OSSL_OP_KEYMGMT, "", "", lean.keys) &&
	    OSSL_PROVIDER_add_builtin(context, "lean", lean_init) == 1 &&
	    OSSL_PROVIDER_load(context, "lean") != NULL)
		lean.context = context;
	return lean.context;
}

static X509 *
decode(X509 *x509, const uint8_t *der, long len, bool is_trusted)
{
	X509 **at = x509 != NULL ? &x509 : NULL;
	X509 *decoded = is_trusted ? d2i_X509_AUX(at, &der, len)
				   : d2i_X509(at, &der, len);

	if (decoded == NULL)
		X509_free(x509);
	return decoded;
}

X509 *
decoder_x509(const uint8_t *der, long len, bool is_trusted)
{
	OSSL_LIB_CTX *context = lean_context();
	X509 *x509 = context != NULL ? X509_new_ex(context, NULL) : NULL;

	if (x509 != NULL)
		x509 = decode(x509, der, len, is_trusted);
	/* Whoever configured libcrypto may have given it keys of other kinds.
	 */
	if (x509 == NULL || X509_get0_pubkey(x509) == NULL) {
		X509_free(x509);
		x509 = decode(NULL, der, len, is_trusted);
	}
	ERR_clear_error();
	return x509;
}
