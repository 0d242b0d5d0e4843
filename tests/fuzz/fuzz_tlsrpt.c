/* SPDX-License-Identifier: MIT */
/*
 * Any octets as the JSON of a TLS report, or as gzip of it: what is decoded
 * keeps what include/tlsrpt/report.h promises, and is summed up.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/limit.h"
#include "base/utf8.h"
#include "tlsrpt/sums.h"
#include "tlsrpt/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
text_check(const char *text)
{
	size_t left = strlen(text);
	uint32_t character;

	assert(left <= LIMIT_TLSRPT_TEXT);
	while (left > 0) {
		size_t len = utf8_decode(
		    (const uint8_t *)text, left, &character);

		assert(len > 0);
		text += len;
		left -= len;
	}
}

static void
policy_check(const struct tlsrpt_policy *policy)
{
	int64_t sum = 0;

	text_check(policy->domain);
	assert(policy->good >= 0 && policy->good <= TLSRPT_SESSIONS);
	assert(policy->failed >= 0 && policy->failed <= TLSRPT_SESSIONS);
	for (size_t i = 0; i < policy->failure_count; i++) {
		text_check(policy->failures[i].result);
		text_check(policy->failures[i].mx);
		text_check(policy->failures[i].reason);
		assert(policy->failures[i].result[0] != '\0');
		assert(policy->failures[i].sessions >= 1);
		sum += policy->failures[i].sessions;
	}
	assert(policy->failed <= sum);
	assert(policy->seen.count <= LIMIT_TLSRPT_SEEN);
	assert(policy->type == TLSRPT_TLSA || policy->seen.count == 0);
}

static void
sums_check(const struct tlsrpt *report)
{
	struct tlsrpt_sums sums = { 0 };

	assert(tlsrpt_sums_add(&sums, report));
	assert(tlsrpt_sums_add(&sums, report) == (report->id[0] == '\0'));
	tlsrpt_sums_close(&sums);
	assert(sums.from == report->from && sums.to == report->to);
	assert(sums.sender_count <= report->policy_count);
	for (size_t i = 0; i < sums.fault_count; i++)
		assert(sums.faults[i].sessions > 0);
	tlsrpt_sums_fini(&sums);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problem problem = { "" };
	struct buf text = { 0 };
	struct tlsrpt report;

	if (unpack_text((const char *)data, size, &text, &problem) !=
	    STATUS_OK) {
		assert(problem.text[0] != '\0');
	} else if (tlsrpt_decode(buf_text(&text), text.len, &report,
		       &problem) == STATUS_OK) {
		text_check(report.organization);
		text_check(report.id);
		assert(report.from <= report.to);
		for (size_t i = 0; i < report.policy_count; i++)
			policy_check(&report.policies[i]);
		sums_check(&report);
		tlsrpt_fini(&report);
	} else {
		assert(problem.text[0] != '\0');
	}
	buf_fini(&text);
	return 0;
}
