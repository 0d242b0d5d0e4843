/* SPDX-License-Identifier: MIT */
#include "pki/cert.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/limit.h"
#include "base/mem.h"
#include "base/plain.h"

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

/* Add the name as people know it, its last CN, else all of it, and a NUL. */
static void
name_text(const X509_NAME *name, struct buf *text)
{
	int at = -1;
	int last = -1;
	unsigned char *utf8 = NULL;
	char *plain = NULL;
	char *line = NULL;
	int len = -1;

	while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
		last = at;
	if (last >= 0)
		len = ASN1_STRING_to_UTF8(&utf8,
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
	/* Also a NUL: "good.example\0.evil" is not "good.example". */
	if (len >= 0)
		plain = plain_text((const char *)utf8, (size_t)len);
	else if ((line = X509_NAME_oneline(name, NULL, 0)) != NULL)
		plain = plain_text(line, strlen(line));
	if (plain != NULL)
		buf_add_string(text, plain);
	buf_add(text, "", 1);
	OPENSSL_free(utf8);
	OPENSSL_free(line);
	free(plain);
}

/*
 * Let's Encrypt's staging CAs have "(STAGING) ..." as organization, the older
 * ones in the CN, and the first one was called "Fake LE".
 */
static bool
is_staging_name(const X509_NAME *name)
{
	static const char *const marks[] = { "(STAGING)", "Fake LE " };

	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		const ASN1_STRING *value = X509_NAME_ENTRY_get_data(
		    X509_NAME_get_entry(name, i));

		for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++) {
			size_t len = strlen(marks[m]);

			if ((size_t)ASN1_STRING_length(value) >= len &&
			    memcmp(ASN1_STRING_get0_data(value), marks[m],
				len) == 0)
				return true;
		}
	}
	return false;
}

static enum status
part_fill(struct cert_part *part, int len, uint8_t *der, bool keep_all,
    struct problem *problem)
{
	uint8_t sha512[64];

	if (len <= 0 || der == NULL ||
	    EVP_Digest(der, (size_t)len, part->sha256, NULL, EVP_sha256(),
		NULL) != 1 ||
	    EVP_Digest(der, (size_t)len, sha512, NULL, EVP_sha512(), NULL) !=
		1) {
		problem_set(problem, "cannot be encoded again as DER");
		return STATUS_MALFORMED;
	}
	part->is_known = true;
	if (keep_all) {
		part->sha512 = mem_copy(sha512, sizeof(sha512));
		part->der = mem_copy(der, (size_t)len);
		part->der_len = (uint32_t)len;
	}
	return STATUS_OK;
}

static enum status
parts_fill(
    struct cert *cert, X509 *x509, bool keep_all, struct problem *problem)
{
	uint8_t *whole = NULL;
	uint8_t *spki = NULL;
	int whole_len = i2d_X509(x509, &whole);
	int spki_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
	enum status status = part_fill(&cert->part[CERT_SELECTOR_CERT],
	    whole_len, whole, keep_all, problem);

	if (status == STATUS_OK)
		status = part_fill(&cert->part[CERT_SELECTOR_SPKI], spki_len,
		    spki, keep_all, problem);
	OPENSSL_free(whole);
	OPENSSL_free(spki);
	return status;
}

void
cert_set_key(struct cert *cert, EVP_PKEY *key)
{
	int id = EVP_PKEY_get_base_id(key);

	cert->key_algorithm = KEY_OTHER;
	if (id == EVP_PKEY_RSA || id == EVP_PKEY_RSA_PSS)
		cert->key_algorithm = KEY_RSA;
	else if (id == EVP_PKEY_EC)
		cert->key_algorithm = KEY_ECDSA;
	cert->key_bits = (unsigned)EVP_PKEY_get_bits(key);
}

static enum status
key_fill(struct cert *cert, X509 *x509, struct problem *problem)
{
	EVP_PKEY *key = X509_get0_pubkey(x509);

	if (key == NULL) {
		problem_set(problem, "public key cannot be decoded");
		return STATUS_MALFORMED;
	}
	cert_set_key(cert, key);
	return STATUS_OK;
}

/* Strings of one certificate, each with its NUL: subject, issuer, names. */
struct texts {
	struct buf data;
	size_t name_count;
};

/* Whether it is an address: all of its labels are numbers. */
static bool
is_address(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != '.' && !isdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* Add `text` if it reads as a DNS name; certificates hold other things too. */
static void
texts_add_name(struct texts *texts, const char *text, size_t len)
{
	const char *rest = text;
	struct dname parsed;

	if (len > 2 && text[0] == '*' && text[1] == '.')
		rest += 2;
	for (const char *c = rest; c < text + len; c++)
		if (!isalnum((unsigned char)*c) &&
		    (*c == '\0' || strchr("-._", *c) == NULL))
			return;
	if (is_address(rest, len - (size_t)(rest - text)) ||
	    dname_parse(rest, len - (size_t)(rest - text), &parsed) !=
		STATUS_OK)
		return;
	if (text[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++) {
		char c = (char)tolower((unsigned char)text[i]);

		buf_add(&texts->data, &c, 1);
	}
	buf_add(&texts->data, "", 1);
	texts->name_count++;
}

static enum status
texts_add_names(struct texts *texts, X509 *x509, struct problem *problem)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(
	    x509, NID_subject_alt_name, NULL, NULL);
	const char *subject = texts->data.data;
	char *copy;

	if (sk_GENERAL_NAME_num(names) > LIMIT_CERT_NAMES) {
		problem_set(
		    problem, "has more than %d names", LIMIT_CERT_NAMES);
		GENERAL_NAMES_free(names);
		return STATUS_LIMIT;
	}
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_IA5STRING *dns = name->d.dNSName;

		if (name->type == GEN_DNS && ASN1_STRING_length(dns) > 0)
			texts_add_name(texts,
			    (const char *)ASN1_STRING_get0_data(dns),
			    (size_t)ASN1_STRING_length(dns));
	}
	if (texts->name_count == 0 && strchr(subject, '.') != NULL) {
		/* Adding may move what is added. */
		copy = mem_string(subject);
		texts_add_name(texts, copy, strlen(copy));
		free(copy);
	}
	GENERAL_NAMES_free(names);
	return STATUS_OK;
}

/* Put all strings, and the pointers to them, into one piece of memory. */
static void
cert_set_texts(struct cert *cert, const struct texts *texts)
{
	size_t pointers = texts->name_count * sizeof(char *);
	char *text;

	cert->names = mem_new(pointers + texts->data.len);
	cert->name_count = (unsigned)texts->name_count;
	text = (char *)cert->names + pointers;
	memcpy(text, texts->data.data, texts->data.len);
	cert->subject = text;
	text += strlen(text) + 1;
	cert->issuer = text;
	for (size_t i = 0; i < cert->name_count; i++) {
		text += strlen(text) + 1;
		cert->names[i] = text;
	}
	/* Let's Encrypt's newer profiles leave the subject empty. */
	if (cert->subject[0] == '\0' && cert->name_count > 0)
		cert->subject = cert->names[0];
}

enum status
cert_new(
    X509 *x509, bool keep_all, struct cert **ret_cert, struct problem *problem)
{
	struct cert *cert = mem_new(sizeof(*cert));
	const X509_NAME *subject = X509_get_subject_name(x509);
	const X509_NAME *issuer = X509_get_issuer_name(x509);
	struct texts texts = { 0 };
	enum status status;

	cert->refs = 1;
	cert->is_self_issued = X509_NAME_cmp(subject, issuer) == 0;
	cert->is_staging = is_staging_name(issuer) || is_staging_name(subject);
	cert->is_ca = X509_check_ca(x509) > 0;
	cert->not_before = seconds_of(X509_get0_notBefore(x509));
	cert->not_after = seconds_of(X509_get0_notAfter(x509));
	name_text(subject, &texts.data);
	name_text(issuer, &texts.data);
	status = texts_add_names(&texts, x509, problem);
	if (status == STATUS_OK)
		status = parts_fill(cert, x509, keep_all, problem);
	if (status == STATUS_OK)
		status = key_fill(cert, x509, problem);
	cert_set_texts(cert, &texts);
	buf_fini(&texts.data);
	ERR_clear_error();
	if (status != STATUS_OK)
		cert_unref(cert);
	else
		*ret_cert = cert;
	return status;
}

void
cert_keep_x509(struct cert *cert, X509 *x509)
{
	(void)X509_up_ref(x509);
	cert->x509 = x509;
}

struct cert *
cert_new_known(const char *subject, const char *issuer,
    const char *const *names, size_t name_count)
{
	struct cert *cert = mem_new(sizeof(*cert));
	struct texts texts = { .name_count = name_count };

	cert->refs = 1;
	buf_add(&texts.data, subject, strlen(subject) + 1);
	buf_add(&texts.data, issuer, strlen(issuer) + 1);
	for (size_t i = 0; i < name_count; i++)
		buf_add(&texts.data, names[i], strlen(names[i]) + 1);
	cert_set_texts(cert, &texts);
	buf_fini(&texts.data);
	return cert;
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
	free(cert->names);
	for (size_t i = 0; i < CERT_SELECTORS; i++) {
		free(cert->part[i].sha512);
		free(cert->part[i].der);
	}
	X509_free(cert->x509);
	free(cert);
}

bool
cert_same_key(const struct cert *a, const struct cert *b)
{
	return memcmp(a->part[CERT_SELECTOR_SPKI].sha256,
		   b->part[CERT_SELECTOR_SPKI].sha256,
		   sizeof(a->part[0].sha256)) == 0;
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
