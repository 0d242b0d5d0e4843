/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_VERDICT_H
#define REPORTS_VERDICT_H

/* What a failure means, and what to do about it.  Pure. */

#include "cli/finding.h"
#include "tlsrpt/sums.h"

/* Add what it means to the findings. */
void verdict_add(struct findings *findings, const struct tlsrpt_fault *fault);

/* Return true if it is about MTA-STS, of which nothing is on record. */
bool verdict_is_sts(const struct tlsrpt_fault *fault);

#endif
