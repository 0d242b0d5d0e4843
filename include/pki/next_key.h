/* SPDX-License-Identifier: MIT */
#ifndef PKI_NEXT_KEY_H
#define PKI_NEXT_KEY_H

/*
 * A key that is staged for a later generation, from what may be published of
 * it: a certificate or chain, a public key, or a certificate request.
 * Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "pki/chain.h"
#include "pki/lineage.h"

/*
 * Read `len` octets of PEM.
 *
 * Returns STATUS_OK and *ret_next, whose members the caller frees with
 * next_keys_free() as an array or one by one; STATUS_REFUSED for a private
 * key, whose public half is to be given instead (openssl pkey -pubout); or
 * what chain_parse() returns.
 */
enum status next_key_parse(struct ca_pool *pool, const char *text, size_t len,
    bool keep_all, struct next_key *ret_next, struct problem *problem);

#endif
