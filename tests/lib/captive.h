/* SPDX-License-Identifier: MIT */
#ifndef CAPTIVE_H
#define CAPTIVE_H

/*
 * A process that was taken over, played: a world for it, and what it tries.
 * True: it got through.
 */

#include <stdbool.h>

#include "report/reading.h"

/* The directory with state/, store/, other/ and beside.pem. */
extern char captive_top[64];

/* Make it, and remove it: for cmocka. */
int captive_begin(void **state);
int captive_end(void **state);

/* Skip the test on a kernel that lacks a lock. */
void captive_need(void);

/* Return such a path; the fourth call after this one takes its room. */
const char *captive_at(const char *path);

void captive_put(const char *path, const char *text);

/* What is read of it, and closed in it. */
struct reading *captive_reading(void);

/* Run `play` in a process of its own, on a kernel with these locks only. */
bool captive_played(bool (*play)(unsigned locks), unsigned locks);

/* Return `is_good`; say what is not. */
bool captive_check(bool is_good, const char *what);

bool captive_opens(const char *path, int flags);
bool captive_reads(const char *path);
bool captive_reads_all(void);
bool captive_speaks(void);
bool captive_makes_socket(void);
bool captive_runs(void);
bool captive_forks(void);
bool captive_reads_parent(void);
bool captive_signals_parent(void);
bool captive_gives_to_parent(void); /* what the kernel would signal */
bool captive_opens_record_by_link(void);
bool captive_opens_record_by_descriptor(void);

#endif
