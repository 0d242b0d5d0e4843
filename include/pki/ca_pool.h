/* SPDX-License-Identifier: MIT */
#ifndef PKI_CA_POOL_H
#define PKI_CA_POOL_H

/*
 * CA certificates that are kept and recognised.  Pure.
 * Threads: one at a time.
 */

#include "pki/cert.h"
#include "sets/intern.h"
#include "sets/trie.h"

/*
 * The CA certificates seen so far and which issued which, so that a store of
 * thousands of lineages decodes and verifies each CA once.
 */
struct ca_pool {
	struct intern certs; /* sha256 of the DER -> struct cert */
	/* sha256 of child, of issuer -> itself; begun anew when they are full
	 */
	struct trie issued; /* a CA by a CA */
	struct trie failed; /* anything that was not */
};

void ca_pool_init(struct ca_pool *pool);
void ca_pool_fini(struct ca_pool *pool);

#endif
