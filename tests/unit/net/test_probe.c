/* SPDX-License-Identifier: MIT */
/*
 * net/probe.h with a server of libssl's that has three kinds of key: asked for
 * each, it presents that one.
 */
#include "unit.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/dane_verify.h"
#include "net/probe.h"
#include "net/signatures.h"
#include "pki.h"

enum {
	KINDS = 3,
	LONGEST_MS = 60000,
};

static void
leaf_make(const struct pki *ca, EVP_PKEY *key, struct pki *ret_leaf)
{
	const struct pki_wish wish = { .subject = "mx.example.net",
		.names = "DNS:mx.example.net",
		.reuse = key };

	assert_non_null(key);
	pki_make(&wish, ca, ret_leaf);
	EVP_PKEY_free(key);
}

/* The child: answers one handshake after another until it is killed. */
static void
serve(int listener, const struct pki leafs[KINDS])
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	for (int i = 0; i < KINDS; i++)
		if (SSL_CTX_use_cert_and_key(
			context, leafs[i].x509, leafs[i].key, NULL, 1) != 1)
			_exit(1);
	for (;;) {
		SSL *ssl = SSL_new(context);
		int fd = accept(listener, NULL, NULL);

		if (fd < 0 || SSL_set_fd(ssl, fd) != 1)
			_exit(1);
		if (SSL_accept(ssl) == 1)
			(void)SSL_shutdown(ssl);
		SSL_free(ssl);
		(void)close(fd);
	}
}

static pid_t
server_start(const struct pki leafs[KINDS], uint16_t *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t child;

	assert_int_equal(
	    bind(listener, (const struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, KINDS), 0);
	assert_int_equal(
	    getsockname(listener, (struct sockaddr *)&address, &len), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		serve(listener, leafs);
	(void)close(listener);
	*ret_port = ntohs(address.sin_port);
	return child;
}

/* The kind of key that is neither RSA nor ECDSA is `other`. */
static void
kinds_check(const struct pki *ca, EVP_PKEY *other)
{
	static const enum key_algorithm algorithms[KINDS] = { KEY_RSA,
		KEY_ECDSA, KEY_OTHER };
	struct probe probes[KINDS] = { 0 };
	struct pki leafs[KINDS];
	uint16_t port;
	pid_t child;
	struct deadline deadline = deadline_in(LONGEST_MS);

	leaf_make(ca, EVP_RSA_gen(2048), &leafs[0]);
	leaf_make(ca, EVP_EC_gen("P-256"), &leafs[1]);
	leaf_make(ca, other, &leafs[2]);
	child = server_start(leafs, &port);
	for (int i = 0; i < KINDS; i++) {
		assert_true(dnsserver_parse("127.0.0.1", &probes[i].server));
		probes[i].server.port = port;
		probes[i].protocol = STARTTLS_NONE;
		probes[i].name = "mx.example.net";
		probes[i].algorithm = algorithms[i];
	}
	probe_run(probes, KINDS, &deadline);
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	for (int i = 0; i < KINDS; i++) {
		if (probes[i].outcome != PROBE_PRESENTED)
			fail_msg("kind %d: %s", i, probes[i].reason.text);
		assert_int_equal(
		    X509_cmp(sk_X509_value(probes[i].chain, 0), leafs[i].x509),
		    0);
		probe_fini(&probes[i]);
		pki_fini(&leafs[i]);
	}
}

/* Whatever the OpenSSL at hand can make a certificate's key of. */
static void
test_kinds(void **state)
{
	static const char *const kinds[] = { "ED25519", "ED448", "ML-DSA-44",
		"ML-DSA-65", "ML-DSA-87" };
	struct pki ca;
	int seen = 0;

	(void)state;
	pki_make_ca("CA", NULL, &ca);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i]);

		ERR_clear_error();
		if (key == NULL)
			continue;
		kinds_check(&ca, key);
		seen++;
	}
	assert_true(seen >= 2);
	print_message("%d kinds\n", seen);
	pki_fini(&ca);
}

/* Each algorithm is in the list of one kind of key. */
static void
test_lists(void **state)
{
	static const struct {
		const char *name;
		enum key_algorithm algorithm;
	} rows[] = {
		{ "rsa_pss_rsae_sha256", KEY_RSA },
		{ "rsa_pkcs1_sha1", KEY_RSA },
		{ "ecdsa_secp521r1_sha512", KEY_ECDSA },
		{ "ed448", KEY_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int kind = KEY_RSA; kind <= KEY_OTHER; kind++) {
			struct buf list = { 0 };

			signatures_list((enum key_algorithm)kind, &list);
			assert_int_equal(
			    strstr(buf_text(&list), rows[i].name) != NULL,
			    kind == (int)rows[i].algorithm);
			buf_fini(&list);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_lists),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
