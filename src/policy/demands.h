/* SPDX-License-Identifier: MIT */
#ifndef POLICY_DEMANDS_H
#define POLICY_DEMANDS_H

/*
 * Which chains want an association.  Pure.  Threads: one at a time.
 */

#include "decision.h"

/* Add all of them, in the order of priority, when all units are there. */
void demands_add(struct decision *decision);

#endif
