/* SPDX-License-Identifier: MIT */
#include "cert.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "limit.h"
#include "mem.h"

const char *
key_algorithm_text(enum key_algorithm algorithm)
{
	static const char *const text[] = {
		[KEY_RSA] = "RSA",
		[KEY_ECDSA] = "ECDSA",
		[KEY_OTHER] = "other",
	};

	return text[algorithm];
}

static int64_t
seconds_of(const ASN1_TIME *time)
{
	struct tm tm = { 0 };

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return -1;
	return (int64_t)timegm(&tm);
}

/* Return the name as people know it: its last CN, else all of it. */
static char *
name_text(X509_NAME *name)
{
	int at = -1;
	int last = -1;
	unsigned char *utf8 = NULL;
	char *text = NULL;
	char *line;

	while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
		last = at;
	if (last >= 0 &&
	    ASN1_STRING_to_UTF8(&utf8,
		X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last))) >= 0)
		text = mem_string((const char *)utf8);
	OPENSSL_free(utf8);
	if (text == NULL) {
		line = X509_NAME_oneline(name, NULL, 0);
		text = mem_string(line != NULL ? line : "");
		OPENSSL_free(line);
	}
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return text;
}

static enum status
part_fill(struct cert_part *part, int len, uint8_t *der, bool keep_der,
    struct problem *problem)
{
	enum status status = STATUS_MALFORMED;

	if (len > 0 && der != NULL &&
	    EVP_Digest(der, (size_t)len, part->sha256, NULL, EVP_sha256(),
		NULL) == 1 &&
	    EVP_Digest(
		der, (size_t)len, part->sha512, NULL, EVP_sha512(), NULL) == 1)
		status = STATUS_OK;
	else
		problem_set(problem, "cannot be encoded again as DER");
	if (status == STATUS_OK && keep_der) {
		part->der = mem_copy(der, (size_t)len);
		part->der_len = (size_t)len;
	}
	OPENSSL_free(der);
	return status;
}

static enum status
parts_fill(
    struct cert *cert, X509 *x509, bool keep_der, struct problem *problem)
{
	uint8_t *whole = NULL;
	uint8_t *spki = NULL;
	int whole_len = i2d_X509(x509, &whole);
	int spki_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
	enum status status = part_fill(&cert->part[CERT_SELECTOR_CERT],
	    whole_len, whole, keep_der, problem);
	enum status other = part_fill(
	    &cert->part[CERT_SELECTOR_SPKI], spki_len, spki, keep_der, problem);

	return status != STATUS_OK ? status : other;
}

static enum status
key_fill(struct cert *cert, X509 *x509, struct problem *problem)
{
	EVP_PKEY *key = X509_get0_pubkey(x509);
	int id;

	if (key == NULL) {
		problem_set(problem, "public key cannot be decoded");
		return STATUS_MALFORMED;
	}
	id = EVP_PKEY_get_base_id(key);
	cert->key_algorithm = KEY_OTHER;
	if (id == EVP_PKEY_RSA || id == EVP_PKEY_RSA_PSS)
		cert->key_algorithm = KEY_RSA;
	else if (id == EVP_PKEY_EC)
		cert->key_algorithm = KEY_ECDSA;
	cert->key_bits = (unsigned)EVP_PKEY_get_bits(key);
	return STATUS_OK;
}

/* Add `text` if it reads as a DNS name; certificates hold other things too. */
static void
name_add(struct cert *cert, const char *text, size_t len)
{
	const char *rest = text;
	struct dname parsed;
	char *name;

	if (memchr(text, '\0', len) != NULL)
		return;
	if (len > 2 && text[0] == '*' && text[1] == '.')
		rest += 2;
	for (const char *c = rest; c < text + len; c++)
		if (!isalnum((unsigned char)*c) && strchr("-._", *c) == NULL)
			return;
	if (dname_parse(rest, len - (size_t)(rest - text), &parsed) !=
	    STATUS_OK)
		return;
	name = mem_copy(text, len);
	if (name[len - 1] == '.')
		name[len - 1] = '\0';
	for (char *c = name; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	cert->names = mem_resize(
	    cert->names, cert->name_count + 1, sizeof(*cert->names));
	cert->names[cert->name_count++] = name;
}

static enum status
names_fill(struct cert *cert, X509 *x509, struct problem *problem)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(
	    x509, NID_subject_alt_name, NULL, NULL);
	enum status status = STATUS_OK;

	if (sk_GENERAL_NAME_num(names) > LIMIT_CERT_NAMES) {
		problem_set(
		    problem, "has more than %d names", LIMIT_CERT_NAMES);
		status = STATUS_LIMIT;
	}
	for (int i = 0; status == STATUS_OK && i < sk_GENERAL_NAME_num(names);
	     i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_IA5STRING *dns = name->d.dNSName;

		if (name->type == GEN_DNS && ASN1_STRING_length(dns) > 0)
			name_add(cert, (const char *)ASN1_STRING_get0_data(dns),
			    (size_t)ASN1_STRING_length(dns));
	}
	if (status == STATUS_OK && names == NULL && cert->subject[0] != '\0' &&
	    strchr(cert->subject, '.') != NULL)
		name_add(cert, cert->subject, strlen(cert->subject));
	GENERAL_NAMES_free(names);
	return status;
}

enum status
cert_new(
    X509 *x509, bool keep_der, struct cert **ret_cert, struct problem *problem)
{
	struct cert *cert = mem_new(sizeof(*cert));
	X509_NAME *subject = X509_get_subject_name(x509);
	X509_NAME *issuer = X509_get_issuer_name(x509);
	enum status status;

	cert->refs = 1;
	cert->subject = name_text(subject);
	cert->issuer = name_text(issuer);
	cert->is_self_issued = X509_NAME_cmp(subject, issuer) == 0;
	cert->is_ca = X509_check_ca(x509) > 0;
	cert->not_before = seconds_of(X509_get0_notBefore(x509));
	cert->not_after = seconds_of(X509_get0_notAfter(x509));
	status = parts_fill(cert, x509, keep_der, problem);
	if (status == STATUS_OK)
		status = key_fill(cert, x509, problem);
	if (status == STATUS_OK)
		status = names_fill(cert, x509, problem);
	if (status == STATUS_OK && cert->is_ca) {
		(void)X509_up_ref(x509);
		cert->x509 = x509;
	}
	ERR_clear_error();
	if (status != STATUS_OK)
		cert_unref(cert);
	else
		*ret_cert = cert;
	return status;
}

struct cert *
cert_ref(struct cert *cert)
{
	cert->refs++;
	return cert;
}

void
cert_unref(struct cert *cert)
{
	if (cert == NULL || --cert->refs > 0)
		return;
	for (size_t i = 0; i < cert->name_count; i++)
		free(cert->names[i]);
	free(cert->names);
	free(cert->subject);
	free(cert->issuer);
	for (size_t i = 0; i < CERT_SELECTORS; i++)
		free(cert->part[i].der);
	X509_free(cert->x509);
	free(cert);
}

bool
cert_covers(const struct cert *cert, const struct dname *host)
{
	struct dname name;

	for (size_t i = 0; i < cert->name_count; i++) {
		const char *text = cert->names[i];
		bool wildcard = text[0] == '*';

		if (wildcard)
			text += 2;
		if (dname_parse(text, strlen(text), &name) != STATUS_OK)
			continue;
		if (!wildcard && dname_equal(&name, host))
			return true;
		if (wildcard && host->len > 0 &&
		    dname_parent_len(host->key, host->len) == name.len &&
		    dname_is_within(host, &name))
			return true;
	}
	return false;
}
