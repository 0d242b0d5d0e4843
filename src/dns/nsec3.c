/* SPDX-License-Identifier: MIT */
#include "dns/nsec3.h"

#include <ldns/ldns.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/dname.h"

/* Read a whole number and the blank behind it. */
static bool
number_read(const char **text, unsigned long max, unsigned long *ret_number)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	*ret_number = strtoul(*text, &end, 10);
	if (*end != ' ' || *ret_number > max)
		return false;
	*text = end + 1;
	return true;
}

static bool
salt_read(const char **text, struct nsec3 *nsec3)
{
	char hex[2 * NSEC3_SALT_MAX + 1];
	size_t len = strcspn(*text, " ");
	bool is_good = len == 1 && **text == '-';
	size_t octets = 0;

	if (!is_good && len > 0 && len < sizeof(hex)) {
		memcpy(hex, *text, len);
		hex[len] = '\0';
		is_good = OPENSSL_hexstr2buf_ex(nsec3->salt,
			      sizeof(nsec3->salt), &octets, hex, '\0') == 1;
		ERR_clear_error();
	}
	nsec3->salt_len = (uint8_t)octets;
	*text += len;
	return is_good;
}

enum status
nsec3_parse(const char *text, struct nsec3 *ret_nsec3, struct problem *problem)
{
	struct nsec3 nsec3 = { 0 };
	const char *rest = text;
	unsigned long algorithm;
	unsigned long flags;
	unsigned long iterations;

	if (!number_read(&rest, 255, &algorithm) ||
	    !number_read(&rest, 255, &flags) ||
	    !number_read(&rest, UINT16_MAX, &iterations) ||
	    !salt_read(&rest, &nsec3) ||
	    (*rest != '\0' && strcmp(rest, " narrow") != 0)) {
		problem_set(problem,
		    "'%.40s' is not \"ALGORITHM FLAGS ITERATIONS SALT\", with "
		    "or "
		    "without \" narrow\"; write \"1 0 0 -\"",
		    text);
		return STATUS_MALFORMED;
	}
	if (algorithm != 1 || iterations > NSEC3_ITERATIONS_MAX) {
		problem_set(problem,
		    "'%.40s' has %s; write \"1 0 0 -\" (RFC 9276)", text,
		    algorithm != 1 ? "another algorithm than 1"
				   : "too many iterations");
		return STATUS_REFUSED;
	}
	nsec3.iterations = (uint16_t)iterations;
	nsec3.is_narrow = *rest != '\0';
	*ret_nsec3 = nsec3;
	return STATUS_OK;
}

void
nsec3_format(const struct nsec3 *nsec3, struct buf *text)
{
	buf_add_format(text, "1 0 %u ", nsec3->iterations);
	if (nsec3->salt_len == 0)
		buf_add_string(text, "-");
	buf_add_hex(text, nsec3->salt, nsec3->salt_len);
	if (nsec3->is_narrow)
		buf_add_string(text, " narrow");
}

bool
nsec3_equal(const struct nsec3 *a, const struct nsec3 *b)
{
	return a->is_narrow == b->is_narrow && a->iterations == b->iterations &&
	       a->salt_len == b->salt_len &&
	       memcmp(a->salt, b->salt, a->salt_len) == 0;
}

/* RFC 5155 s5. */
void
nsec3_hash(const struct nsec3 *nsec3, const uint8_t *key, size_t len,
    uint8_t *ret_hash)
{
	uint8_t input[DNAME_WIRE_MAX + NSEC3_SALT_MAX];
	size_t input_len = dname_wire(key, len, input);

	for (unsigned i = 0; i <= nsec3->iterations; i++) {
		memcpy(input + input_len, nsec3->salt, nsec3->salt_len);
		if (EVP_Digest(input, input_len + nsec3->salt_len, ret_hash,
			NULL, EVP_sha1(), NULL) != 1)
			abort();
		memcpy(input, ret_hash, NSEC3_HASH);
		input_len = NSEC3_HASH;
	}
}

void
nsec3_label(const uint8_t *hash, struct buf *text)
{
	char label[NSEC3_LABEL + 1];

	(void)ldns_b32_ntop_extended_hex(
	    hash, NSEC3_HASH, label, sizeof(label));
	buf_add(text, label, NSEC3_LABEL);
}

bool
nsec3_label_parse(const char *text, size_t len, uint8_t *ret_hash)
{
	uint8_t hash[NSEC3_HASH];

	if (len == NSEC3_LABEL + 1 && text[NSEC3_LABEL] == '.')
		len--;
	if (len != NSEC3_LABEL || ldns_b32_pton_extended_hex(text, len, hash,
				      sizeof(hash)) != NSEC3_HASH)
		return false;
	memcpy(ret_hash, hash, sizeof(hash));
	return true;
}
