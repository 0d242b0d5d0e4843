/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_RECORDS_H
#define CONFIG_RECORDS_H

/*
 * Which record types do harm, or nothing.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>

#include "config/config.h"
#include "document.h"

/*
 * Check the record types of the defaults and of each service.  Returns false
 * if one is refused.
 */
bool config_check_records(
    struct document *document, const struct config *config);

#endif
