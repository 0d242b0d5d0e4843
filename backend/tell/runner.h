/* SPDX-License-Identifier: MIT */
#ifndef TELL_RUNNER_H
#define TELL_RUNNER_H

/*
 * A process that runs one program, and nothing else, whenever it is sent a
 * text for its standard input.  It is made before who answers is locked in,
 * which may execute nothing then, and knows from its beginning which program:
 * so whoever got hold of who answers can have it run no other one.  It ends
 * when who answers does, and ends a run that is under way then.
 * Threads: one at a time; to be begun before any other is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "loop/loop.h"

/* How a run ended. */
enum run_end {
	RUN_EXITED,   /* by itself; `value` is its exit status */
	RUN_KILLED,   /* by a signal, `value` */
	RUN_REFUSED,  /* it could not be begun; `value` is an errno */
	RUN_OVERTIME, /* it took too long, and was killed, with its group */
	RUN_GONE,     /* who runs it was ended, and runs nothing any more */
};

struct run_result {
	int32_t end; /* enum run_end */
	int32_t value;
};

typedef void run_done_fn(void *arg, const struct run_result *result);

struct runner {
	struct loop *loop; /* NULL: not in one yet */
	struct loop_io io; /* -1: gone */
	pid_t pid;
	struct buf out; /* what was not taken yet */
	bool is_running;
	run_done_fn *done;
	void *arg;
};

/*
 * Make the process for a program, by its absolute path, and its arguments,
 * which are copied.  End with runner_end(), which waits for it.  False: the log
 * says why.
 */
bool runner_begin(struct runner *runner, char *const *command, size_t count);
void runner_end(struct runner *runner);

/* From now on `done` is called at the end of each run. */
void runner_join(
    struct runner *runner, struct loop *loop, run_done_fn *done, void *arg);

/*
 * Run it with `text` as its standard input, for `timeout` seconds at most, when
 * no other run is under way.
 */
void runner_run(
    struct runner *runner, const struct buf *text, uint32_t timeout);

/* Return true if it can be run now. */
bool runner_is_free(const struct runner *runner);

#endif
