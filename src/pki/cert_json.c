/* SPDX-License-Identifier: MIT */
#include "pki/cert_json.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/wire.h"

enum { SHA256_LEN = 32, SHA512_LEN = 64 };

/* Members that one selector has; absent ones are not known or not kept. */
static const struct part_names {
	const char *sha256;
	const char *sha512;
	const char *der;
} part_names[CERT_SELECTORS] = {
	[CERT_SELECTOR_CERT] = { "cert", "cert_sha512", "cert_der" },
	[CERT_SELECTOR_SPKI] = { "spki", "spki_sha512", "spki_der" },
};

static void
part_encode(const struct cert_part *part, const struct part_names *names,
    json_t *object)
{
	if (part->is_known)
		wire_set(
		    object, names->sha256, wire_hex(part->sha256, SHA256_LEN));
	if (part->sha512 != NULL)
		wire_set(
		    object, names->sha512, wire_hex(part->sha512, SHA512_LEN));
	if (part->der != NULL)
		wire_set(
		    object, names->der, wire_base64(part->der, part->der_len));
}

static bool
part_decode(const json_t *object, const struct part_names *names,
    struct cert_part *part)
{
	const json_t *sha256 = json_object_get(object, names->sha256);
	const json_t *sha512 = json_object_get(object, names->sha512);
	const json_t *der = json_object_get(object, names->der);
	size_t len = 0;

	part->is_known = sha256 != NULL;
	if (sha256 != NULL && !wire_read_hex(sha256, part->sha256, SHA256_LEN))
		return false;
	if (sha512 != NULL) {
		part->sha512 = mem_new(SHA512_LEN);
		if (!wire_read_hex(sha512, part->sha512, SHA512_LEN))
			return false;
	}
	if (der != NULL)
		part->der = wire_read_base64(der, &len);
	part->der_len = (uint32_t)len;
	return der == NULL || part->der != NULL;
}

void
cert_json_encode(const struct cert *cert, json_t *object)
{
	json_t *names = json_array();

	for (size_t i = 0; i < CERT_SELECTORS; i++)
		part_encode(&cert->part[i], &part_names[i], object);
	wire_set(object, "subject", wire_text(cert->subject));
	wire_set(object, "issuer", wire_text(cert->issuer));
	for (size_t i = 0; i < cert->name_count; i++)
		wire_append(names, wire_text(cert->names[i]));
	wire_set(object, "names", names);
	wire_set(object, "key",
	    json_string(key_algorithm_text(cert->key_algorithm)));
	wire_set(object, "bits", json_integer(cert->key_bits));
	wire_set(object, "from", json_integer(cert->not_before));
	wire_set(object, "until", json_integer(cert->not_after));
	if (cert->is_ca)
		wire_set(object, "is_ca", json_true());
	if (cert->is_self_issued)
		wire_set(object, "is_self_issued", json_true());
	if (cert->is_staging)
		wire_set(object, "is_staging", json_true());
}

static bool
algorithm_decode(const json_t *value, enum key_algorithm *ret)
{
	const char *text = json_string_value(value);

	for (int i = 0; text != NULL && i <= KEY_OTHER; i++) {
		if (strcmp(text, key_algorithm_text((enum key_algorithm)i)) !=
		    0)
			continue;
		*ret = (enum key_algorithm)i;
		return true;
	}
	return false;
}

/* Return borrowed strings in a new array, or NULL. */
static const char **
names_decode(const json_t *array)
{
	size_t count = json_array_size(array);
	const char **names;

	if (!json_is_array(array) || count > LIMIT_CERT_NAMES)
		return NULL;
	names = mem_array(count, sizeof(*names));
	for (size_t i = 0; i < count; i++) {
		names[i] = wire_octets(json_array_get(array, i));
		/* A wildcard is a label: cert_covers() skips "*." blindly. */
		if (names[i] != NULL &&
		    (names[i][0] != '*' || names[i][1] == '.'))
			continue;
		free(names);
		return NULL;
	}
	return names;
}

/* Fill in all but the strings. */
static bool
facts_decode(const json_t *object, struct cert *cert)
{
	bool is_bad = false;

	for (size_t i = 0; i < CERT_SELECTORS; i++)
		if (!part_decode(object, &part_names[i], &cert->part[i]))
			return false;
	cert->key_bits = (unsigned)wire_number(
	    object, "bits", 0, UINT_MAX, &is_bad);
	cert->not_before = wire_number(
	    object, "from", INT64_MIN, INT64_MAX, &is_bad);
	cert->not_after = wire_number(
	    object, "until", INT64_MIN, INT64_MAX, &is_bad);
	cert->is_ca = json_is_true(json_object_get(object, "is_ca"));
	cert->is_self_issued = json_is_true(
	    json_object_get(object, "is_self_issued"));
	cert->is_staging = json_is_true(json_object_get(object, "is_staging"));
	return !is_bad && algorithm_decode(json_object_get(object, "key"),
			      &cert->key_algorithm);
}

struct cert *
cert_json_decode(json_t *object)
{
	const char *subject = wire_octets(json_object_get(object, "subject"));
	const char *issuer = wire_octets(json_object_get(object, "issuer"));
	const json_t *array = json_object_get(object, "names");
	const char **names;
	struct cert *cert;

	if (subject == NULL || issuer == NULL)
		return NULL;
	names = names_decode(array);
	if (names == NULL)
		return NULL;
	cert = cert_new_known(subject, issuer, names, json_array_size(array));
	free(names);
	if (facts_decode(object, cert))
		return cert;
	cert_unref(cert);
	return NULL;
}
