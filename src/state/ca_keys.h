/* SPDX-License-Identifier: MIT */
#ifndef STATE_CA_KEYS_H
#define STATE_CA_KEYS_H

/*
 * What the rows of CA certificates go by, which costs to work out: thousands of
 * lineages share them.  Threads: one at a time.
 */

#include <stdbool.h>

#include "row.h"

/* Begin with none; end with trie_fini(). */
void ca_keys_init(struct trie *keys);

/*
 * Note the key of `cert`, if it is not there yet: then return true, and its row
 * in *ret_row, to be ended with row_fini().
 */
bool ca_keys_add(struct trie *keys, struct cert *cert, struct row *ret_row);

#endif
