/* SPDX-License-Identifier: MIT */
#ifndef PAGE_HTML_H
#define PAGE_HTML_H

/*
 * Text into HTML (and SVG): what others made (names, certificates, problems)
 * ends no element, no attribute and no line, and turns no writing round.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdint.h>

#include "base/buf.h"

/* Append a text as text of an element, or of an attribute in quotes. */
void html_text(struct buf *html, const char *text);

/* The same for what printf(3) makes. */
void html_format(struct buf *html, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Begin a <div> for what has to be scrolled sideways where there is little
 * room, by keys as well (WCAG 2.2, 2.1.1); `label` says what it is to who does
 * not see it.
 */
void html_scroll(struct buf *html, const char *class, const char *label);

/*
 * Begin a table of what it is with these columns (NULL ends them), and end it.
 */
void html_table(
    struct buf *html, const char *label, const char *const *columns);
void html_table_end(struct buf *html);

/* Append a cell of it. */
void html_cell(struct buf *html, const char *text);

/* Append seconds since 1970 as a <time>, to the minute. */
void html_time(struct buf *html, int64_t when);

/*
 * Append "in 12 days", "3 hours ago", "now": how far `when` is from `now`, in
 * the largest unit that makes two of it.
 */
void html_distance(struct buf *html, int64_t when, int64_t now);

#endif
