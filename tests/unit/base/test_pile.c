/* SPDX-License-Identifier: MIT */
/* A text in blocks reads as the same text in one piece, however it is read. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pile.h"

enum { ADDITIONS = 4000 };

/* Add texts of many lengths, among them none and longer than a block. */
static void
fill(struct pile *pile, struct buf *same)
{
	for (size_t i = 0; i < ADDITIONS; i++) {
		size_t len = i * 7919 % (i % 1000 == 999 ? 150000 : 97);
		char *text = mem_array(len + 1, 1);

		memset(text, 'a' + (int)(i % 26), len);
		buf_add(pile_tail(pile), text, len);
		buf_add(same, text, len);
		free(text);
	}
}

static void
expect(const struct pile *pile, const struct buf *same, size_t room)
{
	struct pile_place place = { 0 };
	char *piece = mem_array(room, 1);
	size_t len = 0;
	size_t got;

	assert_int_equal(pile_len(pile), same->len);
	while ((got = pile_read(pile, &place, piece, room)) > 0) {
		assert_in_range(got, 1, room);
		assert_true(len + got <= same->len);
		assert_memory_equal(piece, same->data + len, got);
		len += got;
	}
	assert_int_equal(len, same->len);
	assert_int_equal(pile_read(pile, &place, piece, room), 0);
	free(piece);
}

static void
test_read(void **state)
{
	static const size_t rooms[] = { 100, 4096, PILE_BLOCK, 1000003 };
	struct pile pile = { 0 };
	struct buf same = { 0 };

	(void)state;
	expect(&pile, &same, 1);
	fill(&pile, &same);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		expect(&pile, &same, rooms[i]);
	pile_fini(&pile);
	buf_fini(&same);
}

/* What was added lies where it lay. */
static void
test_nothing_moves(void **state)
{
	struct pile pile = { 0 };
	struct buf same = { 0 };
	const char *first;

	(void)state;
	buf_add_string(pile_tail(&pile), "first");
	buf_reserve(pile_tail(&pile), (size_t)2 * PILE_BLOCK);
	first = pile.blocks[0].data;
	fill(&pile, &same);
	assert_ptr_equal(pile.blocks[0].data, first);
	for (size_t i = 0; i + 1 < pile.count; i++)
		assert_in_range(pile.blocks[i].len, PILE_BLOCK, 3 * PILE_BLOCK);
	pile_fini(&pile);
	buf_fini(&same);
}

static void
test_move(void **state)
{
	struct pile pile = { 0 };
	struct pile more = { 0 };
	struct buf same = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		pile_move(&pile, &more);
		assert_int_equal(pile_len(&more), 0);
		expect(&pile, &same, 1000);
		fill(&more, &same);
		pile_move(&pile, &more);
		buf_add_string(pile_tail(&pile), "between");
		buf_add_string(&same, "between");
	}
	expect(&pile, &same, 1000);
	pile_fini(&pile);
	pile_fini(&more);
	buf_fini(&same);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_nothing_moves),
		cmocka_unit_test(test_move),
	};

	return cmocka_run_group_tests_name("pile", tests, NULL, NULL);
}
