/* SPDX-License-Identifier: MIT */
#ifndef STORE_DISCOVER_H
#define STORE_DISCOVER_H

/*
 * Services that nobody listed.  One begins when a leaf names a host that a
 * pattern matches, and ends when no leaf that is current or retained does any
 * more: an RRset is never withdrawn because a file was missing.  So what was
 * published begins again by its owner name alone, and stays, whatever became of
 * the files, while a pattern matches and until a leaf has named it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data.h"

/*
 * Enter the lineage under each name of its generations' leafs, and begin the
 * services for them that are wanted and missing.
 */
void store_enter_lineage(struct store *store, struct lineage *lineage);

/*
 * Begin the service that had this owner name, if such are still wanted: what
 * was published stays, whatever became of the files.
 */
void store_discover_again(struct store *store, const uint8_t *key, size_t len);

/*
 * Return true if a leaf named the host of a discovered service, and none does
 * any more.
 */
bool store_is_deserted(
    const struct store *store, const struct service *service);

/* Take out a discovered service that publishes nothing, and free it. */
void store_desert(struct store *store, struct service *service);

/* Free all of them. */
void store_free_discovered(struct store *store);

#endif
