/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DESCRIBED_H
#define ENGINE_DESCRIBED_H

/* The policy's chains in words.  Threads: one at a time. */

#include "base/buf.h"
#include "policy/association.h"

/* Append "what 'mail' serves", "what 'YR2' may issue for 'mail'" and so on. */
void chain_describe(const struct policy_chain *chain, struct buf *text);

/*
 * Append all that there is no room for, with commas; in order of priority.
 * Returns how many.
 */
size_t chains_describe_gaps(const struct associations *set, struct buf *text);

#endif
