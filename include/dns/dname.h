/* SPDX-License-Identifier: MIT */
#ifndef DNS_DNAME_H
#define DNS_DNAME_H

/*
 * Absolute domain names (RFC 1035, RFC 8499) in a form made for comparing.
 * Pure.  Threads: any, nothing is shared.
 *
 * A name is kept as its *key*: the labels from the root downwards, in lower
 * case, each followed by a zero octet; a zero octet inside a label is written
 * 01 01 and a one octet 01 02.  So that
 *  - memcmp() with shorter-first orders names canonically (RFC 4034 s6.1),
 *  - "is at or below" is "has as a prefix",
 *  - two names are equal without regard to case if their keys are.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

enum {
	DNAME_WIRE_MAX = 255,
	DNAME_LABEL_MAX = 63,
	DNAME_KEY_MAX = 2 * DNAME_WIRE_MAX,
};

struct dname {
	uint16_t len; /* octets of key; 0 is the root */
	uint8_t key[DNAME_KEY_MAX];
};

/*
 * Read a name in presentation form; a missing final dot is added.  Escapes
 * \DDD and \X are understood (RFC 1035 s5.1).
 *
 * Returns STATUS_OK, or STATUS_MALFORMED (empty text or label, bad escape) or
 * STATUS_LIMIT (label over 63 or name over 255 octets); *ret_name is written
 * only on STATUS_OK.
 */
enum status dname_parse(const char *text, size_t len, struct dname *ret_name);

/*
 * Append the presentation form with its final dot, in lower case, so that
 * dname_parse() and a zone file understand it: what is special is escaped,
 * what cannot be printed is written \DDD.
 */
void dname_format(const uint8_t *key, size_t len, struct buf *text);

/* Return the same as a new string; free() it. */
char *dname_text(const struct dname *name);

/*
 * Write the wire form (RFC 1035 s3.1) in lower case, which is the canonical
 * one of RFC 4034 s6.2, to `wire` (DNAME_WIRE_MAX octets).  Returns its length.
 */
size_t dname_wire(const uint8_t *key, size_t len, uint8_t *wire);

/* Return true if `name` is `ancestor` or lies below it. */
bool dname_is_within(const struct dname *name, const struct dname *ancestor);

bool dname_equal(const struct dname *a, const struct dname *b);

/* Return the octets of the parent's key; `len` must not be 0 (the root). */
size_t dname_parent_len(const uint8_t *key, size_t len);

/* Return the number of labels; the root has none. */
size_t dname_labels(const uint8_t *key, size_t len);

/*
 * Append the part of the name below its ancestor with the key length
 * `apex_len`, with a final dot; the apex itself is ".".
 */
void dname_format_relative(
    const uint8_t *key, size_t len, size_t apex_len, struct buf *text);

#endif
