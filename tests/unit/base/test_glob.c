/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "base/glob.h"

static const struct {
	const char *pattern;
	const char *text;
	bool matches;
} cases[] = {
	{ "mail.example.com", "MAIL.example.com", true },
	{ "mail.example.com", "mail.example.org", false },
	{ "mail.*", "mail.example.com", true },
	{ "mail.*", "mailer.example.com", false },
	{ "mx*.example.com", "mx.example.com", true },
	{ "mx*.example.com", "mx.example.com.net", false },
	{ "mx?", "mx1", true },
	{ "mx?", "mx", false },
	{ "*", "", true },
	{ "", "", true },
	{ "", "a", false },
	{ "?", "", false },
	{ "*a*b*c", "xaxbxc", true },
	{ "*a*b*c", "xaxcxb", false },
	{ "**", "anything", true },
	{ "[a]", "a", false },
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message(
		    "# '%s' on '%s'\n", cases[i].pattern, cases[i].text);
		assert_int_equal(glob_match(cases[i].pattern, cases[i].text,
				     strlen(cases[i].text)),
		    cases[i].matches);
	}
}

/* fnmatch(3) would need more than a lifetime for this one. */
static void
test_many_stars_end(void **state)
{
	char pattern[2001];
	char text[4001];

	(void)state;
	for (size_t i = 0; i < 2000; i++)
		pattern[i] = i % 2 == 0 ? '*' : 'a';
	pattern[2000] = '\0';
	memset(text, 'a', 4000);
	text[4000] = '\0';
	assert_true(glob_match(pattern, text, 4000));
	text[3999] = 'b';
	assert_false(glob_match(pattern, text, 4000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_many_stars_end),
	};

	return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
