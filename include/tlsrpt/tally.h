/* SPDX-License-Identifier: MIT */
#ifndef TLSRPT_TALLY_H
#define TLSRPT_TALLY_H

/*
 * Sessions by what the sender went by, and by what failed: a table of fixed
 * size, whatever senders write.  Pure.  Threads: any, nothing is shared.
 */

#include <stdint.h>

#include "tlsrpt/report.h"

/* What RFC 8460 s4.3 has, "unspecified", and "other" for all else, the last. */
enum { TLSRPT_RESULTS = 13, TLSRPT_TYPES = TLSRPT_OTHER + 1 };

/* Return the word of a result, 0..TLSRPT_RESULTS - 1. */
const char *tlsrpt_result_word(unsigned result);

struct tlsrpt_tally {
	int64_t good[TLSRPT_TYPES]; /* INT64_MAX: so many, or more */
	int64_t failed[TLSRPT_TYPES][TLSRPT_RESULTS];
};

/* Add what a report says. */
void tlsrpt_tally_add(struct tlsrpt_tally *tally, const struct tlsrpt *report);

#endif
