/* SPDX-License-Identifier: MIT */
#ifndef SETS_SLOTS_H
#define SETS_SLOTS_H

/*
 * How the trie sees an octet: by a first slot and, where several octets share
 * that, a second one; each is 1 to 63, and they sort like octets.  What names
 * are made of is told by the first alone, so that a branch decides a whole
 * character of a name (as in BIND 9.20's qp-trie).
 */

#include <stdint.h>

extern const uint8_t trie_slot_first[256];
extern const uint8_t trie_slot_second[256];

#endif
