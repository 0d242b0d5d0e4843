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

struct collection {
	int64_t since; /* reports that end before are left out */
	size_t old;    /* so many were */
	size_t others; /* mails without any */
	size_t unread; /* what could not be read; not all are findings */
	struct tlsrpt_sums sums;
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

void collection_fini(struct collection *collection);

#endif
