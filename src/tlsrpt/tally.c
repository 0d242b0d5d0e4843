/* SPDX-License-Identifier: MIT */
#include "tlsrpt/tally.h"

#include <assert.h>
#include <string.h>

static const char *const words[] = { "starttls-not-supported",
	"certificate-host-mismatch", "certificate-expired",
	"certificate-not-trusted", "validation-failure", "tlsa-invalid",
	"dnssec-invalid", "dane-required", "sts-policy-fetch-error",
	"sts-policy-invalid", "sts-webpki-invalid", "unspecified", "other" };

static_assert(
    sizeof(words) / sizeof(words[0]) == TLSRPT_RESULTS, "a word each");

const char *
tlsrpt_result_word(unsigned result)
{
	return words[result];
}

static unsigned
result_of(const char *word)
{
	unsigned result = 0;

	while (result + 1 < TLSRPT_RESULTS && strcmp(words[result], word) != 0)
		result++;
	return result;
}

static void
count(int64_t *sum, int64_t sessions)
{
	*sum = *sum > INT64_MAX - sessions ? INT64_MAX : *sum + sessions;
}

void
tlsrpt_tally_add(struct tlsrpt_tally *tally, const struct tlsrpt *report)
{
	for (size_t p = 0; p < report->policy_count; p++) {
		const struct tlsrpt_policy *policy = &report->policies[p];
		int64_t *failed = tally->failed[policy->type];

		count(&tally->good[policy->type], policy->good);
		for (size_t f = 0; f < policy->failure_count; f++)
			count(&failed[result_of(policy->failures[f].result)],
			    policy->failures[f].sessions);
	}
}
