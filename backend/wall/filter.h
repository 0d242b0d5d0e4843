/* SPDX-License-Identifier: MIT */
#ifndef WALL_FILTER_H
#define WALL_FILTER_H

/*
 * Which system calls a process may make from now on, and what it makes later
 * (seccomp(2)).  What it may not do fails; nobody is ended for it, for a C
 * library that is newer than we are may try something new.
 * Threads: only the one that calls.
 */

#include <stdbool.h>

#include "base/status.h"

/* False, with `problem`: this kernel has no such filters. */

/* Who reads files may do what that takes, and nothing else. */
bool filter_reading(struct problem *problem);

/* Who answers may do all but what it never does. */
bool filter_answering(struct problem *problem);

/*
 * Who receives from other hosts may ask name servers and daemons, and write
 * files: it begins no process, waits for no connection, signals nobody, and
 * changes by its path nothing that landlock does not judge.
 */
bool filter_receiving(struct problem *problem);

#endif
