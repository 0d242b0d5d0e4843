/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_PROPAGATION_H
#define CONFIG_PROPAGATION_H

/*
 * The one key that is a word or a mapping.  Private to config_*.c.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>

#include "base/status.h"
#include "config/config.h"
#include "document.h"

/*
 * Read "propagation" of the mapping `at`: the hold time, or a mapping of that
 * and of what has to be seen.  *ret_has_hold: the hold time was written.
 * Returns STATUS_OK, or STATUS_MALFORMED with a `problem` that has file, line
 * and column.
 */
enum status config_propagation_read(const struct document *document,
    struct place at, struct policy *policy, bool *ret_has_hold,
    struct problem *problem);

#endif
