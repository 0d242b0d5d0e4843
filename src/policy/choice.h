/* SPDX-License-Identifier: MIT */
#ifndef POLICY_CHOICE_H
#define POLICY_CHOICE_H

/*
 * From what could be published to what is.  Pure.  Threads: one at a time.
 */

#include "decision.h"

/* Choose, write it all to `set`, and free what is left of the decision. */
void decision_end(struct decision *decision, struct associations *set);

#endif
