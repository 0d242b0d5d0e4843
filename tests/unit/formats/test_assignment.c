/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "formats/assignment.h"

/* "NAME=value;" for each, "NAME?;" where only a shell knows. */
static void
note(const char *name, const char *value, void *arg)
{
	struct buf *told = arg;

	if (value != NULL)
		buf_add_format(told, "%s=%s;", name, value);
	else
		buf_add_format(told, "%s?;", name);
}

static const struct {
	const char *why;
	const char *text;
	const char *told;
} good[] = {
	{ "nothing", "", "" },
	{ "empty lines and comments", "\n  \n# A=b\n\t#\n", "" },
	{ "a word", "A=b\n", "A=b;" },
	{ "no end of the line", "A=b", "A=b;" },
	{ "nothing behind it", "A=\n", "A=;" },
	{ "a number in the name", "_a9=b\n", "_a9=b;" },
	{ "indented, with a comment", "\tA=b # c\n", "A=b;" },
	{ "a number sign inside", "A=b#c\n", "A=b#c;" },
	{ "exported", "export A=b\nexportA=c\n", "A=b;exportA=c;" },
	{ "single quotes", "A='b $c \\ \"d\"'\n", "A=b $c \\ \"d\";" },
	{ "double quotes", "A=\"b 'c' # d\"\n", "A=b 'c' # d;" },
	{ "in pieces", "A=b'c'\"d\"e\n", "A=bcde;" },
	{ "an equals sign", "A=b=c\n", "A=b=c;" },
	{ "twice", "A=b\nA=c\n", "A=b;A=c;" },
	{ "a carriage return is part of it", "A=yes\r\n", "A=yes\r;" },
	{ "an expansion", "A=$b\nC=d\n", "A?;C=d;" },
	{ "in braces", "A=x${b}y\n", "A?;" },
	{ "in quotes", "A=\"${b}/c d\"\n", "A?;" },
	{ "not in single quotes", "A='${b'\n", "A=${b;" },
	{ "an escape", "A=b\\ c\nC=\"d\\\"e\"\n", "A?;C?;" },
	{ "a home directory", "A=~/b\n", "A?;" },
	{ "as acme.sh writes it",
	    "Le_Domain='mail.example.com'\n"
	    "Le_ReloadCmd='__ACME_BASE64__START_eA==__ACME_BASE64__END_'\n",
	    "Le_Domain=mail.example.com;"
	    "Le_ReloadCmd=__ACME_BASE64__START_eA==__ACME_BASE64__END_;" },
};

static void
test_good_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct problem problem = { "" };
		struct buf told = { 0 };

		print_message("# %s\n", good[i].why);
		assert_int_equal(
		    assignments_read(good[i].text, strlen(good[i].text), note,
			&told, &problem),
		    STATUS_OK);
		assert_string_equal(buf_text(&told), good[i].told);
		assert_string_equal(problem.text, "");
		buf_fini(&told);
	}
}

static const struct {
	const char *why;
	const char *text;
	const char *told; /* of what stands in front */
	const char *line;
} bad[] = {
	{ "a command", "A=b\nrm -r /\n", "A=b;", "line 2: " },
	{ "a command with a setting of its own", "A=b true\n", "", "line 1: " },
	{ "two in one line", "A=b;C=d\n", "", "line 1: " },
	{ "a condition", "[ -e /x ] && A=b\n", "", "line 1: " },
	{ "a condition behind it", "A=b&&C=d\n", "", "line 1: " },
	{ "a block", "if true; then\n", "", "line 1: " },
	{ "another file", "\n. /etc/other\n", "", "line 2: " },
	{ "output of a command", "A=$(date)\n", "", "line 1: " },
	{ "in quotes", "A=\"$(echo \"b\")\"\n", "", "line 1: " },
	{ "the old way", "A=`date`\n", "", "line 1: " },
	{ "in quotes", "A=\"`date`\"\n", "", "line 1: " },
	{ "a default", "A=${b:-c}\n", "", "line 1: " },
	{ "braces that do not end", "A=${b\n", "", "line 1: " },
	{ "a lonely dollar", "A=b$\n", "", "line 1: " },
	{ "an array", "A=(b c)\n", "", "line 1: " },
	{ "appended to", "A+=b\n", "", "line 1: " },
	{ "a file", "A=b >c\n", "", "line 1: " },
	{ "no name", "=b\n", "", "line 1: " },
	{ "a number", "9A=b\n", "", "line 1: " },
	{ "a blank", "A =b\n", "", "line 1: " },
	{ "an open single quote", "A='b\nC=d'\n", "", "line 1: " },
	{ "an open double quote", "A=\"b\n\"\n", "", "line 1: " },
	{ "an escaped end of the line", "A=b\\\nc\n", "", "line 1: " },
	{ "in quotes", "A=\"b\\\n\"\n", "", "line 1: " },
	{ "export without a name", "export\n", "", "line 1: " },
};

static void
test_bad_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct problem problem = { "" };
		struct buf told = { 0 };

		print_message("# %s\n", bad[i].why);
		assert_int_equal(
		    assignments_read(bad[i].text, strlen(bad[i].text), note,
			&told, &problem),
		    STATUS_MALFORMED);
		assert_string_equal(buf_text(&told), bad[i].told);
		assert_ptr_equal(
		    strstr(problem.text, bad[i].line), problem.text);
		buf_fini(&told);
	}
}

static void
test_nul(void **state)
{
	static const char text[] = "A=b\nC=d\0e\nF=g\n";
	struct problem problem = { "" };
	struct buf told = { 0 };

	(void)state;
	assert_int_equal(
	    assignments_read(text, sizeof(text) - 1, note, &told, &problem),
	    STATUS_MALFORMED);
	assert_string_equal(buf_text(&told), "A=b;");
	buf_fini(&told);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_table),
		cmocka_unit_test(test_bad_table),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests_name("assignment", tests, NULL, NULL);
}
