/* SPDX-License-Identifier: MIT */
#ifndef WALL_CONFINE_H
#define WALL_CONFINE_H

/*
 * Each half is locked in after its start, for good.  A lock that the kernel
 * does not have is missing, and the log says so: nothing else changes.
 * Threads: to be called before any other is begun.
 */

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "files/file.h"
#include "report/reading.h"

/* Locks; the bits of what holds. */
enum { LOCK_LANDLOCK = 1, LOCK_SECCOMP = 2, LOCKS_ALL = 3 };

/* Return a lock's name, as `status` says it. */
const char *confine_text(unsigned lock);

/*
 * For who locks others in: log what is missing, if `is_loud`, and return the
 * locks that hold.  `who`: as in "who reads".
 */
unsigned confine_note(const char *who, bool has_landlock, bool has_seccomp,
    const struct problem *problem, bool is_loud);

/*
 * Lock in who answers: it writes only below the directories that hold those of
 * its record and sockets, speaks to nobody over the network, and what is in its
 * memory gets into no core dump.  Returns the locks that hold.
 */
unsigned confine_answering(const struct config *config);

/* The rights of who reads, and what they were made for. */
struct confine {
	const struct reading *reading; /* borrowed */
	struct paths closed;           /* real paths of what is never read */
	uint64_t ground; /* what was there when the rights were made */
	int mounts;      /* tells of new ones; -1: nothing does */
	unsigned locks;  /* that hold */
};

/*
 * Lock in who reads: it may read all but what `reading` closes, make and
 * change nothing, and speak to nobody but over what is open.  `is_loud`: what
 * is missing goes to the log.  End with confine_fini().
 */
void confine_reading(
    struct confine *confine, const struct reading *reading, bool is_loud);

/*
 * The file `path` was refused though its mode is no reason.  Return true if
 * what holds it may have come after our rights were made: who begins anew may
 * read it.
 */
bool confine_is_outgrown(struct confine *confine, const char *path);

void confine_fini(struct confine *confine);

/*
 * Lock in who reads mail: it may read what is below `path` and what libraries
 * are made of, make and change nothing, and speak to nobody but over what is
 * open.  It gets MAIL_MEMORY octets at most; and where the system lets it, it
 * yields to all others, and is the first to be ended where memory is short.
 * Returns the locks that hold.
 */
enum { MAIL_MEMORY = 1024 * 1024 * 1024 };
unsigned confine_mail(const char *path, bool is_loud);

#endif
