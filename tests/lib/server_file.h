/* SPDX-License-Identifier: MIT */
#ifndef SERVER_FILE_H
#define SERVER_FILE_H

/*
 * A file of certificates as OpenSSL's servers load it: the oracle of
 * chain_parse().  In a header, for the fuzzers link no other library of tests.
 */

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Load `len` octets into one server, which may have had others before; false if
 * it does not take them.
 */
static inline bool
server_file_take(SSL_CTX *server, const void *data, size_t len)
{
	int fd = memfd_create("chain", MFD_CLOEXEC);
	bool taken = false;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd >= 0 && write(fd, data, len) == (ssize_t)len) {
		/* How strong keys have to be is the server's own business. */
		SSL_CTX_set_security_level(server, 0);
		taken = SSL_CTX_use_certificate_chain_file(server, path) == 1;
	}
	(void)close(fd);
	ERR_clear_error();
	return taken;
}

/*
 * Load `len` octets; NULL if a server does not take them.  Free it with
 * SSL_CTX_free().
 */
static inline SSL_CTX *
server_file_load(const void *data, size_t len)
{
	SSL_CTX *server = SSL_CTX_new(TLS_server_method());

	if (server != NULL && server_file_take(server, data, len))
		return server;
	SSL_CTX_free(server);
	return NULL;
}

#endif
