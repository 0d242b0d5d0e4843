/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

/*
 * Places where lineages lie.  Threads: any, nothing is shared.
 */

#include "source/kind.h"

/* Return what to do about a source in which nothing was found; static. */
const char *source_empty_mend(const struct config_source *source);

/* Return the functions for a type of store; static. */
const struct source_ops *source_ops(enum source_type type);

#endif
