/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_PLAIN_H
#define REMOTE_PLAIN_H

/*
 * The reader of plain request lines; see remote/request.h.  Pure.
 */

#include <stdbool.h>

#include "remote/request.h"

/*
 * Read a line in place.  Returns false, with *request in any state, if it is
 * not plain: no judgement on whether it is right.
 */
bool request_read_plain(const char *line, size_t len, struct request *request);

#endif
