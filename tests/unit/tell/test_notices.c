/* SPDX-License-Identifier: MIT */
/* What an alarm told, as events of a journal, which is the test's. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journald.h"
#include "tell/letter.h"
#include "tell/notices.h"

/* Add one that begins, or ends. */
static void
add(struct notices *notices, enum alarm_word word, const char *subject,
    const char *what)
{
	struct findings findings = { 0 };
	struct alarm alarm = { .since = 3600,
		.ended = word == ALARM_END ? 7200 : 0,
		.word = word };

	finding_add(&findings, FINDING_EXPIRED, subject, "mend it", "%s", what);
	alarm.facts = letter_facts(&findings.list[0]);
	notices_add(&alarm, notices);
	free(alarm.facts);
	findings_fini(&findings);
}

static void
test_fields(void **state)
{
	struct journald *journald = *state;
	struct notices notices = { .count = 0 };

	add(&notices, ALARM_BEGIN, "lineage 'mail'", "is over");
	add(&notices, ALARM_END, "lineage 'web'", "was over");
	assert_string_equal(journald_datagram(journald), "");
	notices_log(&notices);
	assert_string_equal(journald_datagram(journald),
	    "MESSAGE=lineage 'mail': alarm begun, critical: is over\n"
	    "PRIORITY=5\n"
	    "SYSLOG_IDENTIFIER=pdns-tlsa\n"
	    "MESSAGE_ID=527072c567ce4918a214a4d62a2a98fc\n"
	    "PDNS_TLSA_CODE=expired\n"
	    "PDNS_TLSA_SEVERITY=critical\n"
	    "PDNS_TLSA_SUBJECT=lineage 'mail'\n"
	    "PDNS_TLSA_SINCE=1970-01-01T01:00:00Z\n"
	    "PDNS_TLSA_WHAT=is over\n");
	assert_string_equal(journald_datagram(journald),
	    "MESSAGE=lineage 'web': alarm ended, critical: was over\n"
	    "PRIORITY=5\n"
	    "SYSLOG_IDENTIFIER=pdns-tlsa\n"
	    "MESSAGE_ID=98c921c1b1c1469abc853626b69e32c7\n"
	    "PDNS_TLSA_CODE=expired\n"
	    "PDNS_TLSA_SEVERITY=critical\n"
	    "PDNS_TLSA_SUBJECT=lineage 'web'\n"
	    "PDNS_TLSA_SINCE=1970-01-01T01:00:00Z\n"
	    "PDNS_TLSA_UNTIL=1970-01-01T02:00:00Z\n"
	    "PDNS_TLSA_WHAT=was over\n");
	notices_log(&notices);
	assert_string_equal(journald_datagram(journald), "");
}

/* What it was not told of has no line, then or later. */
static void
test_dropped(void **state)
{
	struct journald *journald = *state;
	struct notices notices = { .count = 0 };

	add(&notices, ALARM_BEGIN, "lineage 'mail'", "is over");
	notices_drop(&notices);
	notices_log(&notices);
	assert_string_equal(journald_datagram(journald), "");
}

static size_t
lines_of(struct journald *journald, size_t findings)
{
	struct notices notices = { .count = 0 };
	char subject[32];
	size_t lines = 0;

	for (size_t i = 0; i < findings; i++) {
		(void)snprintf(subject, sizeof(subject), "lineage '%zu'", i);
		add(&notices, ALARM_BEGIN, subject, "is over");
	}
	assert_int_equal(notices.count, findings);
	notices_log(&notices);
	assert_int_equal(notices.count, 0);
	while (strstr(journald_datagram(journald), "alarm begun") != NULL)
		lines++;
	for (const char *text = journald_stderr(journald);
	     (text = strstr(text, "alarm begun")) != NULL; text++)
		lines++;
	return lines;
}

static void
test_storm(void **state)
{
	struct journald *journald = *state;

	assert_int_equal(lines_of(journald, NOTICES_MAX), NOTICES_MAX);
	assert_int_equal(lines_of(journald, NOTICES_MAX + 1), 0);
	assert_int_equal(lines_of(journald, 1000), 0);
}

/* Whatever others call their files makes no field, and pushes none out. */
static void
test_hostile(void **state)
{
	static const char *const names[] = { "a\nPRIORITY=0", "a\rb", "\\",
		"\"}", "\xff\xfe", "\x1b[2J", "%s%n", "\xe2\x80\xae" };
	struct journald *journald = *state;
	struct notices notices = { .count = 0 };
	static char name[9000];

	for (size_t i = 0; i < LENGTH(names); i++) {
		const char *data;
		size_t lines = 0;

		add(&notices, ALARM_END, names[i], names[i]);
		notices_log(&notices);
		data = journald_datagram(journald);
		assert_null(strpbrk(data, "\r\x1b"));
		assert_null(strstr(data, "\xe2\x80\xae"));
		assert_null(strstr(data, "\nPRIORITY=0"));
		for (; (data = strchr(data, '\n')) != NULL; data++)
			lines++;
		assert_int_equal(lines, 10);
	}
	memset(name, '\n', sizeof(name) - 1);
	add(&notices, ALARM_END, name, name);
	notices_log(&notices);
	assert_non_null(
	    strstr(journald_datagram(journald), "\nPDNS_TLSA_WHAT=\\x0a"));
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, journald_begin, journald_end)
	const struct CMUnitTest tests[] = {
		TEST(test_fields),
		TEST(test_dropped),
		TEST(test_storm),
		TEST(test_hostile),
	};

	return cmocka_run_group_tests_name("notices", tests, NULL, NULL);
}
