/* SPDX-License-Identifier: MIT */
#include "net/dane_verify.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/chain_file.h"

static const struct {
	const char *word;
	const char *text;
} outcomes[] = {
#define X(id, word, text) [id] = { word, text },
	DANE_TABLE(X)
#undef X
};

const char *
dane_word(enum dane_outcome outcome)
{
	return outcomes[outcome].word;
}

const char *
dane_text(enum dane_outcome outcome)
{
	return outcomes[outcome].text;
}

/* Is the usage wanted, and one that clients of the service use? */
static bool
is_usable(const struct dane_wish *wish, char usage)
{
	if (wish->usages != NULL && strchr(wish->usages, usage) == NULL)
		return false;
	return !wish->is_smtp || usage == '2' || usage == '3';
}

/* "3 1 1 0b9f...": three digits, and octets in hexadecimal. */
static bool
is_record(const char *text)
{
	size_t len = strlen(text);

	return len > 6 && len % 2 == 0 && text[0] >= '0' && text[0] <= '9' &&
	       text[1] == ' ' && text[2] >= '0' && text[2] <= '9' &&
	       text[3] == ' ' && text[4] >= '0' && text[4] <= '9' &&
	       text[5] == ' ';
}

/* Returns 1 if OpenSSL can use it. */
static size_t
record_add(SSL *ssl, const struct dane_wish *wish, const char *text)
{
	uint8_t *data;
	size_t len;
	int added = 0;

	if (!is_record(text) || !is_usable(wish, text[0]))
		return 0;
	len = (strlen(text) - 6) / 2;
	data = mem_new(len);
	if (OPENSSL_hexstr2buf_ex(data, len, NULL, text + 6, '\0') == 1)
		added = SSL_dane_tlsa_add(ssl, (uint8_t)(text[0] - '0'),
		    (uint8_t)(text[2] - '0'), (uint8_t)(text[4] - '0'), data,
		    len);
	free(data);
	ERR_clear_error();
	return added > 0 ? 1 : 0;
}

static size_t
records_add(SSL *ssl, const struct dane_wish *wish)
{
	size_t usable = 0;

	for (size_t i = 0; i < wish->rrset->count; i++)
		usable += record_add(ssl, wish, wish->rrset->list[i]);
	return usable;
}

/* A name without its final dot, as certificates have it; free() it. */
static char *
name_plain(const char *name)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		len--;
	return mem_copy(name, len);
}

static void
names_set(X509_VERIFY_PARAM *param, const struct dane_wish *wish)
{
	char *host = name_plain(wish->host);
	char *domain = wish->domain != NULL ? name_plain(wish->domain) : NULL;

	(void)X509_VERIFY_PARAM_set1_host(param, host, 0);
	if (domain != NULL)
		(void)X509_VERIFY_PARAM_add1_host(param, domain, 0);
	X509_VERIFY_PARAM_set_hostflags(
	    param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	free(host);
	free(domain);
}

static enum dane_outcome
outcome_of(int error)
{
	switch (error) {
	case X509_V_OK:
		return DANE_OK;
	case X509_V_ERR_DANE_NO_MATCH:
		return DANE_MISMATCH;
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return DANE_NAME;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return DANE_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return DANE_EARLY;
	default:
		return DANE_OTHER;
	}
}

/* What ssl_verify_cert_chain() of libssl does with a received chain. */
static void
chain_verify(SSL *ssl, X509_STORE *store, const struct dane_wish *wish,
    struct dane_verdict *verdict)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	uint8_t usage = 0;
	int error;

	if (context == NULL ||
	    X509_STORE_CTX_init(context, store, sk_X509_value(wish->chain, 0),
		wish->chain) != 1) {
		X509_STORE_CTX_free(context);
		return;
	}
	X509_STORE_CTX_set0_dane(context, SSL_get0_dane(ssl));
	(void)X509_STORE_CTX_set_default(context, "ssl_server");
	param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_time(param, (time_t)wish->now);
	names_set(param, wish);
	error = X509_verify_cert(context) == 1
		    ? X509_V_OK
		    : X509_STORE_CTX_get_error(context);
	verdict->outcome = outcome_of(error);
	verdict->reason = X509_verify_cert_error_string(error);
	SSL_set_verify_result(ssl, error);
	if (error == X509_V_OK &&
	    SSL_get0_dane_tlsa(ssl, &usage, NULL, NULL, NULL, NULL) >= 0)
		verdict->usage = usage;
	X509_STORE_CTX_free(context);
}

void
dane_verify(const struct dane_wish *wish, struct dane_verdict *ret_verdict)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;

	*ret_verdict = (struct dane_verdict){
		.outcome = DANE_OTHER, .reason = "libssl refuses", .usage = -1
	};
	if (context != NULL && SSL_CTX_dane_enable(context) == 1)
		ssl = SSL_new(context);
	if (ssl != NULL && SSL_dane_enable(ssl, NULL) == 1) {
		(void)SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
		ret_verdict->usable = records_add(ssl, wish);
		if (ret_verdict->usable == 0) {
			ret_verdict->outcome = DANE_UNUSABLE;
			ret_verdict->reason = dane_text(DANE_UNUSABLE);
		} else {
			/* Usages 0 and 1 trust what the system trusts. */
			if (!wish->is_smtp)
				(void)SSL_CTX_set_default_verify_paths(context);
			chain_verify(ssl, SSL_CTX_get_cert_store(context), wish,
			    ret_verdict);
		}
	}
	SSL_free(ssl);
	SSL_CTX_free(context);
	ERR_clear_error();
}

STACK_OF(X509) * dane_chain(const char *text, size_t len)
{
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *x509;

	while (bio != NULL && chain != NULL &&
	       sk_X509_num(chain) < LIMIT_CHAIN &&
	       (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (sk_X509_push(chain, x509) <= 0)
			X509_free(x509);
	BIO_free(bio);
	ERR_clear_error();
	if (chain == NULL || sk_X509_num(chain) > 0)
		return chain;
	sk_X509_free(chain);
	return NULL;
}

STACK_OF(X509) * dane_chain_file(const char *file, const char *issuers)
{
	struct chain_file read = { 0 };
	struct ca_pool pool;
	STACK_OF(X509) *chain = NULL;

	ca_pool_init(&pool);
	if (chain_file_read(&pool, file, issuers, false, &read, NULL) ==
	    STATUS_OK) {
		chain = dane_chain(read.text.data, read.text.len);
		chain_file_fini(&read);
	}
	ca_pool_fini(&pool);
	return chain;
}

void
dane_digest(const X509 *x509, uint8_t *ret_sha256)
{
	if (X509_digest(x509, EVP_sha256(), ret_sha256, NULL) != 1)
		memset(ret_sha256, 0, 32);
	ERR_clear_error();
}

bool
dane_has_issuer(STACK_OF(X509) * chain)
{
	const X509 *leaf = sk_X509_value(chain, 0);

	for (int i = 0; i < sk_X509_num(chain); i++)
		if (X509_NAME_cmp(
			X509_get_subject_name(sk_X509_value(chain, i)),
			X509_get_issuer_name(leaf)) == 0)
			return true;
	return false;
}
