/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_RELOAD_H
#define DEPLOY_RELOAD_H

/*
 * The command that makes a server read what was deployed.
 * Threads: one at a time, for signals are those of the process.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/*
 * Milliseconds for a command.  Longer than any server takes; one that hangs
 * would keep each later renewal from being deployed.
 */
enum { RELOAD_MAX_MS = 600000 };

/*
 * Have the shell run `command`, as system(3) does, and wait for its end, but no
 * longer than `max` milliseconds: then it is ended.  What it started besides
 * goes on.
 *
 * Returns true if it ended with 0; else false with `problem`.
 */
bool reload_run(const char *command, int64_t max, struct problem *problem);

#endif
