/* SPDX-License-Identifier: MIT */
#include "signatures.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <string.h>
#include <strings.h>

/* What is looked for, and what was found of it. */
struct search {
	enum key_algorithm algorithm;
	struct buf *list;
};

/* All that libssl knows by itself; free it with OPENSSL_free(). */
static char *
builtin(void)
{
#if OPENSSL_VERSION_NUMBER >= 0x30400000L
	return SSL_get1_builtin_sigalgs(NULL);
#else
	/* It cannot be asked; this is ssl/t1_lib.c of OpenSSL 3.0. */
	return OPENSSL_strdup(
	    "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:"
	    "ecdsa_secp521r1_sha512:ed25519:ed448:"
	    "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
	    "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
	    "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512:"
	    "rsa_pkcs1_sha1");
#endif
}

/* By its name in IANA's registry of TLS signature schemes (RFC 8446 s4.2.3). */
static enum key_algorithm
maker(const char *name)
{
	if (strncasecmp(name, "rsa_", 4) == 0)
		return KEY_RSA;
	if (strncasecmp(name, "ecdsa_", 6) == 0)
		return KEY_ECDSA;
	return KEY_OTHER;
}

static void
take(struct search *search, const char *name)
{
	if (maker(name) != search->algorithm)
		return;
	if (search->list->len > 0)
		buf_add_string(search->list, ":");
#if OPENSSL_VERSION_NUMBER >= 0x30300000L
	/* what the machine's configuration has switched off is no error */
	buf_add_string(search->list, "?");
#endif
	buf_add_string(search->list, name);
}

#ifdef OSSL_CAPABILITY_TLS_SIGALG_IANA_NAME
/* provider-base(7), CAPABILITIES: one algorithm that a provider brings. */
static int
capability_take(const OSSL_PARAM params[], void *arg)
{
	const OSSL_PARAM *param = OSSL_PARAM_locate_const(
	    params, OSSL_CAPABILITY_TLS_SIGALG_IANA_NAME);
	const char *name = NULL;

	if (param != NULL && OSSL_PARAM_get_utf8_string_ptr(param, &name) == 1)
		take(arg, name);
	return 1;
}

static int
provider_take(OSSL_PROVIDER *provider, void *arg)
{
	(void)OSSL_PROVIDER_get_capabilities(
	    provider, "TLS-SIGALG", capability_take, arg);
	return 1;
}
#endif

void
signatures_list(enum key_algorithm algorithm, struct buf *list)
{
	struct search search = { .algorithm = algorithm, .list = list };
	char *names = builtin();
	char *rest;

	for (char *name = names; name != NULL && *name != '\0'; name = rest) {
		rest = name + strcspn(name, ":");
		if (*rest != '\0')
			*rest++ = '\0';
		take(&search, name);
	}
	OPENSSL_free(names);
#ifdef OSSL_CAPABILITY_TLS_SIGALG_IANA_NAME
	(void)OSSL_PROVIDER_do_all(NULL, provider_take, &search);
#endif
}
