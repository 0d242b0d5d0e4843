/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "tlsrpt/tally.h"

/* A policy with one failure each of what the RFC has, and of what it has not.
 */
static const char json[] =
    "{\"date-range\":{\"start-datetime\":0},\"policies\":["
    "{\"policy\":{\"policy-type\":\"tlsa\"},\"summary\":{"
    "\"total-successful-session-count\":7,"
    "\"total-failure-session-count\":12},\"failure-details\":["
    "{\"result-type\":\"tlsa-invalid\",\"failed-session-count\":2},"
    "{\"result-type\":\"the moon\",\"failed-session-count\":3},"
    "{\"result-type\":\"the sun\",\"failed-session-count\":1}]},"
    "{\"policy\":{\"policy-type\":\"sts\"},\"summary\":{"
    "\"total-successful-session-count\":1000000000000}}]}";

static unsigned
result(const char *word)
{
	for (unsigned i = 0; i < TLSRPT_RESULTS; i++)
		if (strcmp(tlsrpt_result_word(i), word) == 0)
			return i;
	fail();
	return 0;
}

static void
test_table(void **state)
{
	struct tlsrpt_tally tally = { .good = { 0 } };
	struct problem problem = { "" };
	const int64_t *failed = tally.failed[TLSRPT_TLSA];
	struct tlsrpt report;

	(void)state;
	assert_int_equal(
	    tlsrpt_decode(json, strlen(json), &report, &problem), STATUS_OK);
	tlsrpt_tally_add(&tally, &report);
	assert_int_equal(tally.good[TLSRPT_TLSA], 7);
	assert_int_equal(failed[result("tlsa-invalid")], 2);
	assert_int_equal(failed[result("other")], 4);
	assert_int_equal(failed[result("unspecified")], 6);
	assert_int_equal(failed[result("dane-required")], 0);
	assert_int_equal(tally.good[TLSRPT_STS], 1000000000000);
	tally.good[TLSRPT_STS] = INT64_MAX - 1;
	tlsrpt_tally_add(&tally, &report);
	assert_int_equal(tally.good[TLSRPT_STS], INT64_MAX);
	tlsrpt_fini(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
