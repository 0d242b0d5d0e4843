/* SPDX-License-Identifier: MIT */
#ifndef LOOK_RIVALS_H
#define LOOK_RIVALS_H

/*
 * Several lineages that name one host: which of them may be abandoned, and who
 * may write them, for whoever writes one decides what is published.
 */

#include <stdbool.h>

#include "config/config.h"
#include "store/store.h"

/*
 * Return true if the lineage is one of those whose current certificate names
 * the host of a service that does not say which it presents.
 */
bool rivals_has(const struct service_view *view, const struct lineage *lineage);

/* Return how many such lineages there are. */
size_t rivals_count(const struct service_view *view);

/*
 * Return the lineage that seems to have taken the place of `lineage`: it names
 * all that this one does, was issued later with a key of the same kind, and
 * either this one has expired, or the two are called NAME and NAME-0001, as
 * certbot calls one that it makes anew.  NULL if there is none.
 */
const struct lineage *rivals_successor(const struct service_view *view,
    const struct lineage *lineage, int64_t now);

/* Return the command, or what else to do, that ends a lineage; free() it. */
char *rivals_end(
    const struct config_source *source, const struct lineage *lineage);

/*
 * Return who may write the file, by its rights and those of the directories
 * that lead to it: "root" or "root, alice, group www, anybody"; free() it.
 */
char *rivals_writers(const char *file);

#endif
