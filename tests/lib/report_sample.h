/* SPDX-License-Identifier: MIT */
#ifndef REPORT_SAMPLE_H
#define REPORT_SAMPLE_H

/*
 * Made-up reports, whose members are what chance says, and what must be equal
 * of two of them.  A failure inside fails the test that runs.
 */

#include <stdbool.h>

#include "report/report.h"

enum { SAMPLE_SOURCES = 5 }; /* a report's is below */

/* The next number of the row that `seed` begins; below `end`. */
unsigned sample_chance(unsigned *seed, unsigned end);

/* One of state_sample.h's names, new; or NULL if `is_needed` is not set. */
char *sample_text(unsigned *seed, bool is_needed);

/* A report; report_fini() it. */
struct report sample_report(unsigned *seed);

/* All that is known of two certificates or chains is the same. */
void sample_same_cert(const struct cert *a, const struct cert *b);
void sample_same_chain(const struct chain *a, const struct chain *b);

/* So it is with two reports, each member of them. */
void sample_same_report(const struct report *a, const struct report *b);

#endif
