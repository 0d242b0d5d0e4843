/* SPDX-License-Identifier: MIT */
/* loop/journal.h and loop/log.h: lines for a journal, which is the test's. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop/journal.h"
#include "loop/log.h"
#include "tree.h"

struct bench {
	struct tree tree;
	char *path;
	int journal; /* where datagrams come */
	int lines;   /* where journald has the other end of standard error */
	int saved;
};

static void
journal_listen(struct bench *bench)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int small = 1;

	(void)snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s", bench->path);
	(void)unlink(bench->path);
	bench->journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	(void)setsockopt(
	    bench->journal, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	assert_int_equal(bind(bench->journal, (const struct sockaddr *)&address,
			     sizeof(address)),
	    0);
}

/* $JOURNAL_STREAM of what standard error is, `off` inodes beside it. */
static void
stream_set(unsigned off)
{
	char stream[64];
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino + off);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
}

static int
begin(void **state)
{
	static struct bench bench;
	int pair[2];

	tree_init(&bench.tree);
	bench.path = tree_path(&bench.tree, "journal");
	journal_listen(&bench);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	bench.saved = dup(STDERR_FILENO);
	(void)dup2(pair[1], STDERR_FILENO);
	(void)close(pair[1]);
	bench.lines = pair[0];
	stream_set(0);
	log_to_journal(bench.path);
	*state = &bench;
	return 0;
}

static int
end(void **state)
{
	struct bench *bench = *state;

	(void)dup2(bench->saved, STDERR_FILENO);
	(void)close(bench->saved);
	(void)close(bench->journal);
	(void)close(bench->lines);
	(void)unsetenv("JOURNAL_STREAM");
	free(bench->path);
	tree_fini(&bench->tree);
	return 0;
}

/* The next datagram, or "". */
static const char *
datagram(const struct bench *bench)
{
	static char data[16384];
	ssize_t len = recv(bench->journal, data, sizeof(data) - 1, 0);

	data[len > 0 ? len : 0] = '\0';
	return data;
}

/* What came by standard error since. */
static const char *
standard_error(const struct bench *bench)
{
	static char data[65536];
	ssize_t len = recv(bench->lines, data, sizeof(data) - 1, 0);

	data[len > 0 ? len : 0] = '\0';
	return data;
}

static void
test_line(void **state)
{
	struct bench *bench = *state;

	log_line(LOG_LEVEL_WARNING, "lineage '%s': odd", "mail");
	assert_string_equal(datagram(bench), "MESSAGE=lineage 'mail': odd\n"
					     "PRIORITY=4\n"
					     "SYSLOG_IDENTIFIER=pdns-tlsa\n");
	assert_string_equal(datagram(bench), "");
	assert_string_equal(standard_error(bench), "");
}

/* Nothing that others wrote makes a field. */
static void
test_event(void **state)
{
	struct bench *bench = *state;
	const struct event event = { .kind = EVENT_LINEAGE_BAD,
		.field = { [EVENT_LINEAGE] = "a\nPRIORITY=0",
		    [EVENT_SOURCE] = "/etc/le",
		    [EVENT_CODE] = "problem" } };

	log_event(LOG_LEVEL_ERROR, &event, "lineage '%s': bad",
	    event.field[EVENT_LINEAGE]);
	assert_string_equal(datagram(bench),
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
	struct bench *bench = *state;
	static char name[5000];
	struct event event = { .kind = EVENT_READY };
	const char *data;

	memset(name, 'a', sizeof(name) - 1);
	for (int i = 0; i < EVENT_FIELDS; i++)
		event.field[i] = name;
	log_event(LOG_LEVEL_INFO, &event, "ready: %s", name);
	data = datagram(bench);
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
	struct bench *bench = *state;

	(void)close(bench->journal);
	log_line(LOG_LEVEL_NOTICE, "gone");
	assert_string_equal(standard_error(bench), "<5>gone\n");
	journal_listen(bench);
	log_line(LOG_LEVEL_NOTICE, "back");
	assert_non_null(strstr(datagram(bench), "MESSAGE=back\n"));
	assert_string_equal(standard_error(bench), "");
}

/* Journald that stands still holds up nobody; what is lost is counted. */
static void
test_full(void **state)
{
	struct bench *bench = *state;
	int lines = 0;
	char object[32];
	const char *data;

	for (; lines < 1000; lines++) {
		(void)snprintf(object, sizeof(object), "full %d: ", lines);
		log_line(LOG_LEVEL_NOTICE, "%s%0500d", object, lines);
	}
	while (*datagram(bench) != '\0')
		continue;
	log_line(LOG_LEVEL_NOTICE, "again");
	assert_non_null(strstr(datagram(bench), "MESSAGE=again\n"));
	data = datagram(bench);
	assert_non_null(strstr(data, "MESSAGE=log: the journal did not take "));
	assert_non_null(strstr(data, "\nPRIORITY=4\n"));
	log_line(LOG_LEVEL_NOTICE, "once");
	assert_non_null(strstr(datagram(bench), "MESSAGE=once\n"));
	assert_string_equal(datagram(bench), "");
	while (*standard_error(bench) != '\0')
		continue;
}

static void
test_stream_table(void **state)
{
	static const char *const others[] = { "", "1", "1:", ":1", "x:y",
		"1:2:3", "-1:-1", "99999999999999999999:1" };

	(void)state;
	assert_true(journal_is_stderr(getenv("JOURNAL_STREAM")));
	stream_set(1);
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
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
