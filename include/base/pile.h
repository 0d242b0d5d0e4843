/* SPDX-License-Identifier: MIT */
#ifndef BASE_PILE_H
#define BASE_PILE_H

/*
 * A long text in blocks, of which only the last one may move when more is
 * added: neither adding to it nor reading it takes longer the longer it is.
 * Pure.  Threads: one at a time for each pile.  A zeroed struct is an empty
 * pile.
 */

#include <stddef.h>

#include "base/buf.h"

enum { PILE_BLOCK = 65536 }; /* octets; its last addition may go beyond */

struct pile {
	struct buf *blocks; /* owned */
	size_t count;
	size_t room;
};

/*
 * Return where to append, valid until the next call: the last block, or a new
 * one when that is full.  What is appended there may be of any size.
 */
struct buf *pile_tail(struct pile *pile);

/* Append all of `more`, which is empty then. */
void pile_move(struct pile *pile, struct pile *more);

/* Return the octets of all of it. */
size_t pile_len(const struct pile *pile);

/* Where somebody reads; zeroed: at the beginning. */
struct pile_place {
	size_t block;
	size_t at; /* octets of it that are behind */
};

/* Copy what comes next, `room` octets at most; returns 0 at the end. */
size_t pile_read(
    const struct pile *pile, struct pile_place *place, void *to, size_t room);

/* Free the memory; the pile is empty again and may be used on. */
void pile_fini(struct pile *pile);

#endif
