/* SPDX-License-Identifier: MIT */
#ifndef PAGE_SHELL_H
#define PAGE_SHELL_H

/* What all pages have around what they show.  Threads: one at a time. */

#include "base/buf.h"
#include "cli/finding.h"
#include "control/item.h"

/* What a page is made from. */
struct scene {
	const struct control *control;
	int64_t now;      /* seconds since 1970 */
	const char *path; /* of the page */
	size_t page;      /* from 1, of those that are made of pages */
};

/* The style sheet, at /style.css. */
extern const char shell_style[];

/* Begin the page; `title` is text. */
void shell_begin(
    struct buf *html, const struct scene *scene, const char *title);

/* A list of what was found, the worst first, with what to do; if anything. */
void shell_findings(struct buf *html, const struct findings *findings);

/* Links to the pages before and behind; `count` of them. */
void shell_pages(struct buf *html, const struct scene *scene, size_t count);

void shell_end(struct buf *html, const struct scene *scene);

#endif
