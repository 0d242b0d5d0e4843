/* SPDX-License-Identifier: MIT */
#ifndef PAGE_REPORTS_H
#define PAGE_REPORTS_H

/*
 * The page of TLS reports: what senders say that they saw, what failed first,
 * the worst first, with what is on record of it.  Threads: one at a time.
 */

#include "shell.h"

enum {
	REPORTS_PAGE = 10,     /* failures a page */
	REPORTS_SENDERS = 100, /* shown on the first one */
	/* Among more services the one of a failure is not looked for. */
	REPORTS_SERVICES = 10000,
};

/* Append the page; `scene->page` beyond the last one is the last one. */
void reports_page(struct buf *html, struct scene *scene);

#endif
