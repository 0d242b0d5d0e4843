/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_OCTETS_H
#define CONFIG_OCTETS_H

/*
 * Is a file text at all?  Private to config_*.c.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stddef.h>

#include "base/status.h"

/*
 * Check that `len` octets are UTF-8 (RFC 3629) without control characters
 * and without tabs where YAML wants spaces.
 *
 * Returns STATUS_OK, or STATUS_MALFORMED with "PATH:LINE:COLUMN: ..."; a
 * column is a character.
 */
enum status config_octets_check(
    const char *path, const char *text, size_t len, struct problem *problem);

#endif
