/* SPDX-License-Identifier: MIT */
/*
 * A PEM file of CA certificates.  A comment line "# role: root" is the status
 * of the certificate below it, "# server: URL" an ACME directory of the set.
 */
#include "issuers/issuer.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "pki/pem.h"
#include "row.h"

/* What is read, and what its comments say. */
struct pem_set {
	struct issuer_set *set;
	size_t number; /* of certificates that were read */
	/* By the number of the certificate; ISSUER_STATUSES: not said. */
	enum issuer_status *roles;
	size_t role_count;
};

/* ---- comments ---- */

/* Return what follows "# key: ", or NULL. */
static const char *
mark_value(const char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, "# \t");
	if (strncmp(line, key, len) != 0 || line[len] != ':')
		return NULL;
	return line + len + 1 + strspn(line + len + 1, " \t");
}

/* One line, without its end; `role` is for the next certificate. */
static enum status
mark_read(struct pem_set *pem, const char *line, enum issuer_status *role,
    struct problem *problem)
{
	const char *value;

	if (strncmp(line, "-----BEGIN ", 11) == 0) {
		pem->roles = mem_resize(
		    pem->roles, pem->role_count + 1, sizeof(*pem->roles));
		pem->roles[pem->role_count++] = *role;
		*role = ISSUER_STATUSES;
	}
	if (line[0] != '#')
		return STATUS_OK;
	value = mark_value(line, "server");
	if (value != NULL)
		return issuer_server_read(pem->set, value, problem);
	value = mark_value(line, "role");
	return value != NULL ? issuer_status_read(value, role, problem)
			     : STATUS_OK;
}

static enum status
marks_read(
    struct pem_set *pem, const char *text, size_t len, struct problem *problem)
{
	enum issuer_status role = ISSUER_STATUSES;
	enum status status = STATUS_OK;
	const char *end = text + len;

	for (size_t number = 1; text < end && status == STATUS_OK; number++) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t rest = (size_t)((eol != NULL ? eol : end) - text);
		char *line;

		while (rest > 0 && strchr(" \t\r", text[rest - 1]) != NULL)
			rest--;
		line = mem_copy(text, rest);
		status = mark_read(pem, line, &role, problem);
		free(line);
		if (status != STATUS_OK)
			problem_prefix(
			    problem, "%s:%zu", pem->set->file, number);
		text = eol != NULL ? eol + 1 : end;
	}
	return status;
}

/* ---- certificates ---- */

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
add_cert(struct pem_set *pem, struct cert *cert, struct problem *problem)
{
	struct issuer_set *set = pem->set;
	enum issuer_status role = pem->number <= pem->role_count
				      ? pem->roles[pem->number - 1]
				      : ISSUER_STATUSES;
	struct issuer *known = find_key(set, cert);
	struct cert *surplus = cert;

	if (known == NULL && set->count == LIMIT_ISSUERS) {
		problem_set(problem, "more than %d CAs", LIMIT_ISSUERS);
		cert_unref(cert);
		return STATUS_LIMIT;
	}
	if (known == NULL) {
		issuer_set_add(set, mem_string(cert->subject),
		    role != ISSUER_STATUSES ? role : ISSUER_ACTIVE, cert);
		return STATUS_OK;
	}
	if (role != ISSUER_STATUSES)
		known->status = role;
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
	struct pem_set *pem = arg;
	const uint8_t *at = der;
	X509 *x509 = d2i_X509(NULL, &at, len);
	enum status status = STATUS_MALFORMED;
	struct cert *cert = NULL;

	pem->number++;
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
	return status == STATUS_OK ? add_cert(pem, cert, problem) : status;
}

enum status
issuer_set_parse_pem(const char *name, const char *file, const char *text,
    size_t len, struct issuer_set **ret_set, struct problem *problem)
{
	struct pem_set pem = { 0 };
	enum status status;

	if (len > LIMIT_ISSUER_FILE) {
		problem_set(problem, "%s: larger than %d octets", file,
		    LIMIT_ISSUER_FILE);
		return STATUS_LIMIT;
	}
	pem.set = issuer_set_new(name, file);
	pem.set->provider = mem_string(name);
	status = marks_read(&pem, text, len, problem);
	if (status == STATUS_OK) {
		status = pem_read_certs(text, len, take_cert, &pem, problem);
		if (status != STATUS_OK)
			problem_prefix(problem, "%s", file);
	}
	free(pem.roles);
	if (status == STATUS_OK)
		*ret_set = pem.set;
	else
		issuer_set_unref(pem.set);
	return status;
}
