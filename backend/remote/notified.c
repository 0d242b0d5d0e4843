/* SPDX-License-Identifier: MIT */
#include "remote/notified.h"

#include <stdlib.h>

#include "base/mem.h"

void
notified_init(struct notified *notified)
{
	trie_init(&notified->serials, free);
	notified->is_changed = false;
}

void
notified_fini(struct notified *notified)
{
	trie_fini(&notified->serials);
}

void
notified_set(struct notified *notified, int32_t id, uint32_t serial)
{
	if (notified_get(notified, id) != serial)
		notified->is_changed = true;
	trie_set(&notified->serials, &id, sizeof(id),
	    mem_copy(&serial, sizeof(serial)));
}

uint32_t
notified_get(const struct notified *notified, int32_t id)
{
	const uint32_t *serial = trie_get(&notified->serials, &id, sizeof(id));

	return serial != NULL ? *serial : 0;
}
