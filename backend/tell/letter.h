/* SPDX-License-Identifier: MIT */
#ifndef TELL_LETTER_H
#define TELL_LETTER_H

/*
 * What the program of `alarm` reads: one JSON object, a finding a line (ALARMS
 * in pdns-tlsa(8)).  Pure.
 */

#include <stddef.h>
#include <stdint.h>

#include "alarm/alarms.h"
#include "base/buf.h"
#include "cli/finding.h"

enum { LETTER_SCHEMA = 1 };

struct letter {
	struct buf begun;
	struct buf ended;
	size_t begun_count;
	size_t ended_count;
	char *first;      /* facts of what the summary speaks of; owned */
	bool is_critical; /* that one is */
};

/*
 * Return what is said of a finding, as alarms_see() wants it: a JSON object in
 * one line, without its last "}"; free() it.
 */
char *letter_facts(const struct finding *finding);

/* Return its name there: its kind and subject; free() it. */
char *letter_name(const struct finding *finding);

/* Add one that is told: an alarms_word_fn, for a zeroed struct letter. */
void letter_add(const struct alarm *alarm, void *arg);

/* What is said beside the findings. */
struct letter_frame {
	const char *host; /* whose daemon we are */
	int64_t now;      /* seconds since 1970 */
	size_t standing;  /* findings that were told before, and stand */
	size_t more;      /* that are not followed */
};

/* Append all of it to `text`, and free what it was made of. */
void letter_end(
    struct letter *letter, const struct letter_frame *frame, struct buf *text);

#endif
