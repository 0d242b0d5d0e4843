/* SPDX-License-Identifier: MIT */
#include "forget.h"

#include "bind.h"
#include "discover.h"

enum { LOOK_AGAIN = 3600 }; /* seconds until a needed one is looked at */

struct forget {
	struct store *store;
	int64_t now;
	struct lineage *found; /* the first whose time is over */
	int64_t next;          /* the earliest time of the others, or 0 */
};

static void
forget_note(struct forget *forget, int64_t end)
{
	if (forget->next == 0 || end < forget->next)
		forget->next = end;
}

/* Return when the first of the older generations ends, or 0. */
static int64_t
generations_end(const struct lineage *lineage, int64_t retain)
{
	int64_t end = 0;

	for (size_t i = 1; i < lineage->generation_count; i++) {
		const struct generation *generation = &lineage->generations[i];

		if (!lineage_is_open(lineage, generation) &&
		    (end == 0 || generation->replaced + retain < end))
			end = generation->replaced + retain;
	}
	return end;
}

static void
stuck_visit(const struct index_list *list, void *arg)
{
	bool *is_stuck = arg;

	for (size_t i = 0; i < list->count; i++) {
		const struct service *service = list->items[i];

		*is_stuck |= service->is_stuck;
	}
}

/*
 * What some service publishes may be of this lineage alone, kept because
 * another one cannot be read.  When that is gone as well, nobody else knows
 * that it has ended.
 */
static bool
is_needed(const struct store *store, const struct lineage *lineage)
{
	bool is_stuck = false;

	store_walk_services(store, lineage, stuck_visit, &is_stuck);
	return is_stuck;
}

static bool
forget_visit(const struct trie_entry *entry, void *arg)
{
	struct forget *forget = arg;
	struct store *store = forget->store;
	struct lineage *lineage = entry->value;
	int64_t retain = store->services.retain_max;
	int64_t end = generations_end(lineage, retain);

	if (lineage->deleted != 0) {
		if (lineage->deleted + retain > forget->now) {
			forget_note(forget, lineage->deleted + retain);
		} else if (is_needed(store, lineage)) {
			forget_note(forget, forget->now + LOOK_AGAIN);
		} else {
			forget->found = lineage;
			return false;
		}
	}
	if (end != 0 && end <= forget->now) {
		store_mark_lineage(store, lineage);
		lineages_leave(&store->lineages, lineage);
		(void)lineage_prune(lineage, (uint32_t)retain, forget->now);
		store_enter_lineage(store, lineage);
		lineages_note(&store->lineages, lineage);
		end = generations_end(lineage, retain);
	}
	if (end != 0)
		forget_note(forget, end);
	return true;
}

void
store_forget(struct store *store, int64_t now)
{
	struct forget forget;

	do {
		forget = (struct forget){ .store = store, .now = now };
		(void)trie_walk(
		    &store->lineages.all, "", 0, forget_visit, &forget);
		if (forget.found != NULL)
			store_remove_lineage(store, forget.found);
	} while (forget.found != NULL);
	store->lineages.forget_at = forget.next;
}
