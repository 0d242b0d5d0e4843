/* SPDX-License-Identifier: MIT */
#ifndef STATE_JOURNAL_H
#define STATE_JOURNAL_H

/*
 * The journal as a file of lines: read them in order, read one again, append.
 * Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

/* Called with each whole line, without its newline. */
typedef void state_journal_visit(
    const char *text, size_t len, uint64_t offset, void *arg);

/*
 * Visit each whole line of the file from the offset `from` on.  Octets at the
 * end without a newline are a line that was cut short: not visited.
 *
 * Returns STATUS_OK and the offset behind the last whole line, and how many
 * octets follow it; or STATUS_IO with `problem`, also if a line is longer than
 * STATE_LINE_MAX.
 */
enum status state_journal_scan(int fd, uint64_t from,
    state_journal_visit *visit, void *arg, uint64_t *ret_end, size_t *ret_cut,
    struct problem *problem);

/* Append `len` octets at `offset` of the file to `text`. */
enum status state_journal_read(int fd, uint64_t offset, size_t len,
    struct buf *text, struct problem *problem);

/* Write all octets at `offset`; returns 0, or the errno. */
int state_journal_write(int fd, uint64_t offset, const struct buf *data);

/*
 * Make `data` what follows the offset `end`; what is there was cut short.
 * Returns 0; or the errno, and then the file ends at `end`, as far as the
 * file system lets us.
 */
int state_journal_append(int fd, uint64_t end, const struct buf *data);

#endif
