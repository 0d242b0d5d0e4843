/* SPDX-License-Identifier: MIT */
#ifndef LOOKS_H
#define LOOKS_H

/* Looks at what stands, by its names, and a record of it in memory. */

#include <stdbool.h>
#include <stdint.h>

#include "alarm/alarms.h"
#include "base/buf.h"

enum {
	LOOKS_AFTER = 300, /* seconds that each has to stand */
	LOOKS_NAMES = 6,   /* of looks_bits() */
};

/*
 * Append what is told to a struct buf, one word after the other: "+name " and
 * "-name ".
 */
void looks_note(const struct alarm *alarm, void *arg);

/* One look at `names`, and a run that ends well (or not) if there is any. */
void looks_once(struct alarms *alarms, const char *names, int64_t now,
    bool is_good, struct buf *said);

/* One look at "0", "1", ..., as far as the bit of each is set. */
void looks_bits(struct alarms *alarms, unsigned stand, int64_t now);

/* Put on a record, which is a trie with looks_free(). */
void looks_put(const char *name, const struct alarm *alarm, void *arg);
void looks_free(void *value);

/* Begin anew with what is on that record. */
void looks_restart(struct alarms *alarms, const struct trie *kept);

#endif
