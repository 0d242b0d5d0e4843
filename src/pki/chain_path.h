/* SPDX-License-Identifier: MIT */
#ifndef PKI_CHAIN_PATH_H
#define PKI_CHAIN_PATH_H

/*
 * From a leaf to the CAs above it, among the certificates of one file.
 * Pure.  Threads: one at a time for a pool.
 */

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/limit.h"
#include "base/status.h"
#include "pki/ca_pool.h"

/* Certificates of a file while it is being read, in the file's order. */
struct draft {
	struct {
		struct cert *cert;
		size_t block; /* which PEM block it was, from 1 */
	} list[LIMIT_CHAIN];  /* [0] is the leaf */
	size_t count;
	size_t blocks; /* read so far, of any kind */
	X509 *leaf;
	unsigned checks; /* signatures verified so far */
	bool has_large;  /* a key that is too large was named */
	struct problem *remark;
};

/*
 * Bring the path to the front of the draft, and return how many certificates
 * it has.  What is left out because of its cost is named in the remark.
 */
size_t chain_path_find(struct ca_pool *pool, struct draft *draft);

/* Say what of the draft is not on the path, the first `end` of it. */
void chain_path_remark(struct draft *draft, size_t end);

#endif
