/* SPDX-License-Identifier: MIT */
#ifndef REMEMBER_H
#define REMEMBER_H

/*
 * For fuzzers of files of certificates: mutations leave most certificates of a
 * file as they are, and to decode one takes libcrypto thousands of allocations,
 * each dear under a sanitizer.  So a fuzzer remembers them by their octets, and
 * believes signatures, which fuzz_chain looks at.  A replay does neither, for
 * it is no fuzzer that calls.  To be included once in a program;
 * with REMEMBER_NO_SIGNATURES no signature is believed.
 */

#include <assert.h>
#include <dlfcn.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The function of libcrypto that the one of this program hides. */
#define NEXT(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

static bool is_fuzzing;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	is_fuzzing = true;
	return 0;
}

#ifndef REMEMBER_NO_SIGNATURES
int
X509_verify(X509 *x509, EVP_PKEY *key)
{
	return is_fuzzing ? key != NULL : NEXT(X509_verify)(x509, key);
}
#endif

static struct memory {
	unsigned char *der;
	long len;
	X509 *x509;
} memory[4096];

static struct memory *
memory_of(const unsigned char *der, long len)
{
	uint32_t hash = UINT32_C(2166136261);

	for (long i = 0; i < len; i++)
		hash = (hash ^ der[i]) * UINT32_C(16777619);
	return &memory[hash % (sizeof(memory) / sizeof(memory[0]))];
}

static void
memory_set(struct memory *it, const unsigned char *der, long len, X509 *x509)
{
	unsigned char *copy = malloc((size_t)len);

	assert(copy != NULL);
	memcpy(copy, der, (size_t)len);
	X509_free(it->x509);
	free(it->der);
	*it = (struct memory){ copy, len, x509 };
	(void)X509_up_ref(x509);
}

/* libcrypto's own functions call it as well. */
X509 *
d2i_X509(X509 **ret, const unsigned char **der, long len)
{
	const unsigned char *begin = *der;
	struct memory *it;
	X509 *x509;

	if (!is_fuzzing || len <= 0 || (ret != NULL && *ret != NULL))
		return NEXT(d2i_X509)(ret, der, len);
	it = memory_of(begin, len);
	if (it->x509 != NULL && it->len == len &&
	    memcmp(it->der, begin, (size_t)len) == 0) {
		(void)X509_up_ref(it->x509);
		*der += len;
		if (ret != NULL)
			*ret = it->x509;
		return it->x509;
	}
	x509 = NEXT(d2i_X509)(ret, der, len);
	/* To one with something behind it the caller may add that. */
	if (x509 != NULL && *der == begin + len)
		memory_set(it, begin, len, x509);
	return x509;
}

#endif
