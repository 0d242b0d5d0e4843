/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

/*
 * What each value alone cannot show: duplicates, contradictions, record types
 * that do harm, names that are served nowhere, keys that everybody may read.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>

#include "config/config.h"
#include "document.h"

/*
 * Check the whole configuration; `document` is where it was written.  Linear
 * in its size.  Returns false if it is refused.
 */
bool config_check(struct document *document, const struct config *config);

#endif
