/* SPDX-License-Identifier: MIT */
#include "sets/index.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * Nearly every key has one item: that is the value itself, marked by an odd
 * address.  Only where there are more is there a list.
 */
struct many {
	size_t count;
	size_t room;
	void *items[];
};

static void *
only_mark(void *item)
{
	assert(item != NULL && (uintptr_t)item % 2 == 0);
	return (void *)((uintptr_t)item + 1);
}

static bool
is_only(const void *value)
{
	return (uintptr_t)value % 2 != 0;
}

static void *
only_item(void *value)
{
	return (void *)((uintptr_t)value - 1);
}

static void
value_free(void *value)
{
	if (!is_only(value))
		free(value);
}

void
index_init(struct index *index)
{
	trie_init(&index->lists, value_free);
}

void
index_fini(struct index *index)
{
	trie_fini(&index->lists);
}

/* Describe a value to the reader; NULL: nothing. */
static void
value_list(void *value, struct index_list *ret_list)
{
	struct many *many = value;

	*ret_list = (struct index_list){ 0 };
	if (is_only(value)) {
		ret_list->only = only_item(value);
		ret_list->items = &ret_list->only;
		ret_list->count = 1;
	} else if (many != NULL) {
		ret_list->items = many->items;
		ret_list->count = many->count;
	}
}

/* Return the items of `list` with as much room again. */
static struct many *
many_new(const struct index_list *list)
{
	size_t room = 2 * list->count;
	struct many *many = mem_new(
	    sizeof(*many) + room * sizeof(many->items[0]));

	memcpy(many->items, list->items, list->count * sizeof(list->items[0]));
	many->count = list->count;
	many->room = room;
	return many;
}

void
index_add(struct index *index, const void *key, size_t len, void *item)
{
	void *value = trie_get(&index->lists, key, len);
	struct many *many = value;
	struct index_list list;

	value_list(value, &list);
	if (list.count == 0) {
		trie_set(&index->lists, key, len, only_mark(item));
		return;
	}
	if (list.items[list.count - 1] == item)
		return;
	if (is_only(value) || many->count == many->room) {
		many = many_new(&list);
		trie_set(&index->lists, key, len, many);
	}
	many->items[many->count++] = item;
}

void
index_remove(struct index *index, const void *key, size_t len, const void *item)
{
	void *value = trie_get(&index->lists, key, len);
	struct many *many = value;
	struct index_list list;
	size_t at = 0;

	value_list(value, &list);
	while (at < list.count && list.items[at] != item)
		at++;
	if (at == list.count)
		return;
	if (list.count == 1) {
		(void)trie_remove(&index->lists, key, len);
		return;
	}
	many->count--;
	memmove(&many->items[at], &many->items[at + 1],
	    (many->count - at) * sizeof(many->items[0]));
}

bool
index_has(const struct index *index, const void *key, size_t len)
{
	return trie_get(&index->lists, key, len) != NULL;
}

void
index_get(const struct index *index, const void *key, size_t len,
    struct index_list *ret_list)
{
	value_list(trie_get(&index->lists, key, len), ret_list);
}

void
index_get_entry(const struct trie_entry *entry, struct index_list *ret_list)
{
	value_list(entry->value, ret_list);
}
