/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "pdns/conf.h"

static enum status
parse(const char *text, struct pdns_conf *conf, struct problem *problem)
{
	return pdns_conf_parse(conf, text, strlen(text), problem);
}

/* What pdns_server 4.7 makes of each, by its --config. */
static const struct {
	const char *why;
	const char *text;
	const char *name;
	const char *value; /* NULL: not set */
} rows[] = {
	{ "plain", "launch=bind", "launch", "bind" },
	{ "blanks around", "  launch \t= bind,remote  \n", "launch",
	    "bind,remote" },
	{ "CR", "launch=bind\r\n", "launch", "bind" },
	{ "nothing", "", "launch", NULL },
	{ "empty value", "launch=\n", "launch", "" },
	{ "no value", "daemon\n", "daemon", "" },
	{ "the last one counts", "launch=bind\nlaunch=lmdb\n", "launch",
	    "lmdb" },
	{ "added to", "launch=bind\nlaunch+=remote\n", "launch",
	    "bind, remote" },
	{ "added to nothing", "launch=\nlaunch+=remote\n", "launch", "remote" },
	{ "added with blanks", "launch=bind\n launch += remote\n", "launch",
	    "bind, remote" },
	{ "replaced behind an addition", "a=1\na+=2\na=3\n", "a", "3" },
	{ "comment line", "#launch=bind\n", "launch", NULL },
	{ "indented comment", "  # launch=bind\n", "launch", NULL },
	{ "comment behind", "launch=bind # or lmdb\n", "launch", "bind" },
	{ "hash in a word", "password=a#b\n", "password", "a#b" },
	{ "only the first hash", "password=a#b # c\n", "password", "a#b # c" },
	{ "a comment as value", "launch= # none\n", "launch", "" },
	{ "continued", "launch=bind,\\\nremote\n", "launch", "bind,remote" },
	{ "continued, blanks kept", "launch=bind,\\\n  remote\n", "launch",
	    "bind,  remote" },
	{ "blanks behind the backslash", "launch=a\\  \nb\n", "launch", "ab" },
	{ "continued into the end", "launch=bind\\", "launch", NULL },
	{ "no name", "=bind\n", "", NULL },
	{ "equals sign in the value", "a=b=c\n", "a", "b=c" },
	{ "plus sign in the value", "a=b+c\n", "a", "b+c" },
	{ "another case", "Launch=bind\n", "launch", NULL },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct pdns_conf conf = { 0 };
		const char *value;

		print_message("# %s\n", rows[i].why);
		assert_int_equal(parse(rows[i].text, &conf, NULL), STATUS_OK);
		value = pdns_conf_get(&conf, rows[i].name, NULL);
		if (rows[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, rows[i].value);
		pdns_conf_fini(&conf);
	}
}

static void
test_refused(void **state)
{
	struct pdns_conf conf = { 0 };
	struct problem problem = { "" };
	struct buf text = { 0 };

	(void)state;
	assert_int_equal(
	    pdns_conf_parse(&conf, "a=1\nb=\0\nc=3\n", 12, &problem),
	    STATUS_MALFORMED);
	assert_string_equal(problem.text, "line 2: NUL octet");
	assert_string_equal(pdns_conf_get(&conf, "a", ""), "1");
	assert_null(pdns_conf_get(&conf, "c", NULL));
	pdns_conf_fini(&conf);
	for (unsigned i = 0; i <= PDNS_CONF_SETTINGS_MAX; i++)
		buf_add_format(&text, "s%u=1\n", i);
	assert_int_equal(pdns_conf_parse(&conf, text.data, text.len, &problem),
	    STATUS_LIMIT);
	pdns_conf_fini(&conf);
	buf_fini(&text);
}

static void
test_words(void **state)
{
	static const char *const expected[] = { "bind", "gsqlite3:a",
		"remote" };
	const char *at = " bind, gsqlite3:a,,\tremote ,";
	const char *word;
	size_t len;

	(void)state;
	for (size_t i = 0; i < LENGTH(expected); i++) {
		len = pdns_conf_word(&at, &word);
		assert_int_equal(len, strlen(expected[i]));
		assert_memory_equal(word, expected[i], len);
	}
	assert_int_equal(pdns_conf_word(&at, &word), 0);
	assert_int_equal(pdns_conf_word(&at, &word), 0);
}

static void
test_switch(void **state)
{
	struct pdns_conf conf = { 0 };

	(void)state;
	assert_int_equal(
	    parse("a=yes\nb=no\nc=off\nd=\ne=NO\n", &conf, NULL), STATUS_OK);
	assert_true(pdns_conf_is_on(pdns_conf_get(&conf, "a", NULL)));
	assert_false(pdns_conf_is_on(pdns_conf_get(&conf, "b", NULL)));
	assert_false(pdns_conf_is_on(pdns_conf_get(&conf, "c", NULL)));
	assert_true(pdns_conf_is_on(pdns_conf_get(&conf, "d", NULL)));
	assert_true(pdns_conf_is_on(pdns_conf_get(&conf, "e", NULL)));
	pdns_conf_fini(&conf);
}

static void
put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* In order of names without regard to case, hidden and other files aside. */
static void
test_includes(void **state)
{
	char directory[] = "/tmp/tlsa-conf.XXXXXX";
	struct pdns_conf conf = { 0 };
	struct problem problem = { "" };

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chdir(directory), 0);
	assert_int_equal(mkdir("d", 0700), 0);
	put("pdns.conf", "a=0\nb=0\nc=0\ninclude-dir=d\n");
	put("d/B.conf", "a=B\nb=B\n");
	put("d/a.conf", "a=a\nb=a\nc=a\ninclude-dir=elsewhere\n");
	put("d/.hidden.conf", "d=hidden\n");
	put("d/c.conf~", "d=other\n");
	assert_int_equal(
	    pdns_conf_load("pdns.conf", &conf, &problem), STATUS_OK);
	assert_string_equal(pdns_conf_get(&conf, "a", ""), "B");
	assert_string_equal(pdns_conf_get(&conf, "b", ""), "B");
	assert_string_equal(pdns_conf_get(&conf, "c", ""), "a");
	assert_null(pdns_conf_get(&conf, "d", NULL));
	pdns_conf_fini(&conf);
	assert_int_equal(mkdir("d/z.conf", 0700), 0);
	assert_int_equal(
	    pdns_conf_load("pdns.conf", &conf, &problem), STATUS_REFUSED);
	assert_non_null(strstr(problem.text, "d/z.conf"));
	put("pdns.conf", "include-dir=nowhere\n");
	assert_int_equal(
	    pdns_conf_load("pdns.conf", &conf, &problem), STATUS_ABSENT);
	assert_non_null(strstr(problem.text, "nowhere"));
	assert_int_equal(
	    pdns_conf_load("absent.conf", &conf, &problem), STATUS_ABSENT);
	assert_int_equal(conf.count, 0);
	assert_int_equal(system("rm -r d pdns.conf"), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(directory), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_switch),
		cmocka_unit_test(test_includes),
	};
	return cmocka_run_group_tests_name("pdns_conf", tests, NULL, NULL);
}
