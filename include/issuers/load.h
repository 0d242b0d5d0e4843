/* SPDX-License-Identifier: MIT */
#ifndef ISSUERS_LOAD_H
#define ISSUERS_LOAD_H

/*
 * The issuer sets of the machine: those in the program itself, and those of
 * directories, each of which can replace what came before it.
 * Threads: one at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "issuers/issuer.h"

/* A table in the program; the array ends with a row without a name. */
struct issuer_builtin {
	const char *file; /* name of the file it was made from */
	const uint8_t *text;
	size_t len;
};

extern const struct issuer_builtin issuer_builtins[];

/* Is told, in one line, what is wrong and what is used instead. */
typedef void issuer_warn_fn(void *arg, const char *text);

/*
 * Read NAME.tsv (tables) and NAME.pem (CA certificates) of the directories.
 * The tables in the program count as the lowest directory.  A file replaces
 * the one of the same name in an earlier directory; an empty one, or a link
 * to /dev/null, removes it, as drop-ins of systemd.unit(5) do.
 *
 * What cannot be read or is wrong is reported to `warn`, and replaced by what
 * `old` (may be NULL) had read from the same path, else by the one of an
 * earlier directory.  It is no fault if a directory does not exist, unless an
 * administrator named it (see config/config.h for those that nobody has to
 * name).
 *
 * Returns one reference, to be dropped with issuers_unref().
 */
struct issuers *issuers_load(const char *const *directories, size_t count,
    const struct issuers *old, issuer_warn_fn *warn, void *arg);

#endif
