/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_ASSIGNMENT_H
#define FORMATS_ASSIGNMENT_H

/*
 * Settings that a shell reads: lines of NAME=value, as acme.sh and dehydrated
 * keep them.  Nothing is executed: what only a shell could work out is not
 * known, and what is more than assignments is refused.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stddef.h>

#include "base/status.h"

/*
 * One assignment; both texts are valid during the call only.  `value` is
 * without quotes; NULL if it has an expansion or an escape in it.
 */
typedef void assignment_take(const char *name, const char *value, void *arg);

/*
 * Read `len` octets of text and show each assignment to `take`, in order.
 * Empty lines, comments and "export" in front of a name are passed over.
 *
 * Returns STATUS_OK, or STATUS_MALFORMED with the line's number in `problem`:
 * a NUL octet, a command of any kind, a command substitution, a quote that is
 * not closed on its line.  Those in front of it have been shown then.
 */
enum status assignments_read(const char *text, size_t len,
    assignment_take *take, void *arg, struct problem *problem);

#endif
