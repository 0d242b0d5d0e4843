/* SPDX-License-Identifier: MIT */
#ifndef PAGE_SERVICES_H
#define PAGE_SERVICES_H

/*
 * The page of all services, those that need somebody first: what is found of
 * each and what to do, and its RRset over time.  Threads: one at a time.
 */

#include "shell.h"
#include "survey.h"

enum { SERVICES_PAGE = 25 }; /* services a page */

/* Append the page; `scene->page` beyond the last one is the last one. */
void services_page(
    struct buf *html, struct scene *scene, const struct survey *survey);

#endif
