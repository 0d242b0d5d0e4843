/* SPDX-License-Identifier: MIT */
#include "tlsrpt/report.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_cost.h"
#include "base/limit.h"
#include "base/mem.h"
#include "formats/date.h"

static const char *const type_words[] = {
	[TLSRPT_TLSA] = "tlsa",
	[TLSRPT_STS] = "sts",
	[TLSRPT_NONE] = "no-policy-found",
	[TLSRPT_OTHER] = "other",
};

const char *
tlsrpt_type_word(enum tlsrpt_type type)
{
	return type_words[type];
}

/* ---- members ---- */

/* The first of two names that is there and not null; else NULL. */
static const json_t *
member(const json_t *object, const char *name, const char *other)
{
	const json_t *value = json_object_get(object, name);

	if (value == NULL || json_is_null(value))
		value = json_object_get(object, other);
	return json_is_null(value) ? NULL : value;
}

/* As much as is kept of a text, and never a part of a character; new. */
static char *
text_cut(const char *text)
{
	size_t len = strlen(text);

	if (len > LIMIT_TLSRPT_TEXT) {
		len = LIMIT_TLSRPT_TEXT;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	return mem_copy(text, len);
}

static char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text_cut(text != NULL ? text : "");
}

/* The same for a word or a name of the DNS. */
static char *
name_cut(const char *name)
{
	char *text = text_cut(name);
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] += 'a' - 'A';
	if (len > 0 && text[len - 1] == '.')
		text[len - 1] = '\0';
	return text;
}

static char *
name_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return name_cut(text != NULL ? text : "");
}

/* A number, or a text that is one. */
static int64_t
count_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	double number = 0;

	if (json_is_number(value))
		number = json_number_value(value);
	else if (json_is_string(value))
		number = strtod(json_string_value(value), NULL);
	if (!(number >= 1))
		return 0;
	return number < (double)TLSRPT_SESSIONS ? (int64_t)number
						: TLSRPT_SESSIONS;
}

/* ---- the records that a sender went by ---- */

/* "3 1 1 0B9F A5..." as "3 1 1 0B9FA5..."; false if it is something else. */
static bool
rdata_write(const char *text, char *ret_text, size_t size)
{
	unsigned fields = 0;
	size_t len = 0;

	for (text += strspn(text, " \t"); *text != '\0';
	     text += strspn(text, " \t")) {
		size_t digits = strspn(text, "0123456789abcdefABCDEF");
		size_t room = size - 1 - len;

		if (digits == 0 || strchr(" \t", text[digits]) == NULL)
			return false;
		memcpy(ret_text + len, text, digits < room ? digits : room);
		len += digits < room ? digits : room;
		text += digits;
		/* Behind the third there is hexadecimal to the end. */
		if (++fields <= 3 && len + 1 < size)
			ret_text[len++] = ' ';
	}
	ret_text[len] = '\0';
	return fields > 3;
}

static void
seen_add(const json_t *value, struct texts *seen)
{
	char rdata[TLSRPT_RDATA + 1];
	const char *text = json_string_value(value);

	if (text != NULL && seen->count < LIMIT_TLSRPT_SEEN &&
	    rdata_write(text, rdata, sizeof(rdata)))
		texts_add(seen, rdata);
}

/* A list of texts, or one text. */
static void
seen_read(const json_t *policy, struct texts *seen)
{
	const json_t *list = json_object_get(policy, "policy-string");

	seen_add(list, seen);
	for (size_t i = 0; i < json_array_size(list); i++)
		seen_add(json_array_get(list, i), seen);
}

/* ---- policies ---- */

static enum tlsrpt_type
type_read(const json_t *policy)
{
	char *word = name_of(policy, "policy-type");
	size_t type = 0;

	while (type < TLSRPT_OTHER && strcmp(word, type_words[type]) != 0)
		type++;
	free(word);
	return (enum tlsrpt_type)type;
}

/* The one host of the policy, if there is no other, and no pattern. */
static char *
host_of(const json_t *policy)
{
	const json_t *hosts = member(policy, "mx-host", "mx-host-pattern");
	const char *host = json_string_value(hosts);

	if (json_array_size(hosts) == 1)
		host = json_string_value(json_array_get(hosts, 0));
	if (host == NULL || strchr(host, '*') != NULL)
		host = "";
	return name_cut(host);
}

static void
failure_read(
    const json_t *details, const json_t *policy, struct tlsrpt_failure *failure)
{
	failure->result = name_of(details, "result-type");
	if (failure->result[0] == '\0') {
		free(failure->result);
		failure->result = mem_string("unspecified");
	}
	failure->mx = name_of(details, "receiving-mx-hostname");
	if (failure->mx[0] == '\0') {
		free(failure->mx);
		failure->mx = host_of(policy);
	}
	failure->reason = text_of(details, "failure-reason-code");
	/* Who names a failure means one at least. */
	failure->sessions = count_of(details, "failed-session-count");
	if (failure->sessions == 0)
		failure->sessions = 1;
}

/* That says so itself: there was no such failure. */
static bool
is_none(const json_t *details)
{
	const json_t *count = json_object_get(details, "failed-session-count");

	return json_is_number(count) && json_number_value(count) == 0;
}

static int64_t
sum_of(int64_t a, int64_t b)
{
	return a + b < TLSRPT_SESSIONS ? a + b : TLSRPT_SESSIONS;
}

static void
failures_read(
    const json_t *entry, const json_t *described, struct tlsrpt_policy *policy)
{
	const json_t *list = member(entry, "failure-details", "failures");
	bool is_list = json_is_array(list);
	size_t count = is_list ? json_array_size(list) : json_is_object(list);
	int64_t sum = 0;

	policy->failures = mem_array(count + 1, sizeof(*policy->failures));
	for (size_t i = 0; i < count; i++) {
		const json_t *details = is_list ? json_array_get(list, i)
						: list;
		struct tlsrpt_failure
		    *failure = &policy->failures[policy->failure_count];

		if (!json_is_object(details) || is_none(details))
			continue;
		failure_read(details, described, failure);
		sum = sum_of(sum, failure->sessions);
		policy->failure_count++;
	}
	if (policy->failed < sum)
		policy->failed = sum;
	/* What nothing more is said of. */
	if (policy->failed > sum)
		policy->failures[policy->failure_count++] =
		    (struct tlsrpt_failure){
			    .result = mem_string("unspecified"),
			    .mx = host_of(described),
			    .reason = mem_string(""),
			    .sessions = policy->failed - sum,
		    };
}

static void
policy_read(const json_t *entry, struct tlsrpt_policy *policy)
{
	const json_t *described = json_object_get(entry, "policy");
	const json_t *summary = json_object_get(entry, "summary");

	policy->type = type_read(described);
	policy->domain = name_of(described, "policy-domain");
	if (policy->type == TLSRPT_TLSA)
		seen_read(described, &policy->seen);
	policy->good = count_of(summary, "total-successful-session-count");
	policy->failed = count_of(summary, "total-failure-session-count");
	failures_read(entry, described, policy);
}

/* A list, or one policy. */
static void
policies_read(const json_t *list, struct tlsrpt *report)
{
	bool is_list = json_is_array(list);
	size_t count = is_list ? json_array_size(list) : 1;

	report->policies = mem_array(count + 1, sizeof(*report->policies));
	for (size_t i = 0; i < count; i++) {
		const json_t *entry = is_list ? json_array_get(list, i) : list;

		if (json_is_object(entry))
			policy_read(
			    entry, &report->policies[report->policy_count++]);
	}
}

/* ---- the report ---- */

static bool
when_read(const json_t *range, const char *name, int64_t *ret_when)
{
	const json_t *value = json_object_get(range, name);

	if (json_is_integer(value) && json_integer_value(value) >= 0 &&
	    json_integer_value(value) < LIMIT_TIME) {
		*ret_when = json_integer_value(value);
		return true;
	}
	return json_is_string(value) &&
	       date_read(json_string_value(value), ret_when);
}

/* One end is enough; a day is what the RFC recommends. */
static bool
range_read(const json_t *root, struct tlsrpt *report)
{
	enum { LAST = 86400 - 1 };
	const json_t *range = json_object_get(root, "date-range");
	bool has_from = when_read(range, "start-datetime", &report->from);
	bool has_to = when_read(range, "end-datetime", &report->to);

	if (!has_from)
		report->from = report->to - LAST;
	if (!has_to)
		report->to = report->from + LAST;
	if (report->to < report->from)
		report->to = report->from;
	return has_from || has_to;
}

static enum status
root_read(
    const json_t *root, struct tlsrpt *ret_report, struct problem *problem)
{
	const json_t *policies = json_object_get(root, "policies");
	struct tlsrpt report = { 0 };

	if (policies == NULL && json_object_get(root, "date-range") == NULL) {
		problem_set(problem, "is JSON, but no TLS report");
		return STATUS_FOREIGN;
	}
	if (!json_is_array(policies) && !json_is_object(policies)) {
		problem_set(problem, "has no 'policies'");
		return STATUS_MALFORMED;
	}
	if (!range_read(root, &report)) {
		problem_set(
		    problem, "has no 'date-range' that can be understood");
		return STATUS_MALFORMED;
	}
	report.organization = text_of(root, "organization-name");
	report.id = text_of(root, "report-id");
	policies_read(policies, &report);
	*ret_report = report;
	return STATUS_OK;
}

enum status
tlsrpt_decode(const char *text, size_t len, struct tlsrpt *ret_report,
    struct problem *problem)
{
	static const struct json_cost most = { LIMIT_JSON_DEPTH,
		LIMIT_TLSRPT_LISTS, LIMIT_TLSRPT_VALUES };
	json_error_t error;
	enum status status;
	json_t *root;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (len > LIMIT_TLSRPT || !json_cost_is_within(text, len, &most)) {
		problem_set(problem, "is longer, or holds more, than a TLS "
				     "report can need");
		return STATUS_LIMIT;
	}
	root = json_loadb(text, len, 0, &error);
	if (root == NULL) {
		problem_set(
		    problem, "is no JSON: line %d: %s", error.line, error.text);
		return STATUS_MALFORMED;
	}
	status = root_read(root, ret_report, problem);
	json_decref(root);
	return status;
}

static void
policy_fini(struct tlsrpt_policy *policy)
{
	for (size_t i = 0; i < policy->failure_count; i++) {
		free(policy->failures[i].result);
		free(policy->failures[i].mx);
		free(policy->failures[i].reason);
	}
	free(policy->failures);
	free(policy->domain);
	texts_fini(&policy->seen);
}

void
tlsrpt_fini(struct tlsrpt *report)
{
	for (size_t i = 0; i < report->policy_count; i++)
		policy_fini(&report->policies[i]);
	free(report->policies);
	free(report->organization);
	free(report->id);
	*report = (struct tlsrpt){ 0 };
}
