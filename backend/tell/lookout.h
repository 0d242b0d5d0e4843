/* SPDX-License-Identifier: MIT */
#ifndef TELL_LOOKOUT_H
#define TELL_LOOKOUT_H

/*
 * Looks again and again at what is found of all services, and has the program
 * of `alarm` told of what begins and ends.  A look goes a little at a time, and
 * a run is another process's: nobody who asks waits for either.
 * Threads: one at a time.
 */

#include "control/control.h"
#include "loop/loop.h"
#include "runner.h"

struct lookout;

/*
 * Return true if there is a program that can be run, or none is wanted; else
 * `problem` says "FILE:LINE: what is wrong; remedy".  Asks the disk.
 */
bool lookout_check(const struct config *config, struct problem *problem);

/*
 * Begin; `control` and `runner`, which is of the configuration there was at the
 * start, must outlive it.  While another configuration has no `alarm`, nothing
 * is told.
 */
struct lookout *lookout_new(
    struct loop *loop, const struct control *control, struct runner *runner);

/* NULL is legal. */
void lookout_free(struct lookout *lookout);

#endif
