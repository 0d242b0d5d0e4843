/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sets/slots.h"
#include "sets/trie.h"

/* The entries of the tables below; each value is its own key. */
static const struct {
	const char *key;
	size_t len;
} entries[] = {
	{ "", 0 },
	{ "a", 1 },
	{ "a\0", 2 },
	{ "a\0b", 3 },
	{ "a\001b", 3 },
	{ "aq", 2 },
	{ "ab\377", 3 },
	{ "\377\377", 2 },
};

/* The trie borrows its values, which it does not change: drop the const. */
static void *
borrowed(const void *value)
{
	return (void *)(uintptr_t)value;
}

static void
entries_set(struct trie *trie)
{
	trie_init(trie, NULL);
	for (size_t i = 0; i < LENGTH(entries); i++)
		trie_set(trie, entries[i].key, entries[i].len,
		    borrowed(&entries[i]));
}

/* Return the index of the entry with this value; -1: none. */
static int
entry_index(const void *value)
{
	for (size_t i = 0; i < LENGTH(entries); i++)
		if (value == &entries[i])
			return (int)i;
	assert_null(value);
	return -1;
}

static void
test_lookup_table(void **state)
{
	static const struct {
		const char *why;
		const char *key;
		size_t len;
		int get;
		int longest;
		int below;
		int above;
		bool has_below;
	} cases[] = {
		{ "the empty key is a key", "", 0, 0, 0, -1, 1, true },
		{ "a prefix of others", "a", 1, 1, 1, 0, 2, true },
		{ "ends in a zero octet", "a\0", 2, 2, 2, 1, 3, true },
		{ "longer than any", "a\0bc", 4, -1, 3, 3, 4, false },
		{ "nothing but its start", "a\0c", 3, -1, 2, 3, 4, false },
		{ "between two prefixes", "a\001", 2, -1, 1, 3, 4, true },
		{ "end sorts before zero", "ab", 2, -1, 1, 4, 6, true },
		{ "last of a branch", "aq", 2, 5, 5, 6, 7, false },
		{ "before every octet", "\0", 1, -1, 0, 0, 1, false },
		{ "the last entry", "\377\377", 2, 7, 7, 5, -1, false },
		{ "behind the last", "\377\377\377", 3, -1, 7, 7, -1, false },
		{ "start of the last", "\377", 1, -1, 0, 5, 7, true },
	};
	struct trie_entry entry;
	struct trie trie;

	(void)state;
	entries_set(&trie);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *key = cases[i].key;
		size_t len = cases[i].len;

		print_message("# %s\n", cases[i].why);
		assert_int_equal(
		    entry_index(trie_get(&trie, key, len)), cases[i].get);
		assert_int_equal(entry_index(trie_get_longest(&trie, key, len)),
		    cases[i].longest);
		entry.value = NULL;
		(void)trie_below(&trie, key, len, &entry);
		assert_int_equal(entry_index(entry.value), cases[i].below);
		entry.value = NULL;
		(void)trie_above(&trie, key, len, &entry);
		assert_int_equal(entry_index(entry.value), cases[i].above);
		assert_int_equal(
		    trie_has_below(&trie, key, len), cases[i].has_below);
	}
	trie_fini(&trie);
}

static void
test_empty(void **state)
{
	struct trie_entry entry = { .len = 42 };
	struct trie trie, copy;

	(void)state;
	trie_init(&trie, NULL);
	trie_copy(&trie, &copy);
	assert_null(trie_get(&copy, "", 0));
	assert_null(trie_get_longest(&copy, "a", 1));
	assert_false(trie_remove(&copy, "a", 1));
	assert_false(trie_first(&copy, &entry));
	assert_false(trie_last(&copy, &entry));
	assert_false(trie_below(&copy, "a", 1, &entry));
	assert_false(trie_above(&copy, "", 0, &entry));
	assert_false(trie_has_below(&copy, "", 0));
	assert_true(trie_walk(&copy, "", 0, NULL, NULL));
	assert_int_equal(entry.len, 42);
	trie_fini(&copy);
	trie_fini(&trie);
}

/* Counts how often it was freed. */
struct value {
	unsigned int freed;
};

static void
value_free(void *value)
{
	((struct value *)value)->freed++;
}

/* A frozen version keeps its entries and their memory to the octet. */
static void
test_frozen(void **state)
{
	struct value first = { .freed = 0 };
	struct value second = { .freed = 0 };
	struct value third = { .freed = 0 };
	struct trie_entry before, after;
	struct trie now, frozen;

	(void)state;
	trie_init(&now, value_free);
	trie_set(&now, "mail", 4, &first);
	trie_copy(&now, &frozen);
	assert_true(trie_first(&frozen, &before));
	trie_set(&now, "mail", 4, &second);
	trie_set(&now, "mai", 3, &third);
	assert_true(trie_remove(&now, "mai", 3));
	assert_int_equal(third.freed, 1);
	assert_true(trie_first(&frozen, &after));
	assert_ptr_equal(before.key, after.key);
	assert_ptr_equal(after.value, &first);
	assert_int_equal(first.freed, 0);
	trie_fini(&frozen);
	assert_int_equal(first.freed, 1);
	trie_fini(&now);
	assert_int_equal(second.freed, 1);
}

/* The key of an entry may be used to remove it, or to set it again. */
static void
test_own_key(void **state)
{
	struct value values[3] = { { .freed = 0 } };
	struct trie_entry entry;
	struct trie trie;

	(void)state;
	trie_init(&trie, value_free);
	trie_set(&trie, "a", 1, &values[0]);
	trie_set(&trie, "ab", 2, &values[1]);
	assert_true(trie_last(&trie, &entry));
	trie_set(&trie, entry.key, entry.len, &values[2]);
	assert_ptr_equal(trie_get(&trie, "ab", 2), &values[2]);
	assert_true(trie_last(&trie, &entry));
	assert_true(trie_remove(&trie, entry.key, entry.len));
	assert_int_equal(trie.count, 1);
	trie_fini(&trie);
	for (size_t i = 0; i < LENGTH(values); i++)
		assert_int_equal(values[i].freed, 1);
}

static void
test_longest_key(void **state)
{
	uint8_t *key = mem_array(65536, 1);
	struct trie trie;

	(void)state;
	trie_init(&trie, NULL);
	trie_set(&trie, key, 65535, key);
	trie_set(&trie, key, 65534, key);
	assert_ptr_equal(trie_get(&trie, key, 65535), key);
	assert_null(trie_get(&trie, key, 65536));
	assert_ptr_equal(trie_get_longest(&trie, key, 65536), key);
	assert_false(trie_remove(&trie, key, 65533));
	assert_true(trie_remove(&trie, key, 65534));
	assert_int_equal(trie.count, 1);
	trie_fini(&trie);
	free(key);
}

/* Slots sort like octets, and those of names need no second place. */
static void
test_slots(void **state)
{
	static const char own[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

	(void)state;
	for (size_t i = 0; i < 256; i++) {
		unsigned first = trie_slot_first[i];
		unsigned second = trie_slot_second[i];

		assert_in_range(first, 1, 63);
		assert_in_range(second, 1, 63);
		if (i > 0)
			assert_true(first > trie_slot_first[i - 1] ||
				    (first == trie_slot_first[i - 1] &&
					second > trie_slot_second[i - 1]));
	}
	for (size_t i = 0; i < sizeof(own); i++) {
		size_t octet = (unsigned char)own[i];

		assert_int_equal(trie_slot_second[octet], 1);
		assert_true(
		    trie_slot_first[octet + 1] > trie_slot_first[octet]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup_table),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_frozen),
		cmocka_unit_test(test_own_key),
		cmocka_unit_test(test_longest_key),
		cmocka_unit_test(test_slots),
	};

	return cmocka_run_group_tests_name("trie", tests, NULL, NULL);
}
