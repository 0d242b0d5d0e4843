/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_PRINT_H
#define REPORTS_PRINT_H

/* What senders saw, for monitoring, people and programs (pdns-tlsa(8)). */

#include <stdio.h>

#include "cli/command.h"
#include "collection.h"
#include "store/store.h"

/*
 * Print a collection that has ended, with what `store` (NULL: there is none)
 * has on record as of `now`.  Returns the exit status.
 */
int reports_print(const struct collection *collection,
    const struct store *store, int64_t now, enum format format, FILE *stream);

#endif
