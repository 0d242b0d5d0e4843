/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_METHOD_H
#define REMOTE_METHOD_H

/*
 * The methods of PowerDNS's remote backend, one row of a table each: from a
 * request line and a snapshot to a reply line.  Pure: no socket, no file, no
 * clock.
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/status.h"
#include "remote/context.h"

/*
 * Answer one request of `len` octets, without its newline.  Appends to
 * `reply` only with OUTCOME_REPLY, and fills `problem` with
 * OUTCOME_CANNOT_TELL and OUTCOME_MALFORMED; with OUTCOME_REPLY only if a
 * change was refused that should have been possible, for the log.
 */
enum outcome method_answer(const struct method_context *context,
    const char *line, size_t len, struct buf *reply, struct problem *problem);

#endif
