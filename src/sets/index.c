/* SPDX-License-Identifier: MIT */
#include "sets/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
index_init(struct index *index)
{
	trie_init(&index->lists, free);
}

void
index_fini(struct index *index)
{
	trie_fini(&index->lists);
}

/* Return a list with twice the room; most have one item, and room for it. */
static struct index_list *
list_grow(const struct index_list *old)
{
	size_t room = old != NULL ? 2 * old->room : 1;
	struct index_list *list = mem_new(
	    sizeof(*list) + room * sizeof(list->items[0]));

	if (old != NULL)
		memcpy(list->items, old->items,
		    old->count * sizeof(old->items[0]));
	list->count = old != NULL ? old->count : 0;
	list->room = room;
	return list;
}

void
index_add(struct index *index, const void *key, size_t len, void *item)
{
	struct index_list *list = trie_get(&index->lists, key, len);

	if (list != NULL && list->count > 0 &&
	    list->items[list->count - 1] == item)
		return;
	if (list == NULL || list->count == list->room) {
		list = list_grow(list);
		trie_set(&index->lists, key, len, list);
	}
	list->items[list->count++] = item;
}

void
index_remove(struct index *index, const void *key, size_t len, const void *item)
{
	struct index_list *list = trie_get(&index->lists, key, len);
	size_t at = 0;

	if (list == NULL)
		return;
	while (at < list->count && list->items[at] != item)
		at++;
	if (at == list->count)
		return;
	list->count--;
	memmove(&list->items[at], &list->items[at + 1],
	    (list->count - at) * sizeof(list->items[0]));
	if (list->count == 0)
		(void)trie_remove(&index->lists, key, len);
}

const struct index_list *
index_get(const struct index *index, const void *key, size_t len)
{
	static const struct index_list none = { .count = 0 };
	const struct index_list *list = trie_get(&index->lists, key, len);

	return list != NULL ? list : &none;
}
