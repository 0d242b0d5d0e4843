/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

/*
 * From the text of the configuration to its meaning.  Private to config_*.c.
 * Pure.  Threads: any, nothing is shared.
 */

#include "base/status.h"
#include "config/config.h"
#include "document.h"
#include "schema.h"

/*
 * Understand every value of `text` (complete, config_text_complete()), one by
 * one; `document` is where it was written.
 *
 * Returns STATUS_OK and a new configuration, freed by config_free(); or
 * STATUS_MALFORMED, STATUS_LIMIT or STATUS_REFUSED with a `problem` that has
 * file, line and column.
 */
enum status config_build(const struct document *document,
    const struct config_text *text, struct config **ret_config,
    struct problem *problem);

#endif
