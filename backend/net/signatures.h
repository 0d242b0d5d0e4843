/* SPDX-License-Identifier: MIT */
#ifndef NET_SIGNATURES_H
#define NET_SIGNATURES_H

/*
 * The signature algorithms of TLS that the linked OpenSSL can check, by the
 * kind of key that makes them.  Threads: one at a time.
 */

#include "base/buf.h"
#include "pki/cert.h"

/*
 * Append those of `algorithm` as SSL_CTX_set1_sigalgs_list(3) wants them;
 * KEY_OTHER: all that neither RSA nor ECDSA keys make.
 */
void signatures_list(enum key_algorithm algorithm, struct buf *list);

#endif
