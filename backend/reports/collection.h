/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_COLLECTION_H
#define REPORTS_COLLECTION_H

/*
 * TLS reports wherever they lie: Maildir, mbox, mails, and what is attached to
 * them, saved.  What cannot be read is a finding, and does no harm to the rest.
 * Threads: one at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "cli/finding.h"
#include "tlsrpt/sums.h"
#include "tlsrpt/tally.h"

/* Who wants to know what is going to be taken apart, and may say no. */
struct collection_hooks {
	/*
	 * `number` is that of a mail in an mbox, from 1, or 0.  False: it is
	 * left alone, and is a finding.
	 */
	bool (*begins)(const char *path, size_t number, const char *data,
	    size_t len, void *arg);
	void (*ended)(void *arg);
	void *arg;
};

struct collection {
	const struct collection_hooks *hooks; /* or NULL */
	int64_t since; /* reports that end before are left out */
	/* Nor are files of directories read that were not written since. */
	bool is_recent;
	size_t old;     /* so many were */
	size_t others;  /* mails without any */
	size_t unread;  /* what could not be read; not all are findings */
	size_t refused; /* of them, what could not be opened */
	struct tlsrpt_sums sums;
	struct tlsrpt_tally tally;
	struct findings findings;
};

/*
 * Add what is at `path`: a file, a Maildir, or a directory of files.  Files are
 * known by what is in them.
 */
void collection_add_path(struct collection *collection, const char *path);

/*
 * Add what is in a file, of which `name` is the path.  The octets are the
 * caller's.
 */
void collection_add(struct collection *collection, const char *name,
    const char *data, size_t len);

/* To be called when all were added, and before what was found is read. */
void collection_end(struct collection *collection);

/* Add a finding if mails cannot be taken apart, for GMime is not installed. */
void collection_find_library(struct findings *findings);

void collection_fini(struct collection *collection);

#endif
