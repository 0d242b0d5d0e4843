/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "formats/configobj.h"

/* Write an entry as "section/key=value;", the first of a list with "...". */
static enum status
take(const struct configobj_entry *entry, void *arg, struct problem *problem)
{
	struct buf *seen = arg;

	for (size_t i = 0; i < entry->path_len; i++)
		buf_add(
		    seen, entry->path[i] == '\0' ? "/" : &entry->path[i], 1);
	assert_true(strlen(entry->key) <= entry->path_len);
	assert_string_equal(
	    entry->key, entry->path + entry->path_len - strlen(entry->key));
	buf_add(seen, "=", 1);
	buf_add(seen, entry->value, entry->value_len);
	buf_add_string(seen, entry->is_list ? "...;" : ";");
	if (strcmp(entry->key, "refuse") != 0)
		return STATUS_OK;
	problem_set(problem, "no");
	return STATUS_REFUSED;
}

/* ConfigObj 5.0.8 reads all of it so too, save what is not UTF-8. */
static const struct {
	const char *why;
	const char *text;
	const char *seen;
} accept_cases[] = {
	{ "empty file", "", "" },
	{ "nothing but spaces", " \t\r\n\n", "" },
	{ "comments", "# a = b\n  # c = d", "" },
	{ "a pair", "a = b\n", "a=b;" },
	{ "no end of the last line", "a = b", "a=b;" },
	{ "no spaces", "a=b", "a=b;" },
	{ "spaces around", "  a\t=  b c  \n", "a=b c;" },
	{ "lines of other systems", "a = b\r\nc = d\r\n", "a=b;c=d;" },
	{ "mark of UTF-8",
	    "\xef\xbb\xbf"
	    "a = b",
	    "a=b;" },
	{ "not UTF-8", "a = \xff\xfe", "a=\xff\xfe;" },
	{ "no value", "a =\nb = # c\n", "a=;b=;" },
	{ "second equals sign", "a = b = c", "a=b = c;" },
	{ "comment behind", "a = b # c = 'd", "a=b;" },
	{ "comment without a space", "a = b#c", "a=b;" },
	{ "double quotes", "a = \"b # c\" # d", "a=b # c;" },
	{ "single quotes", "a = 'b, c'", "a=b, c;" },
	{ "other quote within", "a = \"it's\"", "a=it's;" },
	{ "same quote within", "a = 'it's'", "a=it's;" },
	{ "quote within", "a = it's", "a=it's;" },
	{ "no text in quotes", "a = ''", "a=;" },
	{ "quoted key", "'a = b' = c", "a = b=c;" },
	{ "list", "a = b, c", "a=b...;" },
	{ "list of quoted texts", "a = 'b, c', \"d\" # e", "a=b, c...;" },
	{ "list of one", "a = b,", "a=b...;" },
	{ "empty list", "a = ,", "a=...;" },
	{ "triple quotes", "a = '''b''' # c", "a=b;" },
	{ "quotes within triple quotes", "a = \"\"\"'b' \"c\" #\"\"\"",
	    "a='b' \"c\" #;" },
	{ "several lines", "a = '''b\n[c]\nd = e''' # f\ng = h",
	    "a=b\n[c]\nd = e;g=h;" },
	{ "empty line within", "a = \"\"\"\n\n\"\"\"", "a=\n\n;" },
	{ "sections", "a=1\n[b]\na=2\n[[c]]\na=3\n[d]\na=4\n",
	    "a=1;b/a=2;b/c/a=3;d/a=4;" },
	{ "subsections", "[a]\n[[b]]\n[[[c]]]\nd=1\n[[e]]\nd=2\n",
	    "a/b/c/d=1;a/e/d=2;" },
	{ "section with a comment", " [ a ] # ]", "" },
	{ "section in quotes", "['a]']\nb=1", "a]/b=1;" },
	{ "bracket in a section", "[a]b]\nc=1", "a]b/c=1;" },
	{ "spaces in brackets", "[a]\n[ [ b ] ]\nc=1", "a/b/c=1;" },
	{ "key that looks like a section", "[a = b", "[a=b;" },
	{ "a name in two sections", "[a]\n[[c]]\n[b]\n[[c]]\n", "" },
};

static void
test_accept_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(accept_cases); i++) {
		struct problem problem = { "untouched" };
		struct buf seen = { 0 };

		print_message("# %s\n", accept_cases[i].why);
		assert_int_equal(
		    configobj_read(accept_cases[i].text,
			strlen(accept_cases[i].text), take, &seen, &problem),
		    STATUS_OK);
		assert_string_equal(buf_text(&seen), accept_cases[i].seen);
		assert_string_equal(problem.text, "untouched");
		buf_fini(&seen);
	}
}

static const char neither[] = "neither a comment nor [section] nor key = value";
static const char brackets[] = "the brackets of the section do not match";

static const struct {
	const char *why;
	const char *text;
	size_t line;
	const char *problem;
} reject_cases[] = {
	{ "only a word", "a", 1, neither },
	{ "no key", "a = b\n = c", 2, neither },
	{ "PEM", "\n-----BEGIN CERTIFICATE-----", 2, neither },
	{ "YAML", "a: b", 1, neither },
	{ "text behind a section", "[a] b", 1, neither },
	{ "section not closed", "[a", 1, neither },
	{ "section without a name", "[]", 1, neither },
	{ "quote of a section not closed", "['a]", 1, neither },
	{ "quote of a key not closed", "'a = b", 1, neither },
	{ "text behind a key", "'a' b = c", 1, neither },
	{ "fewer closing brackets", "[a]\n[[b]", 2, brackets },
	{ "more closing brackets", "[a]]", 1, brackets },
	{ "subsection of nothing", "[[a]]", 1, brackets },
	{ "level left out", "[a]\n[[[b]]]", 2, brackets },
	{ "quote not closed", "a = 'b", 1, "a quote is not closed" },
	{ "other quote closes", "a = 'b\"", 1, "a quote is not closed" },
	{ "text behind a quote", "a = 'b' c", 1, "a quote is not closed" },
	{ "quote in a list", "a = b, 'c", 1, "a quote is not closed" },
	{ "nothing but a quote", "a = \"", 1, "a quote is not closed" },
	{ "triple quote not closed", "a = 1\nb = '''c\nd\n", 2,
	    "a triple quote is not closed" },
	{ "other triple quote closes", "b = '''c\"\"\"", 1,
	    "a triple quote is not closed" },
	{ "text behind a triple quote", "a = '''b''' c\nd'''", 1,
	    "a triple quote is not closed" },
	{ "text behind the last line", "a = '''b\nc''' d\n'''", 1,
	    "a triple quote is not closed" },
	{ "key twice", "a = 1\nb = 1\na = 1", 3, "the name is there twice" },
	{ "key twice, once in quotes", "a = 1\n'a' = 1", 2,
	    "the name is there twice" },
	{ "unknown key twice in a section", "[a]\nb=1\n[[c]]\n[d]\n[a]", 5,
	    "the name is there twice" },
	{ "section and key", "[a]\nb=1\n[[b]]", 3, "the name is there twice" },
	{ "refused by the reader", "b=1\nrefuse = 1\nc", 2, "no" },
};

static void
test_reject_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(reject_cases); i++) {
		struct problem problem = { "" };
		struct problem expected = { "" };
		struct buf seen = { 0 };

		print_message("# %s\n", reject_cases[i].why);
		problem_set(&expected, "line %zu: %s", reject_cases[i].line,
		    reject_cases[i].problem);
		assert_int_equal(
		    configobj_read(reject_cases[i].text,
			strlen(reject_cases[i].text), take, &seen, &problem),
		    strcmp(reject_cases[i].problem, "no") == 0
			? STATUS_REFUSED
			: STATUS_MALFORMED);
		assert_string_equal(problem.text, expected.text);
		buf_fini(&seen);
	}
}

static void
test_nul(void **state)
{
	static const char text[] = "a = b\nc = '''d\n\0e'''\n";
	struct problem problem = { "" };
	struct buf seen = { 0 };

	(void)state;
	assert_int_equal(
	    configobj_read(text, sizeof(text) - 1, take, &seen, &problem),
	    STATUS_MALFORMED);
	assert_string_equal(problem.text, "line 3: a NUL octet");
	assert_int_equal(seen.len, 0);
	buf_fini(&seen);
}

static void
test_longest_name(void **state)
{
	struct problem problem = { "" };
	struct buf text = { 0 };
	struct buf seen = { 0 };

	(void)state;
	buf_add_format(&text, "[a]\n%01022d = b", 0);
	assert_int_equal(
	    configobj_read(text.data, text.len, take, &seen, &problem),
	    STATUS_OK);
	buf_clear(&text);
	buf_add_format(&text, "[a]\n%01023d = b", 0);
	assert_int_equal(
	    configobj_read(text.data, text.len, take, &seen, &problem),
	    STATUS_MALFORMED);
	assert_string_equal(problem.text, "line 2: the name is too long");
	buf_fini(&text);
	buf_fini(&seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accept_table),
		cmocka_unit_test(test_reject_table),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_longest_name),
	};

	return cmocka_run_group_tests_name("configobj", tests, NULL, NULL);
}
