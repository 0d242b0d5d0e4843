/* SPDX-License-Identifier: MIT */
/*
 * Files of certificates put together at random, as people's tools and editors
 * leave them, against OpenSSL: what a server takes has a chain here, with the
 * same leaf, and each CA of its path verifies by DANE what the server sends
 * then, and no other CA that was sent does.
 *
 * CHAIN_FILES and CHAIN_SEED set how many, and which.
 */
#include "unit.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "net/dane_verify.h"
#include "pki.h"
#include "pki/chain.h"
#include "server_file.h"

enum {
	FILES = 20000,
	SEED = 20261128,
	SENT_EVERY = 8,   /* a handshake costs more than the rest */
	NOW = 1780000000, /* all certificates are valid then */
};

enum part {
	PART_ROOT,
	PART_OTHER_ROOT,
	PART_CROSS,        /* the root, signed by the other one */
	PART_INTERMEDIATE, /* by the root */
	PART_INTERMEDIATE_CROSS,
	PART_SECOND, /* another intermediate by the root */
	PART_BELOW,  /* a CA by the intermediate */
	PART_UNRELATED,
	PART_NO_USAGE, /* a CA that may not sign certificates */
	PART_LEAVES,   /* from here on */
	PART_LEAF = PART_LEAVES,
	PART_RSA_LEAF,
	PART_LEAF_BELOW,
	PART_CA_LEAF,
	PART_SELF,
	PART_SELF_CA,
	PART_ED25519_LEAF,
	PART_LEAF_NO_USAGE,
	PARTS,
};

static struct pki parts[PARTS];

static void
leaf_make(const struct pki_wish *wish, enum part issuer, enum part part)
{
	struct pki_wish full = *wish;

	full.names = "DNS:mail.example.org";
	pki_make(&full, issuer < PARTS ? &parts[issuer] : NULL, &parts[part]);
}

static int
parts_make(void **state)
{
	const struct pki_wish plain = { .subject = "mail.example.org" };
	const struct pki_wish rsa = { .key = PKI_RSA };
	const struct pki_wish ed25519 = { .key = PKI_ED25519 };
	const struct pki_wish ca = { .subject = "mail.example.org",
		.constraints = "critical,CA:TRUE" };
	const struct pki_wish no_usage = { .subject = "No signer",
		.constraints = "critical,CA:TRUE",
		.usage = "critical,digitalSignature" };

	(void)state;
	pki_make_ca("Root", NULL, &parts[PART_ROOT]);
	pki_make_ca("Other root", NULL, &parts[PART_OTHER_ROOT]);
	pki_make_cross(
	    &parts[PART_ROOT], &parts[PART_OTHER_ROOT], &parts[PART_CROSS]);
	pki_make_ca(
	    "Intermediate", &parts[PART_ROOT], &parts[PART_INTERMEDIATE]);
	pki_make_cross(&parts[PART_INTERMEDIATE], &parts[PART_OTHER_ROOT],
	    &parts[PART_INTERMEDIATE_CROSS]);
	pki_make_ca("Second", &parts[PART_ROOT], &parts[PART_SECOND]);
	pki_make_ca("Below", &parts[PART_INTERMEDIATE], &parts[PART_BELOW]);
	pki_make_ca("Unrelated", NULL, &parts[PART_UNRELATED]);
	pki_make(&no_usage, &parts[PART_ROOT], &parts[PART_NO_USAGE]);
	leaf_make(&plain, PART_INTERMEDIATE, PART_LEAF);
	leaf_make(&rsa, PART_SECOND, PART_RSA_LEAF);
	leaf_make(&plain, PART_BELOW, PART_LEAF_BELOW);
	leaf_make(&ca, PART_INTERMEDIATE, PART_CA_LEAF);
	leaf_make(&plain, PARTS, PART_SELF);
	leaf_make(&ca, PARTS, PART_SELF_CA);
	leaf_make(&ed25519, PART_INTERMEDIATE, PART_ED25519_LEAF);
	leaf_make(&plain, PART_NO_USAGE, PART_LEAF_NO_USAGE);
	return 0;
}

static int
parts_free(void **state)
{
	(void)state;
	for (size_t i = 0; i < PARTS; i++)
		pki_fini(&parts[i]);
	return 0;
}

/* ---- files ---- */

static uint64_t seed;

/* The keys are new each time: who looks for the reason needs the file. */
static void
file_print(const struct buf *text)
{
	(void)fwrite(text->data, 1, text->len, stderr);
}

/* Return a number below `count` (splitmix64, by Steele, Lea and Flood). */
static size_t
pick(size_t count)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (size_t)((z ^ z >> 31) % count);
}

static bool
one_in(size_t count)
{
	return pick(count) == 0;
}

/* Things between the blocks that are no blocks. */
static void
text_add(struct buf *text)
{
	static const char *const texts[] = { "\n", "\n\n", " \t \n",
		"# mail.example.org\n", "----------\n", "-----\n",
		"--------- intermediate ---------\n",
		"Bag Attributes\n    localKeyID: 01 00 00 00\n",
		"subject=CN = mail.example.org\nissuer=CN = Intermediate\n",
		"Certificate:\n    Data:\n        Version: 3 (0x2)\n",
		"no end of line", "\xef\xbb\xbf", "-----END CERTIFICATE-----\n",
		"-----BEGIN\n", "----BEGIN CERTIFICATE----\n",
		" -----BEGIN CERTIFICATE-----\n", "\x1b[1m\x7f\xff\n",
		"\xfe\xff", "\r", "---- BEGIN SSH2 PUBLIC KEY ----\n",
		"depth=1 CN = Intermediate\nverify return:1\n---\n" };
	size_t which = pick(LENGTH(texts) + 2);

	if (which < LENGTH(texts))
		buf_add_string(text, texts[which]);
	else if (which == LENGTH(texts))
		buf_add(text, "a\0b\n", 4);
	else
		for (size_t i = pick(700); i > 0; i--)
			buf_add(text, "=", 1);
}

/* Blocks of other things, and certificates under other names. */
static void
bystander_add(struct buf *text)
{
	static const char *const labels[] = { "DH PARAMETERS", "EC PARAMETERS",
		"X509 CRL", "CERTIFICATE REQUEST", "PKCS7", "CMS", "PUBLIC KEY",
		"ATTRIBUTE CERTIFICATE", "certificate", "CERTIFICATE " };

	pki_add_block(labels[pick(LENGTH(labels))], "any octets", 10, text);
}

/* The certificate as base64 of any width, with ends of lines of any kind. */
static void
odd_add(const X509 *x509, struct buf *text)
{
	static const char *const ends[] = { "\n", "\r\n", " \n", "\t\r\n" };
	static const char *const labels[] = { "CERTIFICATE", "X509 CERTIFICATE",
		"TRUSTED CERTIFICATE" };
	const char *end = ends[pick(LENGTH(ends))];
	const char *label = labels[pick(LENGTH(labels))];
	size_t width = one_in(3) ? 4096 : 4 * (1 + pick(30));
	unsigned char *der = NULL;
	int len = i2d_X509(x509, &der);
	char *base64 = mem_new((size_t)len * 2);
	size_t size = (size_t)EVP_EncodeBlock(
	    (unsigned char *)base64, der, len);

	buf_add_format(text, "-----BEGIN %s-----%s", label, end);
	for (size_t at = 0; at < size; at += width) {
		size_t left = size - at;

		buf_add(text, base64 + at, left < width ? left : width);
		buf_add_string(text, end);
	}
	buf_add_format(text, "-----END %s-----%s", label, end);
	free(base64);
	OPENSSL_free(der);
}

static void
cert_add(enum part part, struct buf *text)
{
	if (one_in(4))
		odd_add(parts[part].x509, text);
	else
		pki_add_pem(&parts[part], text);
}

/* Most files are nearly right: a leaf, and then CA certificates. */
static void
file_make(struct buf *text)
{
	size_t count = pick(7);

	if (one_in(5))
		text_add(text);
	if (one_in(12))
		bystander_add(text);
	if (!one_in(12))
		cert_add(PART_LEAVES + pick(PARTS - PART_LEAVES), text);
	while (count-- > 0) {
		if (one_in(4))
			text_add(text);
		if (one_in(10))
			bystander_add(text);
		else
			cert_add(pick(one_in(6) ? PARTS : PART_LEAVES), text);
	}
	if (one_in(6))
		text_add(text);
	if (one_in(10))
		text->len -= pick(text->len < 900 ? text->len + 1 : 900);
	if (one_in(10) && text->len > 0)
		text->data[pick(text->len)] = (char)pick(256);
	if (one_in(40))
		for (size_t i = 0; i < text->len; i++)
			if (text->data[i] == '\n')
				text->data[i] = '\r';
}

/* ---- what OpenSSL does ---- */

static const struct pki *
part_of(const X509 *x509)
{
	for (size_t i = 0; i < PARTS; i++)
		if (X509_cmp(x509, parts[i].x509) == 0)
			return &parts[i];
	return NULL;
}

/*
 * Return what a client gets, or NULL where the leaf was flipped, or is one of
 * the CA certificates, which clients refuse for their usage and name.
 */
static STACK_OF(X509) * server_sends(SSL_CTX *server)
{
	const struct pki *leaf = part_of(SSL_CTX_get0_certificate(server));
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	STACK_OF(X509) *chain = NULL;
	BIO *ends[2];
	SSL *ssl[2];

	assert_non_null(client);
	if (leaf == NULL || leaf < &parts[PART_LEAVES] ||
	    SSL_CTX_use_PrivateKey(server, leaf->key) != 1) {
		ERR_clear_error();
		SSL_CTX_free(client);
		return NULL;
	}
	assert_int_equal(BIO_new_bio_pair(&ends[0], 65536, &ends[1], 65536), 1);
	ssl[0] = SSL_new(client);
	ssl[1] = SSL_new(server);
	for (int i = 0; i < 2; i++)
		SSL_set_bio(ssl[i], ends[i], ends[i]);
	SSL_set_connect_state(ssl[0]);
	SSL_set_accept_state(ssl[1]);
	for (int i = 0; i < 8 && !SSL_is_init_finished(ssl[0]); i++)
		(void)SSL_do_handshake(ssl[i % 2]);
	if (SSL_is_init_finished(ssl[0]))
		chain = X509_chain_up_ref(SSL_get_peer_cert_chain(ssl[0]));
	SSL_free(ssl[0]);
	SSL_free(ssl[1]);
	SSL_CTX_free(client);
	ERR_clear_error();
	return chain;
}

static bool
client_accepts(STACK_OF(X509) * sent, const char *record)
{
	struct texts rrset = { 0 };
	struct dane_wish wish = { .chain = sent,
		.rrset = &rrset,
		.host = "mail.example.org",
		.is_smtp = true,
		.now = NOW };
	struct dane_verdict verdict;

	texts_add(&rrset, record);
	dane_verify(&wish, &verdict);
	texts_fini(&rrset);
	return verdict.outcome == DANE_OK;
}

/* ---- the comparison ---- */

static bool
is_same(const struct cert *cert, const X509 *x509)
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	return X509_digest(x509, EVP_sha256(), digest, NULL) == 1 &&
	       memcmp(cert->part[CERT_SELECTOR_CERT].sha256, digest, 32) == 0;
}

/* Is the key of a sent certificate that of a CA of the path? */
static bool
path_has_key(const struct chain *chain, const struct pki *pki)
{
	char *record = pki_tlsa(pki, 2, 1, 1);
	bool has = false;

	for (size_t i = 0; !has && i < chain->ca_count; i++) {
		const uint8_t
		    *sha256 = chain->ca[i]->part[CERT_SELECTOR_SPKI].sha256;
		char hex[65];

		for (size_t k = 0; k < 32; k++)
			(void)snprintf(hex + 2 * k, 3, "%02x", sha256[k]);
		has = strcmp(hex, record + strlen("2 1 1 ")) == 0;
	}
	free(record);
	return has;
}

/* Each CA that was sent, and no other, is one of the path, or verifies not. */
static void
sent_compare(
    const struct buf *text, STACK_OF(X509) * sent, const struct chain *chain)
{
	for (int i = 1; i < sk_X509_num(sent); i++) {
		const struct pki *pki = part_of(sk_X509_value(sent, i));
		char *record;

		/* Flipped on the way, or the leaf again. */
		if (pki == NULL || is_same(chain->leaf, pki->x509))
			continue;
		record = pki_tlsa(pki, 2, 1, 1);
		if (client_accepts(sent, record) != path_has_key(chain, pki)) {
			file_print(text);
			fail_msg("certificate %d of what is sent %s", i + 1,
			    path_has_key(chain, pki) ? "does not verify"
						     : "verifies as well");
		}
		free(record);
	}
}

static void
file_compare(const struct buf *text, bool with_handshake, size_t *ret_taken)
{
	struct problem problem = { "" };
	struct problem remark = { "" };
	SSL_CTX *server = server_file_load(text->data, text->len);
	STACK_OF(X509) *sent = NULL;
	struct chain *chain = NULL;
	struct ca_pool pool;
	enum status status;

	ca_pool_init(&pool);
	status = chain_parse(
	    &pool, text->data, text->len, false, &chain, &remark, &problem);
	/* Only the end of a file that is being written is treated otherwise. */
	if ((server != NULL) != (status == STATUS_OK) &&
	    strstr(problem.text, "cut PEM block") == NULL) {
		file_print(text);
		fail_msg("a server %s it: %s",
		    server != NULL ? "takes" : "refuses", problem.text);
	}
	if (chain != NULL) {
		assert_true(
		    is_same(chain->leaf, SSL_CTX_get0_certificate(server)));
		++*ret_taken;
		if (with_handshake)
			sent = server_sends(server);
	}
	if (sent != NULL)
		sent_compare(text, sent, chain);
	sk_X509_pop_free(sent, X509_free);
	chain_unref(chain);
	ca_pool_fini(&pool);
	SSL_CTX_free(server);
}

static uint64_t
wish(const char *name, uint64_t usual)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : usual;
}

static void
test_files(void **state)
{
	uint64_t first = wish("CHAIN_SEED", SEED);
	uint64_t files = wish("CHAIN_FILES", FILES);
	size_t taken = 0;

	(void)state;
	for (uint64_t i = 0; i < files; i++) {
		struct buf text = { 0 };

		seed = first + i;
		buf_reserve(&text, 1);
		file_make(&text);
		file_compare(&text, i % SENT_EVERY == 0, &taken);
		buf_fini(&text);
	}
	/* Otherwise nothing was compared. */
	assert_true(taken > files / 3);
	assert_true(taken < files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_files, parts_make, parts_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
