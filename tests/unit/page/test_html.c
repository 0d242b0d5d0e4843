/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "page/html.h"

static void
test_text(void **state)
{
	static const struct {
		const char *text;
		const char *html;
	} rows[] = {
		{ "", "" },
		{ "mail.example.com.", "mail.example.com." },
		{ "a<b>&c", "a&lt;b&gt;&amp;c" },
		{ "\"'", "&quot;&#39;" },
		{ "</script>", "&lt;/script&gt;" },
		{ "&lt;", "&amp;lt;" },
		{ "d\xc3\xa4", "d\xc3\xa4" },
		/* what ends lines, turns writing round, or is no UTF-8 */
		{ "a\nb", "a\\x0ab" },
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },
		{ "\xff<", "\\xff&lt;" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf html = { 0 };

		html_text(&html, rows[i].text);
		assert_string_equal(buf_text(&html), rows[i].html);
		buf_fini(&html);
	}
}

/* What printf(3) put in is text as well. */
static void
test_format(void **state)
{
	struct buf html = { 0 };

	(void)state;
	html_format(&html, "'%s' %d<", "<x>", 7);
	assert_string_equal(buf_text(&html), "&#39;&lt;x&gt;&#39; 7&lt;");
	buf_fini(&html);
}

static void
test_time(void **state)
{
	struct buf html = { 0 };

	(void)state;
	html_time(&html, 1795435199);
	assert_string_equal(buf_text(&html),
	    "<time datetime=\"2026-11-23T11:59:59Z\">2026-11-23 11:59</time>");
	buf_fini(&html);
}

static void
test_distance(void **state)
{
	static const struct {
		int64_t seconds;
		const char *html;
	} rows[] = {
		{ 0, "now" },
		{ 1, "now" },
		{ 2, "in 2 seconds" },
		{ -59, "59 seconds ago" },
		{ 119, "in 119 seconds" },
		{ 120, "in 2 minutes" },
		{ -7199, "119 minutes ago" },
		{ 7200, "in 2 hours" },
		{ 2 * 86400 - 1, "in 47 hours" },
		{ -2 * 86400, "2 days ago" },
		{ 400 * 86400, "in 400 days" },
	};
	const int64_t now = 1795435199;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf html = { 0 };

		html_distance(&html, now + rows[i].seconds, now);
		assert_string_equal(buf_text(&html), rows[i].html);
		buf_fini(&html);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
