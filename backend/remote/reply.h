/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_REPLY_H
#define REMOTE_REPLY_H

/*
 * Answers in the JSON spelling of PowerDNS's remote backend.  RDATA was
 * rendered when the snapshot was made; here it is only copied, for building
 * and dumping a JSON tree per query would cost more than the query.
 * Pure.
 */

#include <stdint.h>

#include "answer/zone.h"
#include "base/buf.h"

/*
 * Append a JSON string.  UTF-8 goes as it is, which is how PowerDNS takes it;
 * an octet that is none of it as the character of that number.
 */
void reply_string(struct buf *out, const char *text, size_t len);

/* Append "{"result":", and later "}\n". */
void reply_begin(struct buf *out);
void reply_end(struct buf *out);

/* Append a whole reply: {"result":true}, false or []. */
void reply_bool(struct buf *out, bool value);
void reply_empty(struct buf *out);

/* An array of records under way. */
struct records {
	struct buf *out;
	int64_t id; /* domain_id of each */
	size_t count;
};

void records_begin(struct records *records, struct buf *out, int64_t id);
void records_end(struct records *records);

/* Append the RRs of one RRset. */
void records_add_soa(struct records *records, const struct zone *zone);
void records_add_ns(struct records *records, const struct zone *zone);

/* The same of the owner at the name with this key (dns/dname.h). */
void records_add_tlsa(struct records *records, const uint8_t *key, size_t len,
    const struct owner *owner);

/*
 * Append the row that makes PowerDNS answer "no data" instead of "no such
 * name": a record without type and content.
 */
void records_add_empty_non_terminal(
    struct records *records, const uint8_t *key, size_t len);

/*
 * Append one domaininfo object: all of it, what lists of zones show, or as
 * little as PowerDNS needs.
 */
void reply_domain(
    struct buf *out, const struct zone *zone, uint32_t notified_serial);
void reply_domain_row(
    struct buf *out, const struct zone *zone, uint32_t notified_serial);
void reply_domain_short(struct buf *out, const struct zone *zone);

#endif
