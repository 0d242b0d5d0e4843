/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limit.h"
#include "tlsrpt/sums.h"

enum { DAY = 86400, BEGIN = 1795824000 };

/* A day's report: of one policy, with one kind of failure at one host. */
struct day {
	const char *organization;
	const char *id;
	int day;
	const char *mx;
	int good;
	int failed;
	const char *record; /* of DANE, or NULL */
};

static bool
day_add(struct tlsrpt_sums *sums, const struct day *day)
{
	struct problem problem = { "" };
	struct buf json = { 0 };
	struct tlsrpt report;
	bool is_new;

	buf_add_format(&json,
	    "{\"organization-name\":\"%s\",\"report-id\":\"%s\","
	    "\"date-range\":{\"start-datetime\":%d,\"end-datetime\":%d},"
	    "\"policies\":[{\"policy\":{\"policy-type\":\"tlsa\","
	    "\"policy-domain\":\"example.com\",\"policy-string\":[\"%s\"]},"
	    "\"summary\":{\"total-successful-session-count\":%d,"
	    "\"total-failure-session-count\":%d},\"failure-details\":",
	    day->organization, day->id, BEGIN + day->day * DAY,
	    BEGIN + day->day * DAY + DAY - 1,
	    day->record != NULL ? day->record : "", day->good, day->failed);
	if (day->failed > 0)
		buf_add_format(&json,
		    "[{\"result-type\":\"tlsa-invalid\","
		    "\"receiving-mx-hostname\":\"%s\","
		    "\"failed-session-count\":%d}]}]}",
		    day->mx, day->failed);
	else
		buf_add_string(&json, "null}]}");
	assert_int_equal(
	    tlsrpt_decode(buf_text(&json), json.len, &report, &problem),
	    STATUS_OK);
	buf_fini(&json);
	is_new = tlsrpt_sums_add(sums, &report);
	tlsrpt_fini(&report);
	return is_new;
}

/* Each once: the same organisation, id and time. */
static void
test_duplicates(void **state)
{
	static const struct {
		struct day day;
		bool is_new;
	} rows[] = {
		{ { "A", "1", 0, "mx1", 1, 0, NULL }, true },
		{ { "A", "1", 0, "mx1", 1, 0, NULL }, false },
		{ { "A", "1", 1, "mx1", 1, 0, NULL }, true },
		{ { "A", "2", 0, "mx1", 1, 0, NULL }, true },
		{ { "B", "1", 0, "mx1", 1, 0, NULL }, true },
		{ { "B", "1", 0, "mx2", 7, 7, NULL }, false },
		{ { "B", "", 0, "mx1", 1, 0, NULL }, true },
		{ { "B", "", 0, "mx1", 1, 0, NULL }, true },
	};
	struct tlsrpt_sums sums = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		assert_int_equal(day_add(&sums, &rows[i].day), rows[i].is_new);
	tlsrpt_sums_close(&sums);
	assert_int_equal(sums.reports, 6);
	assert_int_equal(sums.duplicates, 2);
	assert_int_equal(sums.good, 6);
	assert_int_equal(sums.failed, 0);
	assert_int_equal(sums.sender_count, 2);
	assert_int_equal(sums.senders[0].good, 3);
	assert_int_equal(sums.senders[0].to, BEGIN + 2 * DAY - 1);
	tlsrpt_sums_fini(&sums);
}

/* Days that follow each other are one fault, whatever order they come in. */
static void
test_faults(void **state)
{
	static const struct day days[] = {
		{ "A", "3", 2, "mx1", 0, 4, "3 1 1 cc" },
		{ "A", "9", 9, "mx1", 0, 8, NULL },
		{ "A", "1", 0, "mx1", 0, 1, "3 1 1 aa" },
		{ "A", "2", 1, "mx1", 5, 2, "3 1 1 aa" },
		{ "A", "7", 0, "", 0, 1, NULL },
		{ "A", "8", 0, "mx2", 0, 1, NULL },
		{ "B", "1", 0, "mx1", 0, 1, NULL },
	};
	struct tlsrpt_sums sums = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(days); i++)
		assert_true(day_add(&sums, &days[i]));
	tlsrpt_sums_close(&sums);
	assert_int_equal(sums.fault_count, 5);
	assert_string_equal(sums.faults[0].mx, "mx1");
	assert_int_equal(sums.faults[0].sessions, 7);
	assert_int_equal(sums.faults[0].from, BEGIN);
	assert_int_equal(sums.faults[0].to, BEGIN + 3 * DAY - 1);
	assert_int_equal(sums.faults[0].seen.count, 2);
	assert_int_equal(sums.faults[1].sessions, 8);
	assert_string_equal(sums.faults[2].organization, "B");
	assert_string_equal(sums.faults[3].mx, "mx2");
	/* Who names no host comes last. */
	assert_string_equal(sums.faults[4].mx, "");
	assert_int_equal(sums.failed, 18);
	tlsrpt_sums_fini(&sums);
}

/* Years of them need no more room than what they say. */
static void
test_many(void **state)
{
	struct tlsrpt_sums sums = { 0 };
	struct day day = { "A", "", 0, "mx1", 3, 1, NULL };

	(void)state;
	for (; day.day < 2000; day.day++)
		assert_true(day_add(&sums, &day));
	assert_true(sums.fault_next <= 1100);
	tlsrpt_sums_close(&sums);
	assert_int_equal(sums.sender_count, 1);
	assert_int_equal(sums.senders[0].good, 6000);
	assert_int_equal(sums.fault_count, 1);
	assert_int_equal(sums.faults[0].sessions, 2000);
	tlsrpt_sums_fini(&sums);
}

/* A stranger may send any number of kinds, under any number of names. */
static void
test_limits(void **state)
{
	enum { MANY = 150000 };
	char name[32];
	struct tlsrpt_failure failure = {
		.result = name, .mx = "mx1", .reason = "", .sessions = 1
	};
	struct tlsrpt_policy policy = { .domain = "example.com",
		.good = 1,
		.failed = 1,
		.failures = &failure,
		.failure_count = 1 };
	const struct tlsrpt report = { .organization = name,
		.id = "",
		.policies = &policy,
		.policy_count = 1 };
	struct tlsrpt_sums sums = { 0 };

	(void)state;
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "name %d", i);
		assert_true(tlsrpt_sums_add(&sums, &report));
	}
	assert_true(sums.fault_count >= LIMIT_TLSRPT_FAULTS);
	assert_true(sums.fault_count < 3 * LIMIT_TLSRPT_FAULTS);
	assert_true(sums.sender_count >= LIMIT_TLSRPT_SENDERS);
	assert_true(sums.sender_count < 3 * LIMIT_TLSRPT_SENDERS);
	assert_int_equal(sums.fault_count + sums.faults_left, MANY);
	assert_int_equal(sums.sender_count + sums.senders_left, MANY);
	assert_int_equal(sums.failed, MANY);
	assert_int_equal(sums.good, MANY);
	tlsrpt_sums_close(&sums);
	tlsrpt_sums_fini(&sums);
}

static void
test_none(void **state)
{
	struct tlsrpt_sums sums = { 0 };

	(void)state;
	tlsrpt_sums_close(&sums);
	assert_int_equal(sums.sender_count, 0);
	assert_int_equal(sums.fault_count, 0);
	tlsrpt_sums_fini(&sums);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
