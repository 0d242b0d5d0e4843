/* SPDX-License-Identifier: MIT */
#ifndef TELL_NOTICES_H
#define TELL_NOTICES_H

/*
 * What the program of `alarm` is told, kept until it has taken it, and then
 * put into the log: an event a finding (JOURNAL in pdns-tlsa(8)).
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "alarm/alarms.h"

/* More at a time are a storm, of which nothing is kept. */
enum { NOTICES_MAX = 16 };

/* Begins zeroed; ends with notices_drop(). */
struct notices {
	struct alarm list[NOTICES_MAX]; /* each with its own `facts` */
	size_t count;                   /* of all; may be more */
};

/* Add one that is told: an alarms_word_fn, for a struct notices. */
void notices_add(const struct alarm *alarm, void *arg);

/* They were told: write a line for each, unless it is a storm, and drop all. */
void notices_log(struct notices *notices);

/* Forget all. */
void notices_drop(struct notices *notices);

#endif
