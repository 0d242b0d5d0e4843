/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_VERDICT_H
#define REPORTS_VERDICT_H

/* What a failure means, and what to do about it.  Pure. */

#include "cli/finding.h"
#include "tlsrpt/sums.h"

/* Add what it means to the findings. */
void verdict_add(struct findings *findings, const struct tlsrpt_fault *fault);

/*
 * The same as long as the sender tells of it: the subject has no dates, so that
 * it is one finding however many days it goes on.
 */
void verdict_add_standing(
    struct findings *findings, const struct tlsrpt_fault *fault);

enum finding_kind verdict_kind(const struct tlsrpt_fault *fault);

/* Return the name of the host that it is about, without final dot, or "". */
const char *verdict_host(const struct tlsrpt_fault *fault);

/* Return true if it is about MTA-STS, of which nothing is on record. */
bool verdict_is_sts(const struct tlsrpt_fault *fault);

#endif
