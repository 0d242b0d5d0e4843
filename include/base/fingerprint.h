/* SPDX-License-Identifier: MIT */
#ifndef BASE_FINGERPRINT_H
#define BASE_FINGERPRINT_H

/*
 * What tells one content of a path from another without reading it.  Plain
 * data.
 */

#include <stdbool.h>
#include <stdint.h>

struct fingerprint {
	uint64_t device;
	uint64_t inode;
	int64_t size;
	int64_t modified; /* nanoseconds since 1970 */
	int64_t changed;  /* the inode: ctime, nanoseconds since 1970 */
};

bool fingerprint_equal(
    const struct fingerprint *a, const struct fingerprint *b);

/*
 * Make of `print` one of two files that are read as one: it differs from that
 * of either, and a change of either changes it.
 */
void fingerprint_join(
    struct fingerprint *print, const struct fingerprint *other);

#endif
