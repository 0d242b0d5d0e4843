/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

/*
 * What each value alone cannot show: duplicates, contradictions, record types
 * that do harm, names that are served nowhere.  Private to config_*.c.
 * Pure.  Threads: any, nothing is shared.
 */

#include "base/status.h"
#include "config/config.h"
#include "document.h"

/*
 * Check the whole configuration; `document` is where it was written.  Linear
 * in its size.
 *
 * Returns STATUS_OK, or STATUS_REFUSED or STATUS_LIMIT with a `problem` that
 * has file, line and column.
 */
enum status config_check(const struct document *document,
    const struct config *config, struct problem *problem);

/* ---- config/policy.c ---- */

/* The same for every list of record types. */
enum status config_check_policies(const struct document *document,
    const struct config *config, struct problem *problem);

/*
 * Who may connect to our socket may ask for the keys of zones: STATUS_REFUSED
 * with `problem` if that is everybody, and there are any.
 */
enum status config_check_keys(const struct document *document,
    const struct config *config, struct problem *problem);

#endif
