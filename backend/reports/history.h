/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_HISTORY_H
#define REPORTS_HISTORY_H

/*
 * What was published and renewed when senders saw something fail, as far as it
 * is on record: since when what is published now has been, and the generations
 * of each lineage.  What was withdrawn since is on no record.
 * Pure.  Threads: any, nothing is shared.
 */

#include <jansson.h>
#include <stdint.h>

#include "store/store.h"
#include "tlsrpt/sums.h"

/* Return sentences as a JSON array, new. */
json_t *history_tell(
    const struct store *store, const struct tlsrpt_fault *fault, int64_t now);

#endif
