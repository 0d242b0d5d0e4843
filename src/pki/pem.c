/* SPDX-License-Identifier: MIT */
#include "pki/pem.h"

#include <assert.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One PEM block as libcrypto returns it. */
struct block {
	char *label;
	char *header;
	uint8_t *der;
	long len;
};

/*
 * A file that ends within "-----BEGIN CERTIFICATE-----" has no further block
 * for the PEM reader, and would pass for a shorter one.  So each line that
 * begins with dashes must belong to a block that was read.
 */
static size_t
dash_lines(const char *text, size_t len)
{
	static const char dashes[] = "-----";
	const char *end = text + len;
	size_t count = 0;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((eol != NULL ? eol : end) - text);
		size_t seen = line < strlen(dashes) ? line : strlen(dashes);

		/* A cut "--" at the very end counts as well. */
		if (seen > 0 && memcmp(text, dashes, seen) == 0 &&
		    (seen == strlen(dashes) || eol == NULL))
			count++;
		if (eol == NULL)
			break;
		text = eol + 1;
	}
	return count;
}

/* Read the next block; *ret_more is false at the end of the text. */
static enum status
block_read(
    BIO *bio, struct block *block, bool *ret_more, struct problem *problem)
{
	unsigned long error;

	*ret_more = PEM_read_bio(bio, &block->label, &block->header,
			&block->der, &block->len) == 1;
	if (*ret_more)
		return STATUS_OK;
	error = ERR_peek_last_error();
	ERR_clear_error();
	if (ERR_GET_REASON(error) == PEM_R_NO_START_LINE)
		return STATUS_OK;
	problem_set(problem, "bad or cut PEM block");
	return STATUS_MALFORMED;
}

static enum status
block_check(const struct block *block, struct problem *problem)
{
	if (strstr(block->label, "PRIVATE KEY") != NULL) {
		problem_set(problem, "holds a private key; put the "
				     "certificates into a file of their own");
		return STATUS_REFUSED;
	}
	if (strcmp(block->label, PEM_STRING_X509) != 0 &&
	    strcmp(block->label, PEM_STRING_X509_OLD) != 0) {
		problem_set(problem,
		    "is a PEM block '%.40s' instead of a certificate",
		    block->label);
		return STATUS_REFUSED;
	}
	return STATUS_OK;
}

static void
block_fini(struct block *block)
{
	OPENSSL_free(block->label);
	OPENSSL_free(block->header);
	/* It may have been a private key: leave nothing behind. */
	OPENSSL_clear_free(block->der, (size_t)block->len);
}

/* Read one block and hand it on. */
static enum status
block_take(BIO *bio, pem_take_fn *take, void *arg, bool *ret_more,
    struct problem *problem)
{
	struct block block = { 0 };
	enum status status;

	status = block_read(bio, &block, ret_more, problem);
	if (status == STATUS_OK && *ret_more) {
		status = block_check(&block, problem);
		if (status == STATUS_OK)
			status = take(arg, block.der, block.len, problem);
	}
	block_fini(&block);
	return status;
}

enum status
pem_read_certs(const char *text, size_t len, pem_take_fn *take, void *arg,
    struct problem *problem)
{
	enum status status;
	size_t number = 0;
	bool more = true;
	BIO *bio;

	assert(len <= INT_MAX);
	bio = BIO_new_mem_buf(len > 0 ? text : "", (int)len);
	if (bio == NULL)
		abort();
	do {
		number++;
		status = block_take(bio, take, arg, &more, problem);
	} while (status == STATUS_OK && more);
	BIO_free(bio);
	if (status == STATUS_OK && dash_lines(text, len) != 2 * (number - 1)) {
		problem_set(problem, "cut PEM block");
		status = STATUS_MALFORMED;
	}
	if (status != STATUS_OK)
		problem_prefix(problem, "certificate %zu", number);
	else if (number == 1) {
		problem_set(problem, "holds no certificate");
		status = STATUS_MALFORMED;
	}
	return status;
}

/* Who could be asked?  Without this, libcrypto asks at the terminal. */
int
pem_no_password(char *text, int size, int writing, void *arg)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}
