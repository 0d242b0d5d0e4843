/* SPDX-License-Identifier: MIT */
/*
 * Any octets as messages of who reads mail, a line each with the kind in front:
 * what is taken keeps what backend/reports/hearsay.h promises, and says of
 * itself what was taken.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "reports/postbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1795824000 };

static void
hearsay_check(const struct hearsay *hearsay)
{
	const struct tlsrpt_sums *sums = &hearsay->collection.sums;

	assert(sums->sender_count <= HEARSAY_SENDERS);
	assert(sums->fault_count <= HEARSAY_FAULTS);
	assert(hearsay->collection.findings.count <= HEARSAY_UNREAD);
	assert(hearsay->recent_count <= HEARSAY_RECENT);
	for (size_t i = 0; i < sums->fault_count; i++) {
		const struct tlsrpt_fault *fault = &sums->faults[i];

		assert(strlen(fault->mx) <= LIMIT_TLSRPT_TEXT);
		assert(strlen(fault->reason) <= LIMIT_TLSRPT_TEXT);
		assert(fault->seen.count <= LIMIT_TLSRPT_SEEN);
	}
	for (size_t i = 0; i < hearsay->recent_count; i++) {
		struct findings findings = { 0 };
		const struct tlsrpt_fault
		    *fault = &sums->faults[hearsay->recent[i]];

		assert(hearsay->recent[i] < sums->fault_count);
		hearsay_find(hearsay,
		    fault->mx[0] != '\0' ? fault->mx : fault->domain, NOW,
		    &findings);
		findings_fini(&findings);
	}
}

/* A message that was refused is the last one, as wall/channel.h has it. */
static bool
line_take(struct hearsay *hearsay, const char *line, size_t len)
{
	static const enum message kinds[] = { MESSAGE_SENDER, MESSAGE_FAULT,
		MESSAGE_UNREAD, MESSAGE_HEARD };
	json_t *object;
	bool is_taken;

	if (len < 2 || line[0] < '0' || line[0] > '3')
		return false;
	object = json_loadb(line + 1, len - 1, JSON_REJECT_DUPLICATES, NULL);
	is_taken = json_is_object(object) &&
		   hearsay_take(hearsay, kinds[line[0] - '0'], object, NOW);
	json_decref(object);
	return is_taken;
}

static void
again(enum message message, json_t *object, void *arg)
{
	assert(hearsay_take(arg, message, object, NOW));
	json_decref(object);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct hearsay hearsay = { .recent_count = 0 };
	struct hearsay second = { .recent_count = 0 };
	bool is_whole = true;

	while (is_whole && at < end) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((eol != NULL ? eol : end) - at);

		is_whole = line_take(&hearsay, at, len);
		at += len + (eol != NULL);
	}
	hearsay_check(&hearsay);
	if (is_whole) {
		hearsay_tell(&hearsay.collection, again, &second);
		assert(second.collection.sums.fault_count ==
		       hearsay.collection.sums.fault_count);
		hearsay_check(&second);
	}
	hearsay_fini(&second);
	hearsay_fini(&hearsay);
	return 0;
}
