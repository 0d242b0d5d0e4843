/* SPDX-License-Identifier: MIT */
#ifndef PKI_CHAIN_H
#define PKI_CHAIN_H

/*
 * The certificates of one generation of a lineage, as a server sends them:
 * the leaf, then the CA certificates.  Shared by reference counting and
 * constant.  Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "pki/ca_pool.h"
#include "pki/cert.h"

struct chain {
	unsigned refs;
	unsigned ca_count;
	struct cert *leaf;
	struct cert *ca[]; /* [0] issued the leaf, [1] issued [0], ... */
};

/*
 * Read `text` as OpenSSL's servers read their file
 * (SSL_CTX_use_certificate_chain_file(3)): what they take has a chain here.
 * The first certificate is the leaf; the path goes from it to what issued it,
 * and what issued that, as far as the file has it, each signature verified.
 * Whether they are still valid is not asked: a server goes on sending what it
 * has.  What else is in the file becomes a remark, by the number of its PEM
 * block.
 *
 * Returns STATUS_OK and one reference in *ret_chain (drop with
 * chain_unref()), and fills `remark` (NULL: nobody asks), or
 *  STATUS_FOREIGN    no certificate, but other things;
 *  STATUS_MALFORMED  nothing at all, a broken or cut block;
 *  STATUS_LIMIT      more than LIMIT_CHAIN certificates or LIMIT_PEM_FILE;
 *  STATUS_REFUSED    a private key.
 * `problem` names the PEM block by its number in the file.
 */
enum status chain_parse(struct ca_pool *pool, const char *text, size_t len,
    bool keep_all, struct chain **ret_chain, struct problem *remark,
    struct problem *problem);

/* Return true if it begins with a CA certificate that names no host. */
bool chain_is_authority(const struct chain *chain);

struct chain *chain_ref(struct chain *chain);

/* Drop a reference; NULL is legal. */
void chain_unref(struct chain *chain);

/* Return true if both hold the same certificates in the same order. */
bool chain_equal(const struct chain *a, const struct chain *b);

/* Return true if it is the beginning of `whole`, which goes on. */
bool chain_is_cut(const struct chain *chain, const struct chain *whole);

#endif
