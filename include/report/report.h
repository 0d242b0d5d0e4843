/* SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

/*
 * What one look at a lineage found: all that the half which reads files tells
 * the half which answers.  Plain data.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/fingerprint.h"
#include "pki/lineage.h"

/* What the look came to. */
enum verdict {
	VERDICT_GOOD,    /* its files are as they should be */
	VERDICT_PROBLEM, /* they cannot be used now */
	VERDICT_DELETED, /* deliberately */
	VERDICT_PASSED,  /* no lineage, whatever it was thought to be */
	VERDICTS,
};

/* Zeroed, but for the source and the name, nothing was found. */
struct report {
	unsigned source; /* index into what is read: see report/reading.h */
	char *name;      /* owned, as is all that follows */
	enum verdict verdict;
	char *problem; /* VERDICT_PROBLEM: what is wrong; or NULL */

	struct chain *chain; /* what was read anew; NULL: nothing was */
	char *file;          /* by the path its store gives */
	struct fingerprint print;
	char *remark;            /* what else is in the file, or NULL */
	struct generation *past; /* earlier ones, newest first */
	size_t past_count;

	bool has_next; /* what is staged is known */
	struct next_key *next;
	size_t next_count;
	struct renewal_plan plan; /* VERDICT_GOOD */
	bool is_located;          /* it is known what is odd about its place */
	char *warning;            /* or NULL: nothing */
};

/* Drop what is left in it. */
void report_fini(struct report *report);

#endif
