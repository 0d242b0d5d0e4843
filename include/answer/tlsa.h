/* SPDX-License-Identifier: MIT */
#ifndef ANSWER_TLSA_H
#define ANSWER_TLSA_H

/*
 * TLSA RDATA (RFC 6698 s2): from one certificate to its presentation form,
 * made once and shared by every RRset that contains it.
 * Pure.  Threads: one at a time.
 */

#include <stddef.h>

#include "base/status.h"
#include "config/config.h"
#include "pki/cert.h"
#include "sets/intern.h"

/* One RDATA; constant, shared by reference counting. */
struct tlsa {
	unsigned refs;
	struct record_type type;
	size_t len;  /* octets of text */
	char text[]; /* "3 1 1 0b9fa5a5..." (RFC 6698 s2.2), NUL */
};

/* Equal RDATA is one object, so RRsets are compared by pointers. */
struct tlsa_pool {
	struct intern texts;
};

void tlsa_pool_init(struct tlsa_pool *pool);
void tlsa_pool_fini(struct tlsa_pool *pool);

/*
 * Associate `cert` as `type` says: selected bytes, in full or digested
 * (RFC 6698 s2.1.2-2.1.4).
 *
 * Returns STATUS_OK and one reference in *ret_tlsa (drop with tlsa_unref());
 * STATUS_ABSENT if what the selector and matching type need of the
 * certificate was not kept or is not known; STATUS_LIMIT if the RDATA would not
 * fit a record.
 */
enum status tlsa_associate(struct tlsa_pool *pool, const struct cert *cert,
    struct record_type type, struct tlsa **ret_tlsa);

/*
 * Take RDATA from its presentation form, as tlsa_associate() made it.
 *
 * Returns STATUS_OK and one reference; or STATUS_MALFORMED if a number is out
 * of its range, a digest has not its length, or the data are empty.
 */
enum status tlsa_parse(
    struct tlsa_pool *pool, const char *text, struct tlsa **ret_tlsa);

struct tlsa *tlsa_ref(struct tlsa *tlsa);

/* Drop a reference; NULL is legal. */
void tlsa_unref(struct tlsa *tlsa);

#endif
