/* SPDX-License-Identifier: MIT */
#ifndef VIA_SSH_H
#define VIA_SSH_H

/*
 * The user's own ssh(1) and all that it is configured with: its standard input
 * and output are the conversation, what it has to say goes where we say it.
 * No shell of ours is between.  SIGPIPE must be ignored.
 * Threads: one at a time.
 */

#include <sys/types.h>

#include "base/status.h"

struct ssh {
	pid_t pid;
	int in;  /* to its standard input */
	int out; /* from its standard output */
};

/*
 * Read `ssh:HOST`, where HOST is what ssh takes (USER@HOST, a Host of its
 * configuration), or ssh://USER@HOST:PORT.  *ret_destination is new; free() it.
 * Returns STATUS_OK, or STATUS_MALFORMED with `problem`: something else, or
 * what ssh could take for an option.
 */
enum status ssh_parse(
    const char *text, char **ret_destination, struct problem *problem);

/*
 * Start it.  Returns STATUS_OK: end it with ssh_end(); or STATUS_IO with
 * `problem`.
 */
enum status ssh_begin(
    const char *destination, struct ssh *ret_ssh, struct problem *problem);

/*
 * End it: by the end of its input, or, if it goes on for a second, by force.
 * Returns its exit status (255: ssh itself failed), or -1 if it was ended.
 */
int ssh_end(struct ssh *ssh);

#endif
