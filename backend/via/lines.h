/* SPDX-License-Identifier: MIT */
#ifndef VIA_LINES_H
#define VIA_LINES_H

/*
 * Lines over two descriptors of any kind, as a shell gives them: each read and
 * written in its time, none longer than LIMIT_VIA_LINE.  SIGPIPE must be
 * ignored.  Threads: one at a time for reading, and one for writing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

struct lines {
	int in;
	int out;
	struct buf read; /* what came and was not taken yet */
	size_t taken;    /* octets of it that were */
};

void lines_init(struct lines *lines, int in, int out);
void lines_fini(struct lines *lines);

/*
 * Wait `ms` milliseconds (0: only take what is there) for a line: *ret_line,
 * without its end, valid until the next call.
 *
 * Returns STATUS_OK; STATUS_BUSY: there is none yet; STATUS_ABSENT: the other
 * side has ended it; STATUS_LIMIT: it is too long; or STATUS_IO; with
 * `problem`.
 */
enum status lines_read(struct lines *lines, int64_t ms, const char **ret_line,
    size_t *ret_len, struct problem *problem);

/*
 * Write `text` within `ms` milliseconds.  Returns false, with `problem`, if
 * that does not work.
 */
bool lines_write(struct lines *lines, int64_t ms, const struct buf *text,
    struct problem *problem);

#endif
