/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a table of issuers and as a PEM file of them: refused with one
 * line that names the place, or accepted, and then there is no CA without the
 * digest that TLSA records are made of.
 */
#include <assert.h>
#include <ctype.h>
#include <openssl/err.h>
#include <stdint.h>
#include <string.h>

#include "issuers/issuer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_set(const struct issuer_set *set)
{
	assert(set->count > 0 && set->provider != NULL);
	for (size_t i = 0; i < set->count; i++) {
		const struct issuer *issuer = &set->list[i];
		const struct cert_part *spki = &issuer->cert
						    ->part[CERT_SELECTOR_SPKI];

		assert(issuer->cert->is_ca && issuer->cert->refs == 1);
		assert(spki->is_known && spki->sha512 != NULL);
		assert(issuer_set_find(set, spki->sha256) == issuer);
		assert(strpbrk(issuer->name, "\n\r\t") == NULL);
	}
	(void)issuer_set_concern(set, INT64_MAX, NULL);
	(void)issuer_set_concern(set, 0, NULL);
}

static void
check_problem(const struct problem *problem)
{
	assert(strncmp(problem->text, "f:", 2) == 0);
	assert(strpbrk(problem->text, "\n\r\t") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct issuer_set *set = NULL;
	struct problem problem = { "" };

	if (issuer_set_parse("n", "f", text, size, &set, &problem) ==
	    STATUS_OK) {
		check_set(set);
		assert(set->name[0] == 'n' && set->date > 0);
		issuer_set_unref(set);
	} else {
		check_problem(&problem);
		assert(isdigit((unsigned char)problem.text[2]));
	}
	if (issuer_set_parse_pem("n", "f", text, size, &set, &problem) ==
	    STATUS_OK) {
		check_set(set);
		issuer_set_unref(set);
	} else {
		check_problem(&problem);
	}
	assert(ERR_peek_error() == 0);
	return 0;
}
