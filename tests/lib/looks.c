/* SPDX-License-Identifier: MIT */
#include "looks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
looks_note(const struct alarm *alarm, void *arg)
{
	buf_add_format(
	    arg, "%c%s ", alarm->word == ALARM_BEGIN ? '+' : '-', alarm->facts);
}

void
looks_once(struct alarms *alarms, const char *names, int64_t now, bool is_good,
    struct buf *said)
{
	char *copy = mem_string(names);
	char *rest = copy;

	alarms_look(alarms, now);
	for (char *name; (name = strsep(&rest, " ")) != NULL;)
		if (name[0] != '\0')
			alarms_see(alarms, name, name);
	alarms_looked(alarms, now);
	if (alarms_tell(alarms, now, LOOKS_AFTER, looks_note, said) > 0)
		alarms_told(alarms, is_good, now);
	free(copy);
}

void
looks_bits(struct alarms *alarms, unsigned stand, int64_t now)
{
	alarms_look(alarms, now);
	for (unsigned i = 0; i < LOOKS_NAMES; i++) {
		const char name[] = { (char)('0' + i), '\0' };

		if ((stand >> i & 1) != 0)
			alarms_see(alarms, name, name);
	}
	alarms_looked(alarms, now);
}

/* ---- the record ---- */

void
looks_put(const char *name, const struct alarm *alarm, void *arg)
{
	struct trie *kept = arg;
	struct alarm *copy;

	if (alarm == NULL) {
		(void)trie_remove(kept, name, strlen(name));
		return;
	}
	copy = mem_copy(alarm, sizeof(*alarm));
	copy->facts = mem_string(alarm->facts);
	copy->word = ALARM_NOTHING;
	copy->look = 0;
	copy->is_changed = false;
	trie_set(kept, name, strlen(name), copy);
}

void
looks_free(void *value)
{
	struct alarm *alarm = value;

	free(alarm->facts);
	free(alarm);
}

static bool
record_tell(const struct trie_entry *entry, void *arg)
{
	char *name = mem_copy(entry->key, entry->len);

	alarms_remember(arg, name, entry->value);
	free(name);
	return true;
}

void
looks_restart(struct alarms *alarms, const struct trie *kept)
{
	alarms_fini(alarms);
	alarms_init(alarms);
	(void)trie_walk(kept, "", 0, record_tell, alarms);
}
