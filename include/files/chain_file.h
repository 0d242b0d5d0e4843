/* SPDX-License-Identifier: MIT */
#ifndef FILES_CHAIN_FILE_H
#define FILES_CHAIN_FILE_H

/*
 * The chain of one generation from disk: from one file, or from two where a
 * client keeps the leaf apart from what issued it.
 * Threads: one at a time.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "pki/chain.h"

struct chain_file {
	struct chain *chain;      /* one reference */
	struct buf text;          /* all of it, the leaf first */
	struct fingerprint print; /* of what was read */
	struct problem remark;    /* what else was in it, or "" */
};

/*
 * Read the file at `path`.  If it holds the leaf alone and `issuers` is not
 * NULL, the CA certificates are in the file there: both together then, or, as
 * long as they do not belong together, nothing.
 *
 * Returns STATUS_OK, and *ret_file to be ended with chain_file_fini(); or what
 * file_read() and chain_parse() return, with `problem`, which names the file.
 * Issuers that are absent are STATUS_IO: only `path` tells of absence.
 */
enum status chain_file_read(struct ca_pool *pool, const char *path,
    const char *issuers, bool keep_all, struct chain_file *ret_file,
    struct problem *problem);

/* Whatever the text was, it does not linger. */
void chain_file_fini(struct chain_file *file);

/*
 * Return true if `print` is that of a chain that was read from these files and
 * has not changed.
 */
bool chain_file_unchanged(
    const char *path, const char *issuers, const struct fingerprint *print);

#endif
