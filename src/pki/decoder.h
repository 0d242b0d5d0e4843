/* SPDX-License-Identifier: MIT */
#ifndef PKI_DECODER_H
#define PKI_DECODER_H

/*
 * Certificates from DER, as libcrypto decodes them, at a lower price.
 * Threads: one at a time.
 */

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Decode `len` octets; `is_trusted`: what openssl x509 -trustout puts behind
 * the certificate may follow.  Returns what d2i_X509(), or d2i_X509_AUX(),
 * does, X509_free() it, or NULL if it does so.  No error is left behind.
 */
X509 *decoder_x509(const uint8_t *der, long len, bool is_trusted);

#endif
