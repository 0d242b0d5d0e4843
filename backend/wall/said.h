/* SPDX-License-Identifier: MIT */
#ifndef WALL_SAID_H
#define WALL_SAID_H

/*
 * What every process that reads says of itself, as it comes to who answers.
 * Pure but for the log.  Threads: one at a time.
 */

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Take MESSAGE_HELLO: which process it is, and the locks that hold it (see
 * wall/confine.h).  False: it makes no sense.
 */
bool said_hello(const json_t *object, pid_t *ret_pid, unsigned *ret_locks);

/*
 * Take MESSAGE_NOTE, a line for the log, which is written unless `is_noise`.
 * False: it makes no sense.
 */
bool said_note(json_t *object, bool is_noise);

#endif
