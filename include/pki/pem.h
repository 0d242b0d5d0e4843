/* SPDX-License-Identifier: MIT */
#ifndef PKI_PEM_H
#define PKI_PEM_H

/*
 * The certificates of a PEM text (RFC 7468), all of them or none.
 * Pure.  Threads: one at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Is given the DER of one certificate (borrowed); not STATUS_OK ends it. */
typedef enum status pem_take_fn(
    void *arg, const uint8_t *der, long len, struct problem *problem);

/*
 * Call `take` for each certificate of the text, in order.
 *
 * Returns STATUS_OK; STATUS_MALFORMED for no certificate or a broken or cut
 * block; STATUS_REFUSED for a private key, of which nothing stays in memory,
 * or any other kind of block; or what `take` returned.  `problem` begins with
 * "certificate NUMBER: " where it concerns one.
 */
enum status pem_read_certs(const char *text, size_t len, pem_take_fn *take,
    void *arg, struct problem *problem);

/*
 * For OpenSSL's readers of PEM, which else ask on the terminal: there is no
 * pass phrase.
 */
int pem_no_password(char *text, int size, int writing, void *arg);

#endif
