/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_PLAN_H
#define FORMATS_PLAN_H

/*
 * How a lineage will be renewed, as JSON of our own: between our processes, our
 * machines, and on disk.  Pure.  Threads: any, nothing is shared.
 */

#include <jansson.h>
#include <stdbool.h>

#include "pki/lineage.h"

/* Return the plan as an object, new. */
json_t *plan_encode(const struct renewal_plan *plan);

/*
 * Read it back; what is missing is not known.  False if anything makes no
 * sense.  plan->server, which must be NULL, is to be freed in any case.
 */
bool plan_decode(const json_t *object, struct renewal_plan *plan);

#endif
