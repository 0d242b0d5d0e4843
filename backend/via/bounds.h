/* SPDX-License-Identifier: MIT */
#ifndef VIA_BOUNDS_H
#define VIA_BOUNDS_H

/*
 * For whom a sender may speak, as the line of his key says: `receive --hosts
 * PATTERNS --as NAME`.  Pure.  Threads: any, nothing is shared.
 */

#include "base/status.h"
#include "files/file.h"
#include "pki/cert.h"

struct bounds {
	struct paths hosts; /* patterns for glob_match(), each once */
	char *sender; /* who it is: by the name, or else by the patterns */
};

/*
 * Read patterns with commas between them, and the name (NULL: none).  Returns
 * STATUS_OK, and what is to be ended with bounds_fini(), or STATUS_MALFORMED
 * with `problem`.
 */
enum status bounds_parse(const char *hosts, const char *as,
    struct bounds *ret_bounds, struct problem *problem);

/*
 * Return true if all that the leaf names fits, and it names something.  A
 * wildcard stands for whatever it matches: only a pattern that takes any such
 * host will do.  Else false, with `problem`.
 */
bool bounds_allow(const struct bounds *bounds, const struct cert *leaf,
    struct problem *problem);

void bounds_fini(struct bounds *bounds);

#endif
