/* SPDX-License-Identifier: MIT */
#ifndef ALARM_ALARMS_H
#define ALARM_ALARMS_H

/*
 * Which findings have begun and ended, and what of that was told: from looks,
 * each of which sees what is found at that time, to what is to be told.  That
 * one begins is told when it has stood for so long, and that it ends when it
 * was told and has been gone for as long; what comes and goes meanwhile is
 * told to nobody.
 *
 * Times are seconds since 1970; one in the future is taken for now.  Pure.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sets/trie.h"

/* What is being told of one. */
enum alarm_word { ALARM_NOTHING, ALARM_BEGIN, ALARM_END };

struct alarm {
	char *facts;   /* what is said of it; owned */
	int64_t since; /* when it began */
	int64_t ended; /* when it was not found any more, or 0 */
	bool is_told;  /* that it began */
	enum alarm_word word;
	unsigned look;   /* the last one that saw it */
	bool is_fresh;   /* no look that saw it is over yet */
	bool is_changed; /* since it was on record */
};

struct alarms {
	struct trie list; /* name -> struct alarm */
	struct trie gone; /* names that are not on the list any more */
	unsigned look;
	int64_t looked; /* when that began */
	size_t more;    /* seen by this look, and not followed */
};

/* Begin without any; end with alarms_fini(). */
void alarms_init(struct alarms *alarms);
void alarms_fini(struct alarms *alarms);

/*
 * Add what is on record.  If the same is followed already, it was told if the
 * record says so, and has stood since the earlier time.
 */
void alarms_remember(
    struct alarms *alarms, const char *name, const struct alarm *alarm);

/* The clock was set: all times move by `step` seconds. */
void alarms_shift(struct alarms *alarms, int64_t step);

/*
 * A look begins; sees that a finding stands, of which `facts` are said; and is
 * over, so that what it did not see is gone.  However long it takes, all that
 * it is the first to see began with it, so that it is told together.  One that
 * is not over, for it saw but a part, is left, and another one begun, with
 * which all began that it was the first to see.  What a look sees more than
 * once stands as it was seen first.  Of more than LIMIT_ALARMS at a time, those
 * that come later are not followed until there is room.
 */
void alarms_look(struct alarms *alarms, int64_t now);
void alarms_see(struct alarms *alarms, const char *name, const char *facts);
void alarms_looked(struct alarms *alarms, int64_t now);

/* Told of each that is to be told now, by its name in order. */
typedef void alarms_word_fn(const struct alarm *alarm, void *arg);

/*
 * Visit what is to be told, and take it as being told until alarms_told().
 * Returns how many.  `after`: seconds that each has to stand, or to be gone.
 */
size_t alarms_tell(struct alarms *alarms, int64_t now, int64_t after,
    alarms_word_fn *visit, void *arg);

/* It was told, or could not be, and then is to be told again. */
void alarms_told(struct alarms *alarms, bool is_told, int64_t now);

/* Return how many stand that were told. */
size_t alarms_standing(const struct alarms *alarms);

/* All has to go on record again. */
void alarms_note_all(struct alarms *alarms);

/* Told of each that is to go on record; NULL: off it. */
typedef void alarms_change_fn(
    const char *name, const struct alarm *alarm, void *arg);

/*
 * Visit what changed since the last call; nothing before the first look: who
 * only hears what others put on record leaves it alone.
 */
void alarms_walk_changed(
    struct alarms *alarms, alarms_change_fn *visit, void *arg);

/* Return true if that would visit something. */
bool alarms_has_changed(const struct alarms *alarms);

#endif
