/* SPDX-License-Identifier: MIT */
#include "issuer.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "mem.h"
#include "pem.h"

/* Find the CA of the same key, to be changed. */
static struct issuer *
find_key(struct issuer_set *set, const struct cert *cert)
{
	const uint8_t *digest = cert->part[CERT_SELECTOR_SPKI].sha256;

	for (size_t i = 0; i < set->count; i++) {
		const struct cert *other = set->list[i].cert;

		if (memcmp(other->part[CERT_SELECTOR_SPKI].sha256, digest,
			sizeof(other->part[CERT_SELECTOR_SPKI].sha256)) == 0)
			return &set->list[i];
	}
	return NULL;
}

/* Add a certificate (its reference passes); of one key, the last to expire. */
static enum status
add_cert(struct issuer_set *set, struct cert *cert, struct problem *problem)
{
	struct issuer *known = find_key(set, cert);
	struct cert *surplus = cert;

	if (known == NULL && set->count == LIMIT_ISSUERS) {
		problem_set(problem, "more than %d CAs", LIMIT_ISSUERS);
		cert_unref(cert);
		return STATUS_LIMIT;
	}
	if (known == NULL) {
		issuer_set_add(
		    set, mem_string(cert->subject), ISSUER_ACTIVE, cert);
		return STATUS_OK;
	}
	if (cert->not_after > known->cert->not_after) {
		surplus = known->cert;
		known->cert = cert;
		free(known->name);
		known->name = mem_string(cert->subject);
	}
	cert_unref(surplus);
	return STATUS_OK;
}

static enum status
take_cert(void *arg, const uint8_t *der, long len, struct problem *problem)
{
	struct issuer_set *set = arg;
	const uint8_t *at = der;
	X509 *x509 = d2i_X509(NULL, &at, len);
	enum status status = STATUS_MALFORMED;
	struct cert *cert = NULL;

	if (x509 == NULL || at != der + len)
		problem_set(problem, "bad DER");
	else
		status = cert_new(x509, true, &cert, problem);
	X509_free(x509);
	ERR_clear_error();
	if (status == STATUS_OK && !cert->is_ca) {
		problem_set(problem, "is no CA certificate; only those of "
				     "CAs belong here");
		cert_unref(cert);
		return STATUS_MALFORMED;
	}
	return status == STATUS_OK ? add_cert(set, cert, problem) : status;
}

enum status
issuer_set_parse_pem(const char *name, const char *file, const char *text,
    size_t len, struct issuer_set **ret_set, struct problem *problem)
{
	struct issuer_set *set;
	enum status status;

	if (len > LIMIT_ISSUER_FILE) {
		problem_set(problem, "%s: larger than %d octets", file,
		    LIMIT_ISSUER_FILE);
		return STATUS_LIMIT;
	}
	set = issuer_set_new(name, file);
	set->provider = mem_string(name);
	status = pem_read_certs(text, len, take_cert, set, problem);
	if (status != STATUS_OK) {
		problem_prefix(problem, "%s", file);
		issuer_set_unref(set);
		return status;
	}
	*ret_set = set;
	return STATUS_OK;
}
