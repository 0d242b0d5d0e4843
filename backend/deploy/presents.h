/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_PRESENTS_H
#define DEPLOY_PRESENTS_H

/*
 * Whether servers present a certain leaf, for `deploy`.  Asks the system for
 * the addresses, as any client on this machine does.  Blocks, for a time that
 * is bounded.  SIGPIPE must be ignored.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "pki/cert.h"

enum { PRESENTS_WAIT_MS = 10000 }; /* for a server that reloads slowly */

/* Of two the later one counts: what is wrong, or else what was seen. */
enum presents {
	PRESENTS_ELSEWHERE, /* no address counts */
	PRESENTS_NOTHING,   /* it can be seen nowhere */
	PRESENTS_LEAF,      /* wherever it can be seen, it is this leaf */
	PRESENTS_BROKEN,    /* somewhere is a server, but no TLS to be seen */
	PRESENTS_OTHER,     /* somewhere it is another one */
};

/*
 * Connect to all addresses of `host` at `port`, with STARTTLS where the port
 * has it, and look whether the leaf with this SHA-256 (32 octets), whose key
 * is of `algorithm`, is presented.  Only addresses of this machine count,
 * for what others present has not been deployed here, unless `is_anywhere`.
 * While another leaf is presented, or none, it is tried again, until
 * PRESENTS_WAIT_MS are over.
 *
 * Returns what was seen, with `problem` unless it is PRESENTS_LEAF.
 */
enum presents probe_presents(const char *host, uint16_t port,
    const uint8_t *leaf, enum key_algorithm algorithm, bool is_anywhere,
    struct problem *problem);

#endif
