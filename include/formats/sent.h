/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SENT_H
#define FORMATS_SENT_H

/*
 * What lies beside the chain of a lineage that another host sent: a JSON object
 * that `receive` writes, and that the source of type `remote` and `check` read.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "pki/lineage.h"

/* The files of a lineage, in a directory of its name. */
#define SENT_CHAIN  "fullchain.pem"
#define SENT_ABOUT  "sent.json"
#define SENT_SENDER "sender"       /* whose it is, in one line */
#define SENT_NEXT   "next-%zu.pem" /* from 1 on */

struct sent {
	int64_t received; /* when its newest chain came; seconds since 1970 */
	int64_t reported; /* when a server was said to present it; 0: never */
	size_t next;      /* how many files of staged keys there are */
	struct renewal_plan plan; /* at the other host */
};

/*
 * Read `len` octets.  Returns STATUS_OK and *ret_sent, ended with sent_fini(),
 * or STATUS_MALFORMED with `problem`.
 */
enum status sent_parse(const char *text, size_t len, struct sent *ret_sent,
    struct problem *problem);

/* Append what sent_parse() reads as the same. */
void sent_format(const struct sent *sent, struct buf *text);

void sent_fini(struct sent *sent);

#endif
