/* SPDX-License-Identifier: MIT */
/* loop/journal.h and loop/log.h: lines for a journal, which is the test's. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journald.h"
#include "loop/journal.h"
#include "loop/log.h"

static void
test_line(void **state)
{
	struct journald *journald = *state;

	log_line(LOG_LEVEL_WARNING, "lineage '%s': odd", "mail");
	assert_string_equal(journald_datagram(journald),
	    "MESSAGE=lineage 'mail': odd\n"
	    "PRIORITY=4\n"
	    "SYSLOG_IDENTIFIER=pdns-tlsa\n");
	assert_string_equal(journald_datagram(journald), "");
	assert_string_equal(journald_stderr(journald), "");
}

/* Nothing that others wrote makes a field. */
static void
test_event(void **state)
{
	struct journald *journald = *state;
	const struct event event = { .kind = EVENT_LINEAGE_BAD,
		.field = { [EVENT_LINEAGE] = "a\nPRIORITY=0",
		    [EVENT_SOURCE] = "/etc/le",
		    [EVENT_CODE] = "problem" } };

	log_event(LOG_LEVEL_ERROR, &event, "lineage '%s': bad",
	    event.field[EVENT_LINEAGE]);
	assert_string_equal(journald_datagram(journald),
	    "MESSAGE=lineage 'a\\x0aPRIORITY=0': bad\n"
	    "PRIORITY=3\n"
	    "SYSLOG_IDENTIFIER=pdns-tlsa\n"
	    "MESSAGE_ID=bc286a7cdfab4a828c27a199b9b3fa9e\n"
	    "PDNS_TLSA_LINEAGE=a\\x0aPRIORITY=0\n"
	    "PDNS_TLSA_SOURCE=/etc/le\n"
	    "PDNS_TLSA_CODE=problem\n");
}

/* The longest names leave the text and the id whole. */
static void
test_long(void **state)
{
	struct journald *journald = *state;
	static char name[5000];
	struct event event = { .kind = EVENT_READY };
	const char *data;

	memset(name, 'a', sizeof(name) - 1);
	for (int i = 0; i < EVENT_FIELDS; i++)
		event.field[i] = name;
	log_event(LOG_LEVEL_INFO, &event, "ready: %s", name);
	data = journald_datagram(journald);
	assert_non_null(strstr(data, "\nMESSAGE_ID=263199f8"));
	assert_int_equal(data[strlen(data) - 1], '\n');
	for (const char *at = data; *at != '\0'; at = strchr(at, '\n') + 1)
		assert_true(strncmp(at, "MESSAGE", 7) == 0 ||
			    strncmp(at, "P", 1) == 0 ||
			    strncmp(at, "SYSLOG_IDENTIFIER=", 18) == 0);
}

/* journald that is not there, and comes back. */
static void
test_gone(void **state)
{
	struct journald *journald = *state;

	(void)close(journald->fd);
	log_line(LOG_LEVEL_NOTICE, "gone");
	assert_string_equal(journald_stderr(journald), "<5>gone\n");
	journald_listen(journald);
	log_line(LOG_LEVEL_NOTICE, "back");
	assert_non_null(strstr(journald_datagram(journald), "MESSAGE=back\n"));
	assert_string_equal(journald_stderr(journald), "");
}

/* Journald that stands still holds up nobody; what is lost is counted. */
static void
test_full(void **state)
{
	struct journald *journald = *state;
	int lines = 0;
	char object[32];
	const char *data;

	for (; lines < 1000; lines++) {
		(void)snprintf(object, sizeof(object), "full %d: ", lines);
		log_line(LOG_LEVEL_NOTICE, "%s%0500d", object, lines);
	}
	while (*journald_datagram(journald) != '\0')
		continue;
	log_line(LOG_LEVEL_NOTICE, "again");
	assert_non_null(strstr(journald_datagram(journald), "MESSAGE=again\n"));
	data = journald_datagram(journald);
	assert_non_null(strstr(data, "MESSAGE=log: the journal did not take "));
	assert_non_null(strstr(data, "\nPRIORITY=4\n"));
	log_line(LOG_LEVEL_NOTICE, "once");
	assert_non_null(strstr(journald_datagram(journald), "MESSAGE=once\n"));
	assert_string_equal(journald_datagram(journald), "");
	while (*journald_stderr(journald) != '\0')
		continue;
}

static void
test_stream_table(void **state)
{
	static const char *const others[] = { "", "1", "1:", ":1", "x:y",
		"1:2:3", "-1:-1", "99999999999999999999:1" };

	(void)state;
	assert_true(journal_is_stderr(getenv("JOURNAL_STREAM")));
	journald_stream(1);
	assert_false(journal_is_stderr(getenv("JOURNAL_STREAM")));
	assert_false(journal_is_stderr(NULL));
	for (size_t i = 0; i < LENGTH(others); i++)
		assert_false(journal_is_stderr(others[i]));
}

static void
file_read_all(const char *path, char *room, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t len;

	assert_non_null(file);
	len = fread(room, 1, size - 1, file);
	(void)fclose(file);
	room[len] = '\0';
}

/* The manual and the catalog have each kind, and each its own id. */
static void
test_documented(void **state)
{
	static char manual[256 * 1024];
	static char catalog[64 * 1024];
	char line[128];

	(void)state;
	file_read_all("docs/pdns-tlsa.8", manual, sizeof(manual));
	file_read_all(
	    "packaging/systemd/pdns-tlsa.catalog", catalog, sizeof(catalog));
	for (int i = 0; i < EVENT_KINDS; i++) {
		enum event_kind kind = (enum event_kind)i;

		(void)snprintf(line, sizeof(line), ".It Cm %s\n.Li %s\n",
		    event_word(kind), event_id(kind));
		if (strstr(manual, line) == NULL)
			fail_msg("docs/pdns-tlsa.8 lacks: %s", line);
		(void)snprintf(
		    line, sizeof(line), "-- %s\nSubject: ", event_id(kind));
		if (strstr(catalog, line) == NULL)
			fail_msg("the catalog lacks: %s", line);
		assert_int_equal(
		    strspn(event_id(kind), "0123456789abcdef"), 32);
		assert_int_equal(strlen(event_id(kind)), 32);
		for (int other = 0; other < i; other++)
			assert_string_not_equal(
			    event_id(kind), event_id((enum event_kind)other));
	}
	for (int i = 0; i < EVENT_FIELDS; i++) {
		(void)snprintf(line, sizeof(line), ".Va PDNS_TLSA_%s",
		    event_field_name((enum event_field)i));
		if (strstr(manual, line) == NULL)
			fail_msg("docs/pdns-tlsa.8 lacks: %s", line);
	}
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, journald_begin, journald_end)
	const struct CMUnitTest tests[] = {
		TEST(test_line),
		TEST(test_event),
		TEST(test_long),
		TEST(test_gone),
		TEST(test_full),
		TEST(test_stream_table),
		cmocka_unit_test(test_documented),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
