/* SPDX-License-Identifier: MIT */
#ifndef CLI_FRAME_H
#define CLI_FRAME_H

/*
 * A text that takes the place of the one before it on a terminal, and of which
 * as much is shown as there is room for.  Pure.  Threads: any, nothing is
 * shared.
 */

#include <stddef.h>

#include "base/buf.h"
#include "cli/terminal.h"

/*
 * Append what shows `text`, of `len` octets: UTF-8, in which there may be
 * colours.  Lines that are too long are cut; if there are too many, the last
 * one that is shown says how many are not.
 */
void frame_add(struct buf *frame, const char *text, size_t len,
    const struct terminal *terminal);

#endif
