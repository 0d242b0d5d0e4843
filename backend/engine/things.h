/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_THINGS_H
#define ENGINE_THINGS_H

/*
 * What is to go on record, as the record has it; all is borrowed.
 * Threads: one at a time.
 */

#include <stdint.h>

#include "alarm/alarms.h"
#include "answer/zone.h"
#include "config/config.h"
#include "pki/lineage.h"
#include "state/state.h"

/*
 * Return by what a source is on record, for its number may change; free() it.
 */
char *things_source(const struct config_source *source);

/* The RRset of an owner name; NULL: nothing is there any more. */
void things_put_owner(
    struct state *state, const char *name, const struct owner *owner);

/* `notified`: the serial that PowerDNS was told of last. */
void things_put_zone(
    struct state *state, const struct zone *zone, uint32_t notified);

void things_put_lineage(struct state *state, const struct lineage *lineage,
    const struct config_source *source);

/* NULL: off it. */
void things_put_alarm(
    struct state *state, const char *name, const struct alarm *alarm);

#endif
