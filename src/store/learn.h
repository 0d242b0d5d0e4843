/* SPDX-License-Identifier: MIT */
#ifndef STORE_LEARN_H
#define STORE_LEARN_H

/*
 * What issuer sets learn from the chains of lineages.  It follows from the
 * generations, which are on record: as long as one of them is remembered, so is
 * its issuer.
 */

#include <stdint.h>

#include "data.h"

/* The lineage has a chain that issuer sets may learn from. */
void store_note_teacher(struct store *store, struct lineage *lineage);

/*
 * Have them learn, once something was noted.  `learned` (may be NULL) hears of
 * each set with the last issuer in it that `lineage` told.
 */
void store_learn(struct store *store, int64_t now,
    void (*learned)(const struct issuer_set *set, const struct lineage *lineage,
	const struct cert *issuer, void *arg),
    void *arg);

#endif
