/* SPDX-License-Identifier: MIT */
#ifndef STORE_BIND_H
#define STORE_BIND_H

/* Which lineages count for which services. */

#include <stddef.h>

#include "data.h"

/*
 * Collect the lineages bound to `service`, those with a generation first and
 * ordered by name; the array is owned by the caller.
 */
const struct lineage **store_bound(const struct store *store,
    const struct service *service, size_t *ret_count, size_t *ret_readable);

/*
 * Call `visit` with each list of services for which the lineage counts, or
 * counted; a service may be in several.
 */
void store_walk_services(const struct store *store,
    const struct lineage *lineage,
    void (*visit)(const struct index_list *list, void *arg), void *arg);

/* Note that the RRsets of all these have to be decided again. */
void store_mark_lineage(struct store *store, const struct lineage *lineage);

/* Note that, and take the lineage out and free it. */
void store_remove_lineage(struct store *store, struct lineage *lineage);

#endif
