/* SPDX-License-Identifier: MIT */
#ifndef TLSRPT_SUMS_H
#define TLSRPT_SUMS_H

/*
 * Who saw what: many TLS reports, each counted once, summed up.
 * Pure.  Threads: one at a time for each.  A zeroed struct has no report yet.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/texts.h"
#include "tlsrpt/report.h"

/* What a sender said of all sessions under one policy. */
struct tlsrpt_sender {
	char *organization; /* owned, as are the other texts */
	enum tlsrpt_type type;
	char *domain;
	int64_t good; /* sessions; INT64_MAX: so many, or more */
	int64_t failed;
	int64_t from; /* seconds since 1970, of the first report */
	int64_t to;   /* and of the last one */
};

/*
 * What failed for a sender in the same way at the same host, in reports that
 * follow each other without a gap.
 */
struct tlsrpt_fault {
	char *mx; /* or "" */
	char *result;
	char *organization;
	enum tlsrpt_type type;
	char *domain;
	char *reason;      /* the first that was given, or "" */
	struct texts seen; /* the records that the sender went by */
	int64_t sessions;
	int64_t from;
	int64_t to;
};

struct tlsrpt_sums {
	size_t reports;    /* that were counted */
	size_t duplicates; /* that were not */
	int64_t good;
	int64_t failed;
	int64_t from; /* of the first report; 0 without any */
	int64_t to;
	struct tlsrpt_sender *senders;
	size_t sender_count;
	struct tlsrpt_fault *faults;
	size_t fault_count;
	size_t sender_next; /* when it has so many, they are put together */
	size_t fault_next;  /* likewise */
	/* For which there was no place: they count in good and failed alone. */
	size_t senders_left;
	size_t faults_left;
	void *known; /* of tsearch(3): names of reports, owned */
};

/*
 * Add a report.  Returns false for one that is there: of the same organisation
 * and time, with the same id.  One without an id is always another one.
 */
bool tlsrpt_sums_add(struct tlsrpt_sums *sums, const struct tlsrpt *report);

/*
 * Put together what belongs together, in the order of names and time: to be
 * called before the lists are read.
 */
void tlsrpt_sums_close(struct tlsrpt_sums *sums);

void tlsrpt_sums_fini(struct tlsrpt_sums *sums);

#endif
