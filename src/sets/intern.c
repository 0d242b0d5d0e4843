/* SPDX-License-Identifier: MIT */
#include "sets/intern.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

enum { SWEEP_MIN = 64 };

void
intern_init(struct intern *intern, void (*value_free)(void *value),
    bool (*is_unused)(const void *value))
{
	trie_init(&intern->entries, value_free);
	intern->sweep_at = SWEEP_MIN;
	intern->is_unused = is_unused;
}

void
intern_fini(struct intern *intern)
{
	trie_fini(&intern->entries);
}

void *
intern_get(const struct intern *intern, const void *key, size_t len)
{
	return trie_get(&intern->entries, key, len);
}

struct sweep {
	const struct intern *intern;
	struct trie_entry *unused;
	size_t count;
};

static bool
sweep_visit(const struct trie_entry *entry, void *arg)
{
	struct sweep *sweep = arg;

	if (!sweep->intern->is_unused(entry->value))
		return true;
	sweep->unused = mem_resize(
	    sweep->unused, sweep->count + 1, sizeof(*sweep->unused));
	sweep->unused[sweep->count++] = *entry;
	return true;
}

static void
intern_sweep(struct intern *intern)
{
	struct sweep sweep = { .intern = intern };

	(void)trie_walk(&intern->entries, "", 0, sweep_visit, &sweep);
	for (size_t i = 0; i < sweep.count; i++) {
		/* The entry's key goes with the entry: remove by a copy. */
		void *key = mem_copy(sweep.unused[i].key, sweep.unused[i].len);

		(void)trie_remove(&intern->entries, key, sweep.unused[i].len);
		free(key);
	}
	free(sweep.unused);
	intern->sweep_at = 2 * intern->entries.count;
	if (intern->sweep_at < SWEEP_MIN)
		intern->sweep_at = SWEEP_MIN;
}

void
intern_add(struct intern *intern, const void *key, size_t len, void *value)
{
	assert(intern_get(intern, key, len) == NULL);
	if (intern->entries.count >= intern->sweep_at)
		intern_sweep(intern);
	trie_set(&intern->entries, key, len, value);
}
