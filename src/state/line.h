/* SPDX-License-Identifier: MIT */
#ifndef STATE_LINE_H
#define STATE_LINE_H

/*
 * One line of the journal: a JSON object whose first member is a checksum of
 * the octets behind it, and whose second one is the kind of the thing with
 * its key, so that neither needs a JSON parser:
 *
 *	{"sum":"0123456789abcdef","owner":"_25._tcp.mx.example.com","ttl":...}
 *
 * The checksum is the first 8 octets of SHA-256: it also tells whether two
 * lines are the same.
 * Pure.  Threads: any, nothing is shared.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	/* A guard: the longest right line is some 1 MiB per generation. */
	STATE_LINE_MAX = 256 * 1024 * 1024,
	STATE_KEY_MAX = 65535,
};

/* One row per kind: enumerator, name. */
#define STATE_KIND_TABLE(X)                                                    \
	X(STATE_KIND_VERSION, "version")                                       \
	X(STATE_KIND_CA, "ca")                                                 \
	X(STATE_KIND_ZONE, "zone")                                             \
	X(STATE_KIND_OWNER, "owner")                                           \
	X(STATE_KIND_LINEAGE, "lineage")

enum state_kind {
#define X(id, name) id,
	STATE_KIND_TABLE(X)
#undef X
	    STATE_KIND_OTHER, /* of a later version: kept as it is */
};

struct state_line {
	enum state_kind kind;
	uint64_t sum;
	const char *key; /* "owner":"name", as it is in the line; borrowed */
	size_t key_len;
};

/*
 * Look at a line of `len` octets (without the newline).  Returns false if the
 * checksum does not fit, or no key follows it.
 */
bool state_line_read(const char *text, size_t len, struct state_line *ret);

/*
 * Append `object` (borrowed; its first member is the kind with the key) as a
 * line with its newline.
 */
void state_line_add(struct buf *lines, const json_t *object);

#endif
