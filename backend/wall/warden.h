/* SPDX-License-Identifier: MIT */
#ifndef WALL_WARDEN_H
#define WALL_WARDEN_H

/*
 * A process that is made before anything else, when there is no key, no record
 * and no connection yet, and does nothing but make processes that read files,
 * or mail.
 * So they inherit nothing, and who answers may be locked in and still get a new
 * one.  It ends, and they with it, when who answers does.  If it is ended by
 * somebody else, the program is executed anew for another one, which has
 * nothing of ours either.
 * Threads: one at a time; to be begun before any other is.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "wall/focus.h"

/* What such a process is for. */
enum ward { WARD_FILES, WARD_MAIL, WARDS };

/*
 * Be one; `fd` is its end of a socket pair, `focus` (borrowed) where who reads
 * files says which, and NULL for any other.
 */
typedef void ward_fn(int fd, enum ward ward, struct focus *focus);

struct warden {
	int fd;
	pid_t pid;
	struct focus *focus; /* of the one that reads files */
	int focus_fd;
};

/*
 * Make it; each process that it makes calls `run`.  End with warden_end().
 * False: it could not be made; the log says why.
 */
bool warden_begin(struct warden *warden, ward_fn *run);

/*
 * Have it make a process; returns our end of its socket pair, or -1.  If there
 * is no warden any more, another one is begun.
 */
int warden_make(struct warden *warden, enum ward ward);

/*
 * Be one that is begun anew, which the first words of the command line say;
 * returns if they say something else.
 */
void warden_become(int argc, char *const *argv, ward_fn *run);

/* End it and all that it made, and wait for that. */
void warden_end(struct warden *warden);

#endif
