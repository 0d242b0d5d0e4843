/* SPDX-License-Identifier: MIT */
#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

static void
list_free(void *value)
{
	struct index_list *list = value;

	free(list->items);
	free(list);
}

void
index_init(struct index *index)
{
	trie_init(&index->lists, list_free);
}

void
index_fini(struct index *index)
{
	trie_fini(&index->lists);
}

void
index_add(struct index *index, const void *key, size_t len, void *item)
{
	struct index_list *list = trie_get(&index->lists, key, len);

	if (list == NULL) {
		list = mem_new(sizeof(*list));
		trie_set(&index->lists, key, len, list);
	}
	if (list->count > 0 && list->items[list->count - 1] == item)
		return;
	list->items = mem_resize(
	    list->items, list->count + 1, sizeof(*list->items));
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
	static const struct index_list none = { 0 };
	const struct index_list *list = trie_get(&index->lists, key, len);

	return list != NULL ? list : &none;
}
