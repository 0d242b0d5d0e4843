/* SPDX-License-Identifier: MIT */
#include "alarm/alarms.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"

static void
alarm_free(void *value)
{
	struct alarm *alarm = value;

	free(alarm->facts);
	free(alarm);
}

void
alarms_init(struct alarms *alarms)
{
	*alarms = (struct alarms){ .look = 0 };
	trie_init(&alarms->list, alarm_free);
	trie_init(&alarms->gone, NULL);
}

void
alarms_fini(struct alarms *alarms)
{
	trie_fini(&alarms->list);
	trie_fini(&alarms->gone);
}

/* ---- the list ---- */

static struct alarm *
find(const struct alarms *alarms, const char *name)
{
	return trie_get(&alarms->list, name, strlen(name));
}

static void
add(struct alarms *alarms, const char *name, const struct alarm *alarm)
{
	struct alarm *copy = mem_copy(alarm, sizeof(*alarm));

	copy->facts = mem_string(alarm->facts);
	trie_set(&alarms->list, name, strlen(name), copy);
	(void)trie_remove(&alarms->gone, name, strlen(name));
}

/* Each alarm with the moment and the question of a walk. */
struct walk {
	struct alarms *alarms;
	int64_t now;
	int64_t after;
	alarms_word_fn *visit;
	void *arg;
	size_t count;
	bool is_told;
};

static bool
is_forgotten(const struct alarm *alarm)
{
	return !alarm->is_told && alarm->ended != 0 &&
	       alarm->word == ALARM_NOTHING;
}

static bool
forgotten_visit(const struct trie_entry *entry, void *arg)
{
	struct walk *walk = arg;

	if (is_forgotten(entry->value))
		trie_set(
		    &walk->alarms->gone, entry->key, entry->len, walk->alarms);
	return true;
}

static bool
gone_visit(const struct trie_entry *entry, void *arg)
{
	struct walk *walk = arg;

	(void)trie_remove(&walk->alarms->list, entry->key, entry->len);
	return true;
}

/* What was told to nobody, and is gone, never was. */
static void
forget(struct alarms *alarms)
{
	struct walk walk = { .alarms = alarms };

	(void)trie_walk(&alarms->list, "", 0, forgotten_visit, &walk);
	(void)trie_walk(&alarms->gone, "", 0, gone_visit, &walk);
}

void
alarms_remember(
    struct alarms *alarms, const char *name, const struct alarm *alarm)
{
	struct alarm *known = find(alarms, name);

	if (known == NULL && !is_forgotten(alarm) &&
	    alarms->list.count < LIMIT_ALARMS)
		add(alarms, name, alarm);
	if (known == NULL)
		return;
	known->is_changed |= (alarm->is_told && !known->is_told) ||
			     alarm->since < known->since;
	known->is_told |= alarm->is_told;
	known->is_fresh = false;
	if (alarm->since < known->since)
		known->since = alarm->since;
}

static bool
shift_visit(const struct trie_entry *entry, void *arg)
{
	const int64_t *step = arg;
	struct alarm *alarm = entry->value;

	alarm->since += *step;
	if (alarm->ended != 0)
		alarm->ended += *step;
	alarm->is_changed = true;
	return true;
}

void
alarms_shift(struct alarms *alarms, int64_t step)
{
	alarms->looked += step;
	(void)trie_walk(&alarms->list, "", 0, shift_visit, &step);
}

/* ---- looks ---- */

void
alarms_look(struct alarms *alarms, int64_t now)
{
	alarms->look++;
	alarms->looked = now;
	alarms->more = 0;
}

void
alarms_see(struct alarms *alarms, const char *name, const char *facts)
{
	struct alarm *known = find(alarms, name);

	if (known == NULL && alarms->list.count >= LIMIT_ALARMS) {
		alarms->more++;
		return;
	}
	if (known == NULL) {
		const struct alarm fresh = { .facts = mem_string(facts),
			.since = alarms->looked,
			.look = alarms->look,
			.is_fresh = true,
			.is_changed = true };

		add(alarms, name, &fresh);
		free(fresh.facts);
		return;
	}
	if (known->look == alarms->look)
		return;
	known->look = alarms->look;
	if (known->is_fresh)
		known->since = alarms->looked;
	known->is_changed |= known->ended != 0 || known->is_fresh;
	known->ended = 0;
	if (strcmp(known->facts, facts) == 0)
		return;
	free(known->facts);
	known->facts = mem_string(facts);
	known->is_changed = true;
}

static bool
looked_visit(const struct trie_entry *entry, void *arg)
{
	const struct walk *walk = arg;
	struct alarm *alarm = entry->value;

	alarm->is_fresh = false;
	if (alarm->look == walk->alarms->look || alarm->ended != 0)
		return true;
	alarm->ended = walk->now;
	alarm->is_changed = true;
	return true;
}

void
alarms_looked(struct alarms *alarms, int64_t now)
{
	struct walk walk = { .alarms = alarms, .now = now };

	(void)trie_walk(&alarms->list, "", 0, looked_visit, &walk);
	forget(alarms);
}

/* ---- telling ---- */

/* A time of the future is one that nothing is known of. */
static bool
is_over(int64_t *begin, const struct walk *walk)
{
	if (*begin > walk->now)
		*begin = walk->now;
	return walk->now - *begin >= walk->after;
}

static bool
tell_visit(const struct trie_entry *entry, void *arg)
{
	struct walk *walk = arg;
	struct alarm *alarm = entry->value;

	if (!alarm->is_told && is_over(&alarm->since, walk))
		alarm->word = ALARM_BEGIN;
	else if (alarm->is_told && alarm->ended != 0 &&
		 is_over(&alarm->ended, walk))
		alarm->word = ALARM_END;
	if (alarm->word == ALARM_NOTHING)
		return true;
	walk->count++;
	walk->visit(alarm, walk->arg);
	return true;
}

size_t
alarms_tell(struct alarms *alarms, int64_t now, int64_t after,
    alarms_word_fn *visit, void *arg)
{
	struct walk walk = {
		.now = now, .after = after, .visit = visit, .arg = arg
	};

	(void)trie_walk(&alarms->list, "", 0, tell_visit, &walk);
	return walk.count;
}

static bool
told_visit(const struct trie_entry *entry, void *arg)
{
	const struct walk *walk = arg;
	struct alarm *alarm = entry->value;

	if (alarm->word != ALARM_NOTHING && walk->is_told) {
		alarm->is_told = alarm->word == ALARM_BEGIN;
		alarm->is_changed = true;
		/* It came back while its end was told: it begins anew. */
		if (alarm->word == ALARM_END && alarm->ended == 0)
			alarm->since = walk->now;
	}
	alarm->word = ALARM_NOTHING;
	return true;
}

void
alarms_told(struct alarms *alarms, bool is_told, int64_t now)
{
	struct walk walk = { .now = now, .is_told = is_told };

	(void)trie_walk(&alarms->list, "", 0, told_visit, &walk);
	forget(alarms);
}

static bool
standing_visit(const struct trie_entry *entry, void *arg)
{
	const struct alarm *alarm = entry->value;
	size_t *count = arg;

	*count += alarm->is_told && alarm->ended == 0;
	return true;
}

size_t
alarms_standing(const struct alarms *alarms)
{
	size_t count = 0;

	(void)trie_walk(&alarms->list, "", 0, standing_visit, &count);
	return count;
}

/* ---- the record ---- */

static bool
note_visit(const struct trie_entry *entry, void *arg)
{
	struct alarm *alarm = entry->value;

	(void)arg;
	alarm->is_changed = true;
	return true;
}

void
alarms_note_all(struct alarms *alarms)
{
	(void)trie_walk(&alarms->list, "", 0, note_visit, NULL);
}

/* A walk to the record. */
struct change {
	alarms_change_fn *visit;
	void *arg;
};

static void
change_tell(const struct change *change, const struct trie_entry *entry,
    const struct alarm *alarm)
{
	char *name = mem_copy(entry->key, entry->len);

	change->visit(name, alarm, change->arg);
	free(name);
}

static bool
off_visit(const struct trie_entry *entry, void *arg)
{
	change_tell(arg, entry, NULL);
	return true;
}

static bool
changed_visit(const struct trie_entry *entry, void *arg)
{
	struct alarm *alarm = entry->value;

	if (alarm->is_changed)
		change_tell(arg, entry, alarm);
	alarm->is_changed = false;
	return true;
}

void
alarms_walk_changed(struct alarms *alarms, alarms_change_fn *visit, void *arg)
{
	struct change change = { visit, arg };

	if (alarms->look == 0)
		return;
	(void)trie_walk(&alarms->gone, "", 0, off_visit, &change);
	trie_fini(&alarms->gone);
	trie_init(&alarms->gone, NULL);
	(void)trie_walk(&alarms->list, "", 0, changed_visit, &change);
}

static bool
unchanged_visit(const struct trie_entry *entry, void *arg)
{
	const struct alarm *alarm = entry->value;

	(void)arg;
	return !alarm->is_changed;
}

bool
alarms_has_changed(const struct alarms *alarms)
{
	return alarms->look > 0 &&
	       (alarms->gone.count > 0 ||
		   !trie_walk(&alarms->list, "", 0, unchanged_visit, NULL));
}
