/* SPDX-License-Identifier: MIT */
#ifndef PLAYED_H
#define PLAYED_H

/*
 * A process that the warden makes (wall/warden.h), as a test has it: it takes
 * messages of who answers, and says what the test wants.
 */

#include <stddef.h>

#include "loop/loop.h"
#include "wall/channel.h"

struct played {
	struct loop loop;
	struct channel channel;
};

/*
 * In that process: have `take` called with each message and the struct played,
 * until who answers has closed his end, `fd` being the other one.
 */
void played_run(
    int fd, bool (*take)(enum message message, json_t *object, void *played));

/* Zeroed memory that all processes share; end it with munmap(2). */
void *played_shared(size_t size);

#endif
