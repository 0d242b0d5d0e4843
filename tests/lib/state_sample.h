/* SPDX-License-Identifier: MIT */
#ifndef STATE_SAMPLE_H
#define STATE_SAMPLE_H

/* Made-up things to put on record, with extreme values in every member. */

#include "pki/chain.h"
#include "state/state.h"
#include "state_world.h"

enum { SAMPLE_NAMES = 11 };

/* Names are octets: quotes, control characters, Latin-1, percent signs. */
extern const char *const sample_names[SAMPLE_NAMES];

/* A certificate with every member filled from `seed`; with DER if `full`. */
struct cert *sample_cert(const char *subject, unsigned seed, bool full);

/* A chain of `count` CA certificates (borrowed, referenced). */
struct chain *sample_chain(
    struct cert *leaf, struct cert *const *ca, size_t count);

/*
 * Put a zone, an owner, a lineage and an alarm of each name, in one commit of
 * the first process, and expect them.
 */
void sample_put_all(struct state_world *world);

/* Put a lineage with one generation. */
void sample_put_lineage(struct state *state, const char *name,
    struct cert *const *ca, size_t ca_count);

#endif
