/* SPDX-License-Identifier: MIT */
#ifndef STATE_ROW_TELL_H
#define STATE_ROW_TELL_H

/*
 * What rows say, as things; also those of earlier versions.
 * Threads: one at a time.
 */

#include <stdbool.h>

#include "row.h"

/*
 * Tell the hooks of a row; `cas` has the certificate of each row of ROW_CA by
 * its key.  False if it makes no sense.
 */
bool row_tell(const struct row *row, const struct trie *cas,
    const struct state_hooks *hooks);

/* Make a reference to the certificate of a row of ROW_CA, or return NULL. */
struct cert *row_cert(const struct row *row);

#endif
