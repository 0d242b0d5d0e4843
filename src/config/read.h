/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_READ_H
#define CONFIG_READ_H

/*
 * From the document to the configuration, by the rows (rows.h).
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>

#include "config/config.h"
#include "document.h"

/*
 * Check the shape of the whole document: known keys, each once; required keys;
 * texts, lists and mappings where they belong; values that are not empty.
 * Then understand every value, in the order of the rows, and fill `config`,
 * which is zero.
 *
 * Returns false if something is refused; config_free() is due in any case.
 */
bool config_read(struct document *document, struct config *config);

#endif
