/* SPDX-License-Identifier: MIT */
#include "sets/timer.h"

enum { KEY_LEN = 16 };

void
timers_init(struct timers *timers)
{
	trie_init(&timers->rows, NULL);
	timers->next_number = 0;
}

void
timers_fini(struct timers *timers)
{
	trie_fini(&timers->rows);
}

static void
timer_key(const struct timer *timer, uint8_t key[KEY_LEN])
{
	for (int i = 0; i < 8; i++) {
		key[i] = (uint8_t)((uint64_t)timer->when >> (56 - 8 * i));
		key[8 + i] = (uint8_t)(timer->number >> (56 - 8 * i));
	}
}

void
timers_clear(struct timers *timers, struct timer *timer)
{
	uint8_t key[KEY_LEN];

	if (!timer->is_set)
		return;
	timer_key(timer, key);
	(void)trie_remove(&timers->rows, key, sizeof(key));
	timer->is_set = false;
}

void
timers_set(struct timers *timers, struct timer *timer, int64_t when, void *item)
{
	uint8_t key[KEY_LEN];

	timers_clear(timers, timer);
	timer->when = when;
	timer->number = timers->next_number++;
	timer->is_set = true;
	timer->item = item;
	timer_key(timer, key);
	trie_set(&timers->rows, key, sizeof(key), timer);
}

struct timer *
timers_first(const struct timers *timers)
{
	struct trie_entry entry;

	return trie_first(&timers->rows, &entry) ? entry.value : NULL;
}
