/* SPDX-License-Identifier: MIT */
#ifndef PDNS_CONF_H
#define PDNS_CONF_H

/*
 * PowerDNS's configuration, pdns.conf: settings by name, read as its
 * arguments.cc does (4.7 to 5.1): "name=value", "name+=value" adds ", value",
 * a later one replaces an earlier, a line may go on behind a backslash, and
 * "#" at the beginning or behind white space begins a comment.  Settings that
 * we do not know are kept like all others.
 * Pure but for pdns_conf_load().  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* What one line gave to a value. */
struct pdns_conf_piece {
	size_t end; /* in the value, behind it */
	char *file; /* path, owned; NULL: it was no file */
};

struct pdns_conf_setting {
	char *name;
	char *value;
	struct pdns_conf_piece *pieces; /* owned, in order */
	size_t piece_count;
};

struct pdns_conf {
	struct pdns_conf_setting *list; /* owned; each name once */
	size_t count;
	const char *path; /* borrowed, while a file is read */
};

enum {
	PDNS_CONF_FILE_MAX = 1024 * 1024, /* octets of one file */
	PDNS_CONF_SETTINGS_MAX = 4096,
	PDNS_CONF_FILES_MAX = 1024, /* of include-dir */
};

void pdns_conf_fini(struct pdns_conf *conf);

/*
 * Read `len` octets of text on top of what `conf` (zeroed at first) holds.
 *
 * Returns STATUS_OK; STATUS_MALFORMED for a NUL octet, or STATUS_LIMIT, with
 * the number of the line in `problem`; what came before stays read.
 */
enum status pdns_conf_parse(struct pdns_conf *conf, const char *text,
    size_t len, struct problem *problem);

/*
 * Read the file at `path`, then each *.conf of its include-dir, in order of
 * names without regard to case.
 *
 * Returns STATUS_OK and *ret_conf, ended with pdns_conf_fini(); or what
 * file_read(), pdns_conf_parse() or opening the directory gave, with
 * `problem`.
 */
enum status pdns_conf_load(
    const char *path, struct pdns_conf *ret_conf, struct problem *problem);

/* Return the value, borrowed, or `fallback`. */
const char *pdns_conf_get(
    const struct pdns_conf *conf, const char *name, const char *fallback);

/*
 * Return the file that gave the octet at `offset` of the value, borrowed, or
 * NULL.
 */
const char *pdns_conf_file(
    const struct pdns_conf *conf, const char *name, size_t offset);

/* Return true if the value is neither "no" nor "off". */
bool pdns_conf_is_on(const char *value);

/*
 * Take the next word of a list such as "launch": separated by commas or white
 * space.  *at begins at the value and moves on.  Returns its length, with
 * *ret_word in the value, or 0 at the end.
 */
size_t pdns_conf_word(const char **at, const char **ret_word);

#endif
