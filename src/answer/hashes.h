/* SPDX-License-Identifier: MIT */
#ifndef ANSWER_HASHES_H
#define ANSWER_HASHES_H

/*
 * The names of a zone in the order of their hashes, kept beside its owners if
 * apex->nsec3 asks for it: the apex, every owner, and every empty non-terminal
 * above one (RFC 5155 s7.1).  Private to zone*.c.
 * Pure.  Threads: one at a time.
 */

#include "answer/zone.h"

/* Begin with what the zone has; it must have no hashes. */
void zone_hashes_init(struct zone *zone);

/* An owner came, or is gone. */
void zone_hashes_add(struct zone *zone, const uint8_t *key, size_t len);
void zone_hashes_remove(struct zone *zone, const uint8_t *key, size_t len);

#endif
