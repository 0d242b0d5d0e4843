/* SPDX-License-Identifier: MIT */
#include "html.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "cli/output.h"

void
html_text(struct buf *html, const char *text)
{
	char *plain = plain_text(text, strlen(text));

	for (const char *c = plain; *c != '\0'; c++) {
		switch (*c) {
		case '&':
			buf_add_string(html, "&amp;");
			break;
		case '<':
			buf_add_string(html, "&lt;");
			break;
		case '>':
			buf_add_string(html, "&gt;");
			break;
		case '"':
			buf_add_string(html, "&quot;");
			break;
		case '\'':
			buf_add_string(html, "&#39;");
			break;
		default:
			buf_add(html, c, 1);
		}
	}
	free(plain);
}

void
html_format(struct buf *html, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	html_text(html, text);
	free(text);
}

void
html_scroll(struct buf *html, const char *class, const char *label)
{
	buf_add_format(html,
	    "<div class=\"%s\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"%s\">",
	    class, label);
}

void
html_time(struct buf *html, int64_t when)
{
	enum { DAY = 10, MINUTE = 5 }; /* 2026-11-29 T 12:34 */
	char date[OUTPUT_DATE_SIZE];

	output_date(when, date, sizeof(date));
	buf_add_format(html, "<time datetime=\"%s\">%.*s %.*s</time>", date,
	    DAY, date, MINUTE, date + DAY + 1);
}

void
html_distance(struct buf *html, int64_t when, int64_t now)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "days" }, { 3600, "hours" }, { 60, "minutes" },
		{ 1, "seconds" } };
	int64_t distance = when > now ? when - now : now - when;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		long long many = (long long)(distance / units[i].seconds);

		if (many < 2)
			continue;
		buf_add_format(html, when > now ? "in %lld %s" : "%lld %s ago",
		    many, units[i].name);
		return;
	}
	buf_add_string(html, "now");
}

void
html_table(struct buf *html, const char *label, const char *const *columns)
{
	html_scroll(html, "table", label);
	buf_add_string(html, "<table><thead><tr>");
	for (; *columns != NULL; columns++)
		buf_add_format(html, "<th scope=\"col\">%s</th>", *columns);
	buf_add_string(html, "</tr></thead><tbody>\n");
}

void
html_table_end(struct buf *html)
{
	buf_add_string(html, "</tbody></table></div>\n");
}

void
html_cell(struct buf *html, const char *text)
{
	buf_add_string(html, "<td>");
	html_text(html, text);
	buf_add_string(html, "</td>");
}
