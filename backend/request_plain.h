/* SPDX-License-Identifier: MIT */
#ifndef REQUEST_PLAIN_H
#define REQUEST_PLAIN_H

/*
 * The reader of plain request lines; see request.h.  Pure.
 */

#include <stdbool.h>

#include "request.h"

/*
 * Read a line in place.  Returns false, with *request in any state, if it is
 * not plain: no judgement on whether it is right.
 */
bool request_read_plain(const char *line, size_t len, struct request *request);

#endif
