/* SPDX-License-Identifier: MIT */
/*
 * What a look found crosses to who answers, and nothing that makes no sense
 * does.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limit.h"
#include "reports/postbox.h"

enum { NOW = 1795824000, DAY = 86400 };

/* ---- there and back ---- */

struct wire {
	struct hearsay hearsay;
	unsigned count[MESSAGES];
};

static void
put(enum message message, json_t *object, void *arg)
{
	struct wire *wire = arg;
	char *text = json_dumps(object, 0);
	json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	json_decref(object);
	free(text);
	assert_non_null(read);
	assert_true(hearsay_take(&wire->hearsay, message, read, NOW));
	json_decref(read);
	wire->count[message]++;
}

/* One failure at a host, that ended so many days ago. */
static void
failed(struct collection *collection, const char *sender, const char *result,
    const char *host, int days)
{
	struct buf json = { 0 };

	buf_add_format(&json,
	    "{\"organization-name\":\"%s\",\"report-id\":\"%s %s %d\","
	    "\"date-range\":{\"start-datetime\":%d,\"end-datetime\":%d},"
	    "\"policies\":[{\"policy\":{\"policy-type\":\"tlsa\","
	    "\"policy-domain\":\"example.com\",\"policy-string\":"
	    "[\"3 1 1 ABCD\"]},\"summary\":"
	    "{\"total-successful-session-count\":5,"
	    "\"total-failure-session-count\":2},\"failure-details\":"
	    "[{\"result-type\":\"%s\",\"receiving-mx-hostname\":\"%s\","
	    "\"failed-session-count\":2}]}]}",
	    sender, result, host, days, NOW - (days + 1) * DAY,
	    NOW - days * DAY - 1, result, host);
	collection_add(collection, sender, buf_text(&json), json.len);
	buf_fini(&json);
}

/* Ends the collection. */
static void
cross(struct collection *collection, struct wire *wire)
{
	*wire = (struct wire){ .count = { 0 } };
	collection_end(collection);
	hearsay_tell(collection, put, wire);
	collection_fini(collection);
}

static void
test_crossing(void **state)
{
	struct collection collection = { 0 };
	const struct tlsrpt_sums *sums;
	struct wire wire;

	(void)state;
	failed(&collection, "One", "starttls-not-supported", "a.example", 5);
	failed(&collection, "Two", "tlsa-invalid", "b.example", 4);
	collection_add(&collection, "bad\xff", "{", 1);
	cross(&collection, &wire);
	sums = &wire.hearsay.collection.sums;
	assert_int_equal(wire.count[MESSAGE_HEARD], 1);
	assert_int_equal(sums->reports, 2);
	assert_int_equal(sums->good, 10);
	assert_int_equal(sums->failed, 4);
	assert_int_equal(sums->to, NOW - 4 * DAY - 1);
	assert_int_equal(sums->sender_count, 2);
	assert_int_equal(sums->fault_count, 2);
	assert_string_equal(sums->faults[0].mx, "b.example");
	assert_int_equal(sums->faults[0].seen.count, 1);
	assert_string_equal(sums->faults[0].seen.list[0], "3 1 1 abcd");
	assert_int_equal(wire.hearsay.collection.unread, 1);
	assert_int_equal(wire.hearsay.collection.findings.count, 1);
	assert_int_equal(wire.hearsay.collection.tally.good[TLSRPT_TLSA], 10);
	hearsay_fini(&wire.hearsay);
}

/* What is longer once it is made plain crosses as it is. */
static void
test_not_plain(void **state)
{
	static const char *const texts[] = { "\x7f", "\xc2\x9b", "%41", "%" };

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct collection collection = { 0 };
		struct buf text = { 0 };
		struct wire wire;

		while (text.len + strlen(texts[i]) <= LIMIT_TLSRPT_TEXT)
			buf_add_string(&text, texts[i]);
		failed(&collection, buf_text(&text), buf_text(&text),
		    buf_text(&text), 1);
		collection_add(&collection, buf_text(&text), "{", 1);
		cross(&collection, &wire);
		assert_int_equal(wire.count[MESSAGE_HEARD], 1);
		assert_string_equal(
		    wire.hearsay.collection.sums.faults[0].organization,
		    buf_text(&text));
		assert_int_equal(wire.hearsay.collection.unread, 1);
		hearsay_fini(&wire.hearsay);
		buf_fini(&text);
	}
}

/* Of more than there is room for the worst come, and the rest is counted. */
static void
test_many(void **state)
{
	struct collection collection = { 0 };
	const struct tlsrpt_sums *sums;
	struct findings findings = { 0 };
	struct wire wire;
	char host[32];

	(void)state;
	for (int i = 0; i < HEARSAY_FAULTS + 20; i++) {
		(void)snprintf(host, sizeof(host), "h%d.example", i);
		failed(&collection, host,
		    i % 2 == 0 ? "tlsa-invalid" : "sts-policy-invalid", host,
		    0);
	}
	cross(&collection, &wire);
	sums = &wire.hearsay.collection.sums;
	assert_int_equal(sums->fault_count, HEARSAY_FAULTS);
	assert_int_equal(sums->faults_left, 20);
	assert_int_equal(sums->reports, HEARSAY_FAULTS + 20);
	assert_string_equal(sums->faults[0].result, "tlsa-invalid");
	assert_string_equal(
	    sums->faults[HEARSAY_FAULTS - 1].result, "sts-policy-invalid");
	for (int i = 0; i < HEARSAY_FAULTS + 20; i++) {
		(void)snprintf(host, sizeof(host), "h%d.example.", i);
		hearsay_find(&wire.hearsay, host, NOW, &findings);
	}
	assert_int_equal(findings.count, HEARSAY_RECENT);
	findings_fini(&findings);
	hearsay_fini(&wire.hearsay);
}

/* ---- who is called for ---- */

static size_t
found(const struct wire *wire, const char *host, int64_t now)
{
	struct findings findings = { 0 };
	size_t count;

	hearsay_find(&wire->hearsay, host, now, &findings);
	count = findings.count;
	findings_fini(&findings);
	return count;
}

static void
test_lately(void **state)
{
	struct collection collection = { 0 };
	struct wire wire;

	(void)state;
	failed(&collection, "One", "tlsa-invalid", "mail.example", 0);
	failed(&collection, "One", "tlsa-invalid", "mail.example", 1);
	failed(&collection, "Two", "tlsa-invalid", "old.example", 2);
	cross(&collection, &wire);
	assert_int_equal(found(&wire, "mail.example.", NOW), 1);
	assert_int_equal(found(&wire, "mail.example", NOW), 1);
	assert_int_equal(found(&wire, "mail.example.org.", NOW), 0);
	assert_int_equal(found(&wire, "ail.example.", NOW), 0);
	assert_int_equal(found(&wire, "old.example.", NOW), 0);
	assert_int_equal(found(&wire, "mail.example.", NOW + DAY), 1);
	assert_int_equal(found(&wire, "mail.example.", NOW + 2 * DAY), 0);
	hearsay_fini(&wire.hearsay);
}

/* It is one finding, however many days it goes on. */
static void
test_standing(void **state)
{
	struct findings findings = { 0 };

	(void)state;
	for (int days = 1; days >= 0; days--) {
		struct collection collection = { 0 };
		struct wire wire;

		failed(
		    &collection, "One", "tlsa-invalid", "mail.example", days);
		cross(&collection, &wire);
		hearsay_find(&wire.hearsay, "mail.example.", NOW, &findings);
		hearsay_fini(&wire.hearsay);
	}
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.list[0].kind, FINDING_REPORT_DANE);
	assert_string_equal(
	    findings.list[0].subject, "mail.example: tlsa-invalid for 'One'");
	findings_fini(&findings);
}

/* ---- what makes no sense ---- */

#define SENDER                                                                 \
	"\"organization\":\"a\",\"type\":0,\"domain\":\"b\",\"good\":1,"       \
	"\"failed\":0,\"from\":1,\"to\":2"
#define FAULT                                                                  \
	"\"mx\":\"a\",\"result\":\"b\",\"organization\":\"c\",\"type\":3,"     \
	"\"domain\":\"d\",\"reason\":\"e\",\"sessions\":1,"

static const struct {
	const char *why;
	enum message message;
	const char *json;
	bool is_good;
} rows[] = {
	{ "a sender", MESSAGE_SENDER, "{" SENDER "}", true },
	{ "with nothing", MESSAGE_SENDER, "{}", false },
	{ "as another message", MESSAGE_LOOKED, "{" SENDER "}", false },
	{ "as the end", MESSAGE_HEARD, "{" SENDER "}", false },
	{ "a failure", MESSAGE_FAULT,
	    "{" FAULT "\"seen\":[],\"from\":1,\"to\":2}", true },
	{ "that ends before it begins", MESSAGE_FAULT,
	    "{" FAULT "\"seen\":[],\"from\":3,\"to\":2}", false },
	{ "records that are no texts", MESSAGE_FAULT,
	    "{" FAULT "\"seen\":[1],\"from\":1,\"to\":2}", false },
	{ "records that are no list", MESSAGE_FAULT,
	    "{" FAULT "\"seen\":\"\",\"from\":1,\"to\":2}", false },
	{ "a type that there is not", MESSAGE_SENDER,
	    "{\"organization\":\"a\",\"type\":4,\"domain\":\"b\",\"good\":1,"
	    "\"failed\":0,\"from\":1,\"to\":2}",
	    false },
	{ "less than none", MESSAGE_SENDER,
	    "{\"organization\":\"a\",\"type\":0,\"domain\":\"b\",\"good\":-1,"
	    "\"failed\":0,\"from\":1,\"to\":2}",
	    false },
	{ "a finding that is not its own", MESSAGE_UNREAD,
	    "{\"kind\":0,\"subject\":\"a\",\"what\":\"b\",\"mend\":\"c\"}",
	    false },
};

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hearsay hearsay = { .recent_count = 0 };
		json_t *object = json_loads(rows[i].json, 0, NULL);

		assert_non_null(object);
		if (hearsay_take(&hearsay, rows[i].message, object, NOW) !=
		    rows[i].is_good)
			fail_msg("%s", rows[i].why);
		json_decref(object);
		hearsay_fini(&hearsay);
	}
}

/* Who reads mail may be anybody's by then: memory has its limit here. */
static void
test_flood(void **state)
{
	struct hearsay hearsay = { .recent_count = 0 };
	json_t *object = json_loads("{" SENDER "}", 0, NULL);
	size_t count = 0;

	(void)state;
	while (hearsay_take(&hearsay, MESSAGE_SENDER, object, NOW))
		count++;
	assert_int_equal(count, HEARSAY_SENDERS);
	json_decref(object);
	hearsay_fini(&hearsay);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crossing),
		cmocka_unit_test(test_not_plain),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_lately),
		cmocka_unit_test(test_standing),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
