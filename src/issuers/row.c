/* SPDX-License-Identifier: MIT */
#include "row.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limit.h"
#include "base/mem.h"

enum { SHA256_LEN = 32, SHA512_LEN = 64, KEY_BITS_MAX = 65536 };

/* The fields of a row, in the order of the file. */
enum field {
	FIELD_NAME,
	FIELD_ALGORITHM,
	FIELD_BITS,
	FIELD_SHA256,
	FIELD_SHA512,
	FIELD_NOT_AFTER,
	FIELD_STATUS,
	FIELDS,
};

enum status
issuer_blame(struct problem *problem, const char *text, const char *what)
{
	enum { SHOWN_MAX = 80 };

	if (strlen(text) > SHOWN_MAX)
		problem_set(
		    problem, "a text of %zu octets %s", strlen(text), what);
	else
		problem_set(problem, "'%s' %s", text, what);
	return STATUS_MALFORMED;
}

enum status
issuer_time_read(const char *text, int64_t *ret_time)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	char again[sizeof(form)] = "";
	struct tm tm = { 0 };
	time_t seconds;

	if (strlen(text) != strlen(form))
		return STATUS_MALFORMED;
	for (size_t i = 0; i < strlen(form); i++) {
		if (form[i] == '0' ? !isdigit((unsigned char)text[i])
				   : text[i] != form[i])
			return STATUS_MALFORMED;
	}
	(void)strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	seconds = timegm(&tm);
	/* timegm(3) takes the 31st of April for the 1st of May. */
	if (gmtime_r(&seconds, &tm) != NULL)
		(void)strftime(again, sizeof(again), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (strcmp(again, text) != 0)
		return STATUS_MALFORMED;
	*ret_time = (int64_t)seconds;
	return STATUS_OK;
}

static enum status
key_read(char *const *fields, struct cert *cert, struct problem *problem)
{
	const char *algorithm = fields[FIELD_ALGORITHM];
	const char *bits = fields[FIELD_BITS];
	size_t digits = strspn(bits, "0123456789");
	enum key_algorithm known = KEY_RSA;

	while (known <= KEY_OTHER &&
	       strcmp(key_algorithm_text(known), algorithm) != 0)
		known++;
	if (known > KEY_OTHER)
		return issuer_blame(problem, algorithm,
		    "is not a key algorithm; use RSA, ECDSA or other");
	cert->key_algorithm = known;
	if (digits >= 1 && digits <= 5 && bits[digits] == '\0')
		cert->key_bits = (unsigned)strtoul(bits, NULL, 10);
	if (cert->key_bits < 1 || cert->key_bits > KEY_BITS_MAX)
		return issuer_blame(
		    problem, bits, "is not the size of a key in bits");
	return STATUS_OK;
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = memchr(digits, tolower((unsigned char)c), 16);

	return at != NULL ? (int)(at - digits) : -1;
}

/* Read exactly `len` octets of hexadecimal. */
static bool
hex_read(const char *text, uint8_t *octets, size_t len)
{
	if (strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		octets[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/*
 * A command that fails in front of sha256sum(1) leaves the digest of nothing,
 * which looks like any other one.
 */
static bool
is_of_nothing(const struct cert_part *part)
{
	static const uint8_t sha256[] = { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc,
		0x1c, 0x14 };
	static const uint8_t sha512[] = { 0xcf, 0x83, 0xe1, 0x35, 0x7e, 0xef,
		0xb8, 0xbd };

	return memcmp(part->sha256, sha256, sizeof(sha256)) == 0 ||
	       memcmp(part->sha512, sha512, sizeof(sha512)) == 0;
}

static enum status
digests_read(
    char *const *fields, struct cert_part *part, struct problem *problem)
{
	part->sha512 = mem_new(SHA512_LEN);
	if (!hex_read(fields[FIELD_SHA256], part->sha256, SHA256_LEN))
		return issuer_blame(problem, fields[FIELD_SHA256],
		    "is not a SHA-256 of 64 hexadecimal digits");
	if (!hex_read(fields[FIELD_SHA512], part->sha512, SHA512_LEN))
		return issuer_blame(problem, fields[FIELD_SHA512],
		    "is not a SHA-512 of 128 hexadecimal digits");
	if (is_of_nothing(part))
		return issuer_blame(problem, fields[FIELD_NAME],
		    "has the digest of nothing at all; the command that made "
		    "it failed");
	part->is_known = true;
	return STATUS_OK;
}

/* Either digest of another row: two rows of one key, or a slip of the hand. */
static bool
has_digest(const struct issuer_set *set, const struct cert_part *part)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct cert_part
		    *other = &set->list[i].cert->part[CERT_SELECTOR_SPKI];

		if (memcmp(other->sha256, part->sha256, SHA256_LEN) == 0 ||
		    memcmp(other->sha512, part->sha512, SHA512_LEN) == 0)
			return true;
	}
	return false;
}

enum status
issuer_status_read(
    const char *text, enum issuer_status *ret_status, struct problem *problem)
{
	for (enum issuer_status i = ISSUER_ACTIVE; i <= ISSUER_ROOT; i++) {
		if (strcmp(issuer_status_text(i), text) == 0) {
			*ret_status = i;
			return STATUS_OK;
		}
	}
	return issuer_blame(problem, text,
	    "is not a status; use active, backup, retired or root");
}

enum status
issuer_server_read(
    struct issuer_set *set, const char *value, struct problem *problem)
{
	static const char scheme[] = "https://";

	if (strncmp(value, scheme, strlen(scheme)) != 0 ||
	    strchr(value, ' ') != NULL)
		return issuer_blame(problem, value,
		    "is not the URL of an ACME directory; it begins with "
		    "https://");
	for (size_t i = 0; i < set->server_count; i++)
		if (strcmp(set->servers[i], value) == 0)
			return issuer_blame(problem, value, "is there twice");
	set->servers = mem_resize(
	    set->servers, set->server_count + 1, sizeof(*set->servers));
	set->servers[set->server_count++] = mem_string(value);
	return STATUS_OK;
}

/* Read all but the name. */
static enum status
fields_read(char *const *fields, struct cert *cert,
    enum issuer_status *ret_status, struct problem *problem)
{
	enum status status = key_read(fields, cert, problem);

	if (status == STATUS_OK)
		status = digests_read(
		    fields, &cert->part[CERT_SELECTOR_SPKI], problem);
	if (status == STATUS_OK && issuer_time_read(fields[FIELD_NOT_AFTER],
				       &cert->not_after) != STATUS_OK)
		status = issuer_blame(problem, fields[FIELD_NOT_AFTER],
		    "is not a time such as 2026-11-23T12:00:00Z");
	if (status == STATUS_OK)
		status = issuer_status_read(
		    fields[FIELD_STATUS], ret_status, problem);
	return status;
}

static enum status
row_add(struct issuer_set *set, char *const *fields, struct problem *problem)
{
	const char *name = fields[FIELD_NAME];
	enum issuer_status issuer_status = ISSUER_ACTIVE;
	enum status status;
	struct cert *cert;

	if (name[0] == '\0')
		return issuer_blame(problem, name, "is not a name of a CA");
	cert = cert_new_known(name, "", NULL, 0);
	cert->is_ca = true;
	status = fields_read(fields, cert, &issuer_status, problem);
	if (status == STATUS_OK &&
	    has_digest(set, &cert->part[CERT_SELECTOR_SPKI]))
		status = issuer_blame(problem, name,
		    "has a digest that an earlier row has; write one row for "
		    "each key");
	if (status == STATUS_OK)
		issuer_set_add(set, mem_string(name), issuer_status, cert);
	else
		cert_unref(cert);
	return status;
}

enum status
issuer_row_read(struct issuer_set *set, char *line, struct problem *problem)
{
	char *fields[FIELDS];
	size_t count = 0;
	char *field;

	while ((field = strsep(&line, "\t")) != NULL) {
		if (count < FIELDS)
			fields[count] = field;
		count++;
	}
	if (count != FIELDS) {
		problem_set(problem,
		    "a row of %zu fields; write %d with a tab between them: "
		    "name, algorithm, bits, SHA-256, SHA-512, not after, "
		    "status",
		    count, FIELDS);
		return STATUS_MALFORMED;
	}
	if (set->count == LIMIT_ISSUERS) {
		problem_set(problem, "more than %d CAs", LIMIT_ISSUERS);
		return STATUS_LIMIT;
	}
	return row_add(set, fields, problem);
}
