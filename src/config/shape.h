/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_SHAPE_H
#define CONFIG_SHAPE_H

/*
 * Does a document have the shape that the schema describes?  What passes here
 * libcyaml loads.  Private to config_*.c.
 * Pure.  Threads: any, nothing is shared.
 */

#include <cyaml/cyaml.h>

#include "base/status.h"
#include "document.h"

/*
 * Check the whole document: known keys, each once; required keys; texts,
 * lists and mappings where they belong; values that are not empty.
 *
 * Returns STATUS_OK, or STATUS_MALFORMED with a `problem` that has file, line
 * and column.
 */
enum status config_shape_check(const struct document *document,
    const struct cyaml_schema_value *schema, struct problem *problem);

#endif
