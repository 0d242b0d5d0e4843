/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "pki.h"
#include "pki/decoder.h"

/* What libcrypto makes of it by itself. */
static X509 *
plain_decode(const uint8_t *der, long len, bool is_trusted)
{
	X509 *x509 = is_trusted ? d2i_X509_AUX(NULL, &der, len)
				: d2i_X509(NULL, &der, len);

	ERR_clear_error();
	return x509;
}

/* Both say the same, of the key as well, and of who signed it. */
static void
assert_decoded(const uint8_t *der, long len, EVP_PKEY *issuer)
{
	for (int trusted = 0; trusted < 2; trusted++) {
		X509 *ours = decoder_x509(der, len, trusted);
		X509 *plain = plain_decode(der, len, trusted);
		const EVP_PKEY *key;

		assert_int_equal(ERR_peek_error(), 0);
		assert_int_equal(ours == NULL, plain == NULL);
		if (plain == NULL)
			continue;
		key = X509_get0_pubkey(ours);
		assert_int_equal(X509_cmp(ours, plain), 0);
		assert_int_equal(key == NULL, X509_get0_pubkey(plain) == NULL);
		if (key != NULL)
			assert_int_equal(
			    EVP_PKEY_eq(key, X509_get0_pubkey(plain)), 1);
		assert_int_equal(X509_check_purpose(ours, -1, 0),
		    X509_check_purpose(plain, -1, 0));
		assert_int_equal(
		    X509_verify(ours, issuer), X509_verify(plain, issuer));
		ERR_clear_error();
		X509_free(ours);
		X509_free(plain);
	}
}

/* Kinds of keys, also of those that no server has. */
static void
test_keys(void **state)
{
	static const char *const kinds[] = { "ED25519", "ED448", "X25519",
		"X448", "SM2" };
	struct pki ca;
	struct pki leaf;

	(void)state;
	pki_make_ca("R1", NULL, &ca);
	for (int key = PKI_ECDSA; key <= PKI_ED25519; key++) {
		uint8_t *der = NULL;
		int len;

		pki_make(&(struct pki_wish){ .subject = "a",
			     .key = (enum pki_key)key },
		    &ca, &leaf);
		len = i2d_X509(leaf.x509, &der);
		assert_decoded(der, len, ca.key);
		OPENSSL_free(der);
		pki_fini(&leaf);
	}
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i]);
		uint8_t *der = NULL;
		int len;

		print_message("# %s\n", kinds[i]);
		assert_non_null(key);
		pki_make(&(struct pki_wish){ .subject = "a", .reuse = key },
		    &ca, &leaf);
		len = i2d_X509(leaf.x509, &der);
		assert_decoded(der, len, ca.key);
		OPENSSL_free(der);
		pki_fini(&leaf);
		EVP_PKEY_free(key);
	}
	pki_fini(&ca);
}

/* Each octet of a certificate another one. */
static void
test_damaged(void **state)
{
	struct pki ca;
	struct pki leaf;
	uint8_t *der = NULL;
	int len;

	(void)state;
	pki_make_ca("R1", NULL, &ca);
	pki_make_leaf("a.example", &ca, &leaf);
	len = i2d_X509(leaf.x509, &der);
	for (int i = 0; i < len; i++) {
		der[i] ^= 0x41;
		assert_decoded(der, len, ca.key);
		der[i] ^= 0x41;
		assert_decoded(der, i, ca.key);
	}
	OPENSSL_free(der);
	pki_fini(&leaf);
	pki_fini(&ca);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
