/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_MAIL_H
#define REPORTS_MAIL_H

/*
 * What is attached to a mail (RFC 5322, MIME), decoded; and mails of an mbox.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* One leaf of it; borrowed. */
struct mail_part {
	const char *data;
	size_t len;
	/* By its type, its name, or the type of the mail (RFC 8460 s5.3). */
	bool is_report;
};

typedef void mail_visit(const struct mail_part *part, void *arg);

/*
 * Tell of each part of the mail, also of those of mails in it.  Returns
 * STATUS_OK; or with `problem`, and maybe when some were told, STATUS_LIMIT if
 * it is too large, or has too many or too deep; STATUS_FOREIGN if it is no
 * mail; STATUS_ABSENT if what takes mails apart is not installed.
 */
enum status mail_walk(const char *data, size_t len, mail_visit *visit,
    void *arg, struct problem *problem);

/* Return true if the octets begin as an mbox (RFC 4155). */
bool mbox_is_one(const char *data, size_t len);

/*
 * Return how many octets the first mail of an mbox has, with the line that
 * separates it from the one before it, of which *ret_line is the length.
 */
size_t mbox_first(const char *data, size_t len, size_t *ret_line);

#endif
