/* SPDX-License-Identifier: MIT */
#include "tlsrpt/sums.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"

enum {
	GAP = 3600,   /* seconds; most reports end at 23:59:59, or at 24:00 */
	FIRST = 1024, /* see sender_next */
};

/* ---- each report once ---- */

static int
name_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool
is_new(struct tlsrpt_sums *sums, const struct tlsrpt *report)
{
	char **found;
	char *name;

	if (report->id[0] == '\0')
		return true;
	name = mem_format("%s\n%s\n%lld", report->organization, report->id,
	    (long long)report->from);
	found = tsearch(name, &sums->known, name_compare);
	if (found == NULL)
		abort(); /* without memory, as base/mem.h */
	if (*found == name)
		return true;
	free(name);
	return false;
}

/* ---- what belongs together ---- */

static int64_t
sum_of(int64_t a, int64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static int
when_compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* By all that makes two of them one. */
static int
sender_same(const struct tlsrpt_sender *a, const struct tlsrpt_sender *b)
{
	int order = strcmp(a->organization, b->organization);

	if (order == 0)
		order = strcmp(a->domain, b->domain);
	return order != 0 ? order : (int)a->type - (int)b->type;
}

static int
sender_compare(const void *a, const void *b)
{
	return sender_same(a, b);
}

/* Those without a host come last: they say least. */
static int
fault_same(const struct tlsrpt_fault *a, const struct tlsrpt_fault *b)
{
	int order = (a->mx[0] == '\0') - (b->mx[0] == '\0');

	if (order == 0)
		order = strcmp(a->mx, b->mx);

	if (order == 0)
		order = strcmp(a->result, b->result);
	if (order == 0)
		order = strcmp(a->organization, b->organization);
	if (order == 0)
		order = strcmp(a->domain, b->domain);
	return order != 0 ? order : (int)a->type - (int)b->type;
}

static int
fault_compare(const void *a, const void *b)
{
	const struct tlsrpt_fault *one = a, *other = b;
	int order = fault_same(one, other);

	return order != 0 ? order : when_compare(one->from, other->from);
}

static void
sender_fini(struct tlsrpt_sender *sender)
{
	free(sender->organization);
	free(sender->domain);
}

static void
fault_fini(struct tlsrpt_fault *fault)
{
	free(fault->mx);
	free(fault->result);
	free(fault->organization);
	free(fault->domain);
	free(fault->reason);
	texts_fini(&fault->seen);
}

static void
range_join(int64_t *from, int64_t *to, int64_t other_from, int64_t other_to)
{
	if (other_from < *from)
		*from = other_from;
	if (other_to > *to)
		*to = other_to;
}

static void
senders_merge(struct tlsrpt_sums *sums)
{
	size_t kept = 0;

	if (sums->sender_count == 0)
		return;
	qsort(sums->senders, sums->sender_count, sizeof(*sums->senders),
	    sender_compare);
	for (size_t i = 1; i < sums->sender_count; i++) {
		struct tlsrpt_sender *last = &sums->senders[kept];
		struct tlsrpt_sender *next = &sums->senders[i];

		if (sender_same(last, next) != 0) {
			sums->senders[++kept] = *next;
			continue;
		}
		last->good = sum_of(last->good, next->good);
		last->failed = sum_of(last->failed, next->failed);
		range_join(&last->from, &last->to, next->from, next->to);
		sender_fini(next);
	}
	sums->sender_count = kept + 1;
}

static void
fault_join(struct tlsrpt_fault *last, struct tlsrpt_fault *next)
{
	last->sessions = sum_of(last->sessions, next->sessions);
	range_join(&last->from, &last->to, next->from, next->to);
	for (size_t i = 0; i < next->seen.count; i++)
		texts_add(&last->seen, next->seen.list[i]);
	if (last->reason[0] == '\0') {
		free(last->reason);
		last->reason = next->reason;
		next->reason = NULL;
	}
	fault_fini(next);
}

static void
faults_merge(struct tlsrpt_sums *sums)
{
	size_t kept = 0;

	if (sums->fault_count == 0)
		return;
	qsort(sums->faults, sums->fault_count, sizeof(*sums->faults),
	    fault_compare);
	for (size_t i = 1; i < sums->fault_count; i++) {
		struct tlsrpt_fault *last = &sums->faults[kept];
		struct tlsrpt_fault *next = &sums->faults[i];

		if (fault_same(last, next) == 0 && next->from - GAP <= last->to)
			fault_join(last, next);
		else
			sums->faults[++kept] = *next;
	}
	sums->fault_count = kept + 1;
}

/* ---- adding ---- */

/*
 * How many there may be before they are put together again: so many more that
 * this is rare; or no more.
 */
static size_t
next_of(size_t count, size_t limit)
{
	return count < limit ? 2 * count + FIRST : count;
}

/* Return whether there is room for one more. */
static bool
senders_extend(struct tlsrpt_sums *sums)
{
	if (sums->sender_count < sums->sender_next)
		return true;
	if (sums->senders_left > 0)
		return false;
	senders_merge(sums);
	sums->sender_next = next_of(sums->sender_count, LIMIT_TLSRPT_SENDERS);
	sums->senders = mem_resize(
	    sums->senders, sums->sender_next, sizeof(*sums->senders));
	return sums->sender_count < sums->sender_next;
}

static bool
faults_extend(struct tlsrpt_sums *sums)
{
	if (sums->fault_count < sums->fault_next)
		return true;
	if (sums->faults_left > 0)
		return false;
	faults_merge(sums);
	sums->fault_next = next_of(sums->fault_count, LIMIT_TLSRPT_FAULTS);
	sums->faults = mem_resize(
	    sums->faults, sums->fault_next, sizeof(*sums->faults));
	return sums->fault_count < sums->fault_next;
}

static void
sender_add(struct tlsrpt_sums *sums, const struct tlsrpt *report,
    const struct tlsrpt_policy *policy)
{
	if (!senders_extend(sums)) {
		sums->senders_left++;
		return;
	}
	sums->senders[sums->sender_count++] = (struct tlsrpt_sender){
		.organization = mem_string(report->organization),
		.type = policy->type,
		.domain = mem_string(policy->domain),
		.good = policy->good,
		.failed = policy->failed,
		.from = report->from,
		.to = report->to,
	};
}

static void
fault_add(struct tlsrpt_sums *sums, const struct tlsrpt *report,
    const struct tlsrpt_policy *policy, const struct tlsrpt_failure *failure)
{
	struct tlsrpt_fault *fault;

	if (!faults_extend(sums)) {
		sums->faults_left++;
		return;
	}
	fault = &sums->faults[sums->fault_count++];
	*fault = (struct tlsrpt_fault){
		.mx = mem_string(failure->mx),
		.result = mem_string(failure->result),
		.organization = mem_string(report->organization),
		.type = policy->type,
		.domain = mem_string(policy->domain),
		.reason = mem_string(failure->reason),
		.sessions = failure->sessions,
		.from = report->from,
		.to = report->to,
	};
	for (size_t i = 0; i < policy->seen.count; i++)
		texts_add(&fault->seen, policy->seen.list[i]);
}

bool
tlsrpt_sums_add(struct tlsrpt_sums *sums, const struct tlsrpt *report)
{
	if (!is_new(sums, report)) {
		sums->duplicates++;
		return false;
	}
	if (sums->reports++ == 0) {
		sums->from = report->from;
		sums->to = report->to;
	}
	range_join(&sums->from, &sums->to, report->from, report->to);
	for (size_t p = 0; p < report->policy_count; p++) {
		const struct tlsrpt_policy *policy = &report->policies[p];

		sums->good = sum_of(sums->good, policy->good);
		sums->failed = sum_of(sums->failed, policy->failed);
		sender_add(sums, report, policy);
		for (size_t f = 0; f < policy->failure_count; f++)
			fault_add(sums, report, policy, &policy->failures[f]);
	}
	return true;
}

void
tlsrpt_sums_close(struct tlsrpt_sums *sums)
{
	senders_merge(sums);
	faults_merge(sums);
}

void
tlsrpt_sums_fini(struct tlsrpt_sums *sums)
{
	for (size_t i = 0; i < sums->sender_count; i++)
		sender_fini(&sums->senders[i]);
	for (size_t i = 0; i < sums->fault_count; i++)
		fault_fini(&sums->faults[i]);
	free(sums->senders);
	free(sums->faults);
	tdestroy(sums->known, free);
	*sums = (struct tlsrpt_sums){ 0 };
}
