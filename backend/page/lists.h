/* SPDX-License-Identifier: MIT */
#ifndef PAGE_LISTS_H
#define PAGE_LISTS_H

/* The pages of certificates, issuers and zones.  Threads: one at a time. */

#include "shell.h"

enum { LISTS_PAGE = 50 }; /* lineages a page */

/* Append the page; `scene->page` beyond the last one is the last one. */
void lists_lineages(struct buf *html, struct scene *scene);

void lists_issuers(struct buf *html, struct scene *scene);
void lists_zones(struct buf *html, struct scene *scene);

#endif
