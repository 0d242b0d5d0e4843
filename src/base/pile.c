/* SPDX-License-Identifier: MIT */
#include "base/pile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Room for `more` blocks: their heads may move, what they hold does not. */
static void
blocks_reserve(struct pile *pile, size_t more)
{
	if (pile->room - pile->count >= more)
		return;
	pile->room = 2 * pile->room + more;
	pile->blocks = mem_resize(
	    pile->blocks, pile->room, sizeof(*pile->blocks));
}

struct buf *
pile_tail(struct pile *pile)
{
	if (pile->count == 0 ||
	    pile->blocks[pile->count - 1].len >= PILE_BLOCK) {
		blocks_reserve(pile, 1);
		pile->blocks[pile->count++] = (struct buf){ 0 };
	}
	return &pile->blocks[pile->count - 1];
}

void
pile_move(struct pile *pile, struct pile *more)
{
	if (more->count > 0) {
		blocks_reserve(pile, more->count);
		memcpy(&pile->blocks[pile->count], more->blocks,
		    more->count * sizeof(*more->blocks));
		pile->count += more->count;
	}
	free(more->blocks);
	*more = (struct pile){ 0 };
}

size_t
pile_len(const struct pile *pile)
{
	size_t len = 0;

	for (size_t i = 0; i < pile->count; i++)
		len += pile->blocks[i].len;
	return len;
}

size_t
pile_read(
    const struct pile *pile, struct pile_place *place, void *to, size_t room)
{
	const struct buf *block;
	size_t len;

	while (place->block < pile->count &&
	       place->at == pile->blocks[place->block].len) {
		place->block++;
		place->at = 0;
	}
	if (place->block == pile->count)
		return 0;
	block = &pile->blocks[place->block];
	len = block->len - place->at < room ? block->len - place->at : room;
	memcpy(to, block->data + place->at, len);
	place->at += len;
	return len;
}

void
pile_fini(struct pile *pile)
{
	for (size_t i = 0; i < pile->count; i++)
		buf_fini(&pile->blocks[i]);
	free(pile->blocks);
	*pile = (struct pile){ 0 };
}
