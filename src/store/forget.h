/* SPDX-License-Identifier: MIT */
#ifndef STORE_FORGET_H
#define STORE_FORGET_H

/* What of the lineages ends by time alone. */

#include <stdint.h>

#include "data.h"

/*
 * Drop generations and deleted lineages that nobody retains any more; set
 * forget_at to the next time.
 */
void store_forget(struct store *store, int64_t now);

#endif
