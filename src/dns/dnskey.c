/* SPDX-License-Identifier: MIT */
#include "dns/dnskey.h"

#include <ldns/ldns.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD_MAX = 2048, PROTOCOL = 3, DIGEST_SHA256 = 2 };

/* The octets of one field. */
struct field {
	uint8_t octet[FIELD_MAX];
	size_t len;
};

void
dnskey_generate(struct buf *content)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIGNUM *private = NULL;
	uint8_t octets[32];
	unsigned char text[4 * ((sizeof(octets) + 2) / 3) + 1];

	if (key == NULL ||
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &private) !=
		1 ||
	    BN_bn2binpad(private, octets, sizeof(octets)) < 0)
		abort();
	(void)EVP_EncodeBlock(text, octets, sizeof(octets));
	buf_add_format(content,
	    "Private-key-format: v1.2\n"
	    "Algorithm: 13 (ECDSAP256SHA256)\n"
	    "PrivateKey: %s\n",
	    (const char *)text);
	explicit_bzero(octets, sizeof(octets));
	explicit_bzero(text, sizeof(text));
	BN_clear_free(private);
	EVP_PKEY_free(key);
}

/* Return the value of the line "NAME: VALUE", or NULL. */
static const char *
line_find(const char *content, const char *name, size_t *ret_len)
{
	size_t len = strlen(name);

	for (const char *at = content; at != NULL;) {
		if (strncmp(at, name, len) == 0 && at[len] == ':') {
			at += len + 1;
			at += strspn(at, " \t");
			*ret_len = strcspn(at, "\r\n");
			return at;
		}
		at = strchr(at, '\n');
		if (at != NULL)
			at++;
	}
	return NULL;
}

/* Read the base64 of a field; false if there is none that is right. */
static bool
field_read(const char *content, const char *name, struct field *ret_field)
{
	size_t len = 0;
	const char *text = line_find(content, name, &len);
	int octets;

	if (text == NULL || len == 0 || len % 4 != 0 || len / 4 * 3 > FIELD_MAX)
		return false;
	octets = EVP_DecodeBlock(
	    ret_field->octet, (const unsigned char *)text, (int)len);
	if (octets < 0)
		return false;
	/* The decoder counts what stands for padding. */
	for (size_t i = 1; i <= 2 && text[len - i] == '='; i++)
		octets--;
	ret_field->len = (size_t)octets;
	return true;
}

static bool
append(struct dnskey *key, const void *data, size_t len)
{
	if (len > sizeof(key->rdata) - key->len)
		return false;
	memcpy(key->rdata + key->len, data, len);
	key->len += len;
	return true;
}

/* Exponent length, exponent, modulus (RFC 3110 s2). */
static bool
rsa_public(const char *content, int nid, struct dnskey *key)
{
	struct field modulus;
	struct field exponent;
	uint8_t one;

	(void)nid;
	if (!field_read(content, "Modulus", &modulus) ||
	    !field_read(content, "PublicExponent", &exponent) ||
	    exponent.len == 0 || exponent.len > UINT8_MAX)
		return false;
	one = (uint8_t)exponent.len;
	return append(key, &one, 1) &&
	       append(key, exponent.octet, exponent.len) &&
	       append(key, modulus.octet, modulus.len);
}

/* The point without the octet that says "uncompressed" (RFC 6605 s4). */
static bool
ecdsa_public(const char *content, int nid, struct dnskey *key)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
	EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
	BIGNUM *scalar = NULL;
	struct field private = { .len = 0 };
	uint8_t octets[1 + 2 * 48];
	size_t len = 0;

	if (point != NULL && field_read(content, "PrivateKey", &private)) {
		scalar = BN_bin2bn(private.octet, (int)private.len, NULL);
		if (scalar != NULL && !BN_is_zero(scalar) &&
		    BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0 &&
		    EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) == 1)
			len = EC_POINT_point2oct(group, point,
			    POINT_CONVERSION_UNCOMPRESSED, octets,
			    sizeof(octets), NULL);
	}
	explicit_bzero(&private, sizeof(private));
	BN_clear_free(scalar);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return len > 1 && append(key, octets + 1, len - 1);
}

static bool
eddsa_public(const char *content, int nid, struct dnskey *key)
{
	struct field private = { .len = 0 };
	EVP_PKEY *pair = NULL;
	uint8_t octets[57];
	size_t len = sizeof(octets);
	bool is_good;

	if (field_read(content, "PrivateKey", &private))
		pair = EVP_PKEY_new_raw_private_key(
		    nid, NULL, private.octet, private.len);
	is_good = pair != NULL &&
		  EVP_PKEY_get_raw_public_key(pair, octets, &len) == 1 &&
		  append(key, octets, len);
	explicit_bzero(&private, sizeof(private));
	EVP_PKEY_free(pair);
	return is_good;
}

static const struct {
	bool (*read)(const char *content, int nid, struct dnskey *key);
	int nid;
	uint8_t algorithm;
} algorithms[] = {
	{ rsa_public, 0, 5 },
	{ rsa_public, 0, 7 },
	{ rsa_public, 0, 8 },
	{ rsa_public, 0, 10 },
	{ ecdsa_public, NID_X9_62_prime256v1, DNSKEY_ECDSAP256SHA256 },
	{ ecdsa_public, NID_secp384r1, 14 },
	{ eddsa_public, EVP_PKEY_ED25519, 15 },
	{ eddsa_public, EVP_PKEY_ED448, 16 },
};

enum status
dnskey_parse(const char *content, uint16_t flags, struct dnskey *ret_key,
    struct problem *problem)
{
	size_t len = 0;
	const char *number = line_find(content, "Algorithm", &len);
	unsigned long algorithm = number != NULL ? strtoul(number, NULL, 10)
						 : 0;
	struct dnskey key = { .rdata = { (uint8_t)(flags >> 8), (uint8_t)flags,
				  PROTOCOL, (uint8_t)algorithm },
		.len = 4 };
	size_t at = 0;

	while (at < sizeof(algorithms) / sizeof(algorithms[0]) &&
	       algorithms[at].algorithm != algorithm)
		at++;
	if (at == sizeof(algorithms) / sizeof(algorithms[0])) {
		problem_set(problem, "a key of an unknown algorithm");
		return STATUS_REFUSED;
	}
	if (!algorithms[at].read(content, algorithms[at].nid, &key)) {
		ERR_clear_error();
		problem_set(problem,
		    "a key without what its algorithm %lu needs", algorithm);
		return STATUS_MALFORMED;
	}
	*ret_key = key;
	return STATUS_OK;
}

uint8_t
dnskey_algorithm(const struct dnskey *key)
{
	return key->rdata[3];
}

uint16_t
dnskey_tag(const struct dnskey *key)
{
	return ldns_calc_keytag_raw(key->rdata, key->len);
}

void
dnskey_ds(const struct dnskey *key, const struct dname *apex, struct buf *text)
{
	uint8_t input[DNAME_WIRE_MAX + DNSKEY_RDATA_MAX];
	size_t len = dname_wire(apex->key, apex->len, input);
	uint8_t digest[32];

	memcpy(input + len, key->rdata, key->len);
	if (EVP_Digest(
		input, len + key->len, digest, NULL, EVP_sha256(), NULL) != 1)
		abort();
	buf_add_format(text, "%u %u %d ", dnskey_tag(key),
	    dnskey_algorithm(key), DIGEST_SHA256);
	buf_add_hex(text, digest, sizeof(digest));
}
