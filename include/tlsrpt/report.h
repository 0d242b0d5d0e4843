/* SPDX-License-Identifier: MIT */
#ifndef TLSRPT_REPORT_H
#define TLSRPT_REPORT_H

/*
 * One TLS report (RFC 8460 s4): its JSON, as senders really write it, to plain
 * data.  What of it deviates from the RFC and is understood all the same is a
 * row of tests/unit/tlsrpt/test_report.c.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/texts.h"

enum tlsrpt_type {
	TLSRPT_TLSA,
	TLSRPT_STS,
	TLSRPT_NONE,  /* "no-policy-found" */
	TLSRPT_OTHER, /* none that the RFC knows, or not said */
};

/* Return the word of the RFC; "other". */
const char *tlsrpt_type_word(enum tlsrpt_type type);

/* More sessions than this are so many. */
#define TLSRPT_SESSIONS INT64_C(1000000000000)

/*
 * Octets that are kept of the RDATA of a record.  A SHA-512 has 128 digits; of
 * a whole key or certificate it is the begin.
 */
enum { TLSRPT_RDATA = 254 };

/* Texts are UTF-8, owned, and LIMIT_TLSRPT_TEXT octets at most. */
struct tlsrpt_failure {
	char *result;     /* the RFC's result-type, or another word */
	char *mx;         /* host name without final dot, or "" */
	char *reason;     /* of the sender, or "" */
	int64_t sessions; /* 0..TLSRPT_SESSIONS */
};

struct tlsrpt_policy {
	enum tlsrpt_type type;
	char *domain; /* without final dot, or "" */
	/* Of TLSRPT_TLSA: RDATA, TLSRPT_RDATA octets, as "3 1 1 0b9f...". */
	struct texts seen;
	int64_t good;   /* sessions, 0..TLSRPT_SESSIONS */
	int64_t failed; /* all of them, whether failures has them or not */
	struct tlsrpt_failure *failures;
	size_t failure_count;
};

struct tlsrpt {
	char *organization; /* who sent it, or "" */
	char *id;           /* which no other one of theirs has, or "" */
	int64_t from;       /* seconds since 1970 */
	int64_t to;         /* the last of them; >= from */
	struct tlsrpt_policy *policies;
	size_t policy_count;
};

/*
 * Decode the `len` octets of `text`.
 *
 * Returns STATUS_OK: end *ret_report with tlsrpt_fini().  Else with `problem`:
 * STATUS_MALFORMED if it is no JSON, or lacks what there is no report without
 * (policies, and the time that they are of); STATUS_FOREIGN if it is JSON of
 * something else; STATUS_LIMIT if it would cost too much to decode.
 */
enum status tlsrpt_decode(const char *text, size_t len,
    struct tlsrpt *ret_report, struct problem *problem);

void tlsrpt_fini(struct tlsrpt *report);

#endif
