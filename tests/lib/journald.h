/* SPDX-License-Identifier: MIT */
#ifndef JOURNALD_H
#define JOURNALD_H

/*
 * A journal that is the test's: standard error leads to it, and the log knows.
 * It takes a few lines until they are read, and then no more.
 */

#include "tree.h"

struct journald {
	struct tree tree;
	char *path;
	int fd;    /* where datagrams come */
	int lines; /* where journald has the other end of standard error */
	int saved;
};

/* For cmocka: *state is a struct journald from the one to the other. */
int journald_begin(void **state);
int journald_end(void **state);

/* Listen (again, at the same path). */
void journald_listen(struct journald *journald);

/* $JOURNAL_STREAM of what standard error is, `off` inodes beside it. */
void journald_stream(unsigned off);

/* The next datagram, or ""; valid until the next call. */
const char *journald_datagram(const struct journald *journald);

/* What came by standard error since. */
const char *journald_stderr(const struct journald *journald);

#endif
