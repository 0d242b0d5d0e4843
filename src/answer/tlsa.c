/* SPDX-License-Identifier: MIT */
#include "answer/tlsa.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* RDLENGTH is 16 bits; usage, selector and matching type take three octets. */
enum { DATA_MAX = 65535 - 3 };

enum { SHA256_LEN = 32, SHA512_LEN = 64 };

/* RDATA with a digest is shorter; what is longer is known by its own digest. */
enum { KEY_MAX = 256 };

/* Matching types (RFC 6698 s2.1.3, names RFC 7218 s2.3). */
enum { MATCHING_FULL, MATCHING_SHA2_256, MATCHING_SHA2_512 };

static void
pool_free(void *value)
{
	tlsa_unref(value);
}

static bool
pool_is_unused(const void *value)
{
	const struct tlsa *tlsa = value;

	return tlsa->refs == 1;
}

void
tlsa_pool_init(struct tlsa_pool *pool)
{
	intern_init(&pool->texts, pool_free, pool_is_unused);
}

void
tlsa_pool_fini(struct tlsa_pool *pool)
{
	intern_fini(&pool->texts);
}

static enum status
data_add(const struct cert_part *part, unsigned matching, struct buf *text)
{
	assert(matching <= MATCHING_SHA2_512);
	if (!part->is_known)
		return STATUS_ABSENT;
	if (matching == MATCHING_SHA2_256) {
		buf_add_hex(text, part->sha256, sizeof(part->sha256));
		return STATUS_OK;
	}
	if (matching == MATCHING_SHA2_512) {
		if (part->sha512 == NULL)
			return STATUS_ABSENT;
		buf_add_hex(text, part->sha512, SHA512_LEN);
		return STATUS_OK;
	}
	if (part->der == NULL)
		return STATUS_ABSENT;
	if (part->der_len > DATA_MAX)
		return STATUS_LIMIT;
	buf_add_hex(text, part->der, part->der_len);
	return STATUS_OK;
}

/* Return one reference to the RDATA with this text. */
static struct tlsa *
pool_take(struct tlsa_pool *pool, struct record_type type, const char *text,
    size_t len)
{
	uint8_t digest[SHA256_LEN];
	const void *key = text;
	size_t key_len = len;
	struct tlsa *tlsa;

	/* A certificate in full is too long for a key. */
	if (len > KEY_MAX) {
		if (EVP_Digest(text, len, digest, NULL, EVP_sha256(), NULL) !=
		    1)
			abort();
		key = digest;
		key_len = sizeof(digest);
	}
	tlsa = intern_get(&pool->texts, key, key_len);
	if (tlsa == NULL) {
		tlsa = mem_new(sizeof(*tlsa) + len + 1);
		tlsa->refs = 1;
		tlsa->type = type;
		tlsa->len = len;
		memcpy(tlsa->text, text, len);
		intern_add(&pool->texts, key, key_len, tlsa);
	}
	return tlsa_ref(tlsa);
}

enum status
tlsa_associate(struct tlsa_pool *pool, const struct cert *cert,
    struct record_type type, struct tlsa **ret_tlsa)
{
	struct buf text = { 0 };
	enum status status;

	assert(type.usage <= 3 && type.selector < CERT_SELECTORS);
	buf_add_format(
	    &text, "%u %u %u ", type.usage, type.selector, type.matching);
	status = data_add(&cert->part[type.selector], type.matching, &text);
	if (status == STATUS_OK)
		*ret_tlsa = pool_take(pool, type, text.data, text.len);
	buf_fini(&text);
	return status;
}

enum status
tlsa_parse(struct tlsa_pool *pool, const char *text, struct tlsa **ret_tlsa)
{
	static const size_t lengths[] = {
		[MATCHING_SHA2_256] = 64, [MATCHING_SHA2_512] = 128
	};
	struct record_type type;
	size_t len = strlen(text);
	size_t data = len > 6 ? len - 6 : 0;

	if (data == 0 || text[0] < '0' || text[0] > '3' || text[1] != ' ' ||
	    text[2] < '0' || text[2] > '1' || text[3] != ' ' || text[4] < '0' ||
	    text[4] > '2' || text[5] != ' ' ||
	    strspn(text + 6, "0123456789abcdef") != data || data % 2 != 0)
		return STATUS_MALFORMED;
	type = (struct record_type){ (uint8_t)(text[0] - '0'),
		(uint8_t)(text[2] - '0'), (uint8_t)(text[4] - '0') };
	if (type.matching != MATCHING_FULL && data != lengths[type.matching])
		return STATUS_MALFORMED;
	*ret_tlsa = pool_take(pool, type, text, len);
	return STATUS_OK;
}

struct tlsa *
tlsa_ref(struct tlsa *tlsa)
{
	tlsa->refs++;
	return tlsa;
}

void
tlsa_unref(struct tlsa *tlsa)
{
	if (tlsa != NULL && --tlsa->refs == 0)
		free(tlsa);
}
