/* SPDX-License-Identifier: MIT */
#ifndef TLSRPT_UNPACK_H
#define TLSRPT_UNPACK_H

/*
 * From what is attached to a mail, or is in a file, to the JSON of a report: by
 * what it begins with, for its media type and name are what senders differ in.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/status.h"

/* Return true if the octets begin as a file of gzip does (RFC 1952 s2.3.1). */
bool unpack_is_gzip(const char *data, size_t len);

/* Return true if they begin as an object of JSON does, behind a BOM or space.
 */
bool unpack_is_object(const char *data, size_t len);

/*
 * Append to `text` what `data` holds: octets that begin with '{' as they are,
 * and those of gzip without it, of which several may follow each other; what
 * follows behind them is left out, as gzip(1) does.
 *
 * Returns STATUS_OK; or with `problem`, and maybe a part of it in `text`,
 * STATUS_FOREIGN if it is neither of them, STATUS_LIMIT if there is more of it
 * than LIMIT_TLSRPT, or STATUS_MALFORMED.
 */
enum status unpack_text(
    const char *data, size_t len, struct buf *text, struct problem *problem);

#endif
