/* SPDX-License-Identifier: MIT */
#ifndef WALL_LANDLOCK_H
#define WALL_LANDLOCK_H

/*
 * landlock(7) by its three system calls: what a process gives up, but where it
 * says.  Of what the running kernel does not know nothing is given up.
 * Threads: only the one that calls is kept in, and what it makes later.
 */

#include <linux/landlock.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* Linux 6.1, which Debian 12 has, knows the first two generations. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

/* What changes the disk, or a device.  ..._IN: what of it a directory needs. */
#define LANDLOCK_WRITES_IN                                                     \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |         \
	    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |   \
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |        \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REFER)
#define LANDLOCK_WRITES                                                        \
	(LANDLOCK_WRITES_IN | LANDLOCK_ACCESS_FS_MAKE_CHAR |                   \
	    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |     \
	    LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_IOCTL_DEV)

struct landlock {
	int fd;
	uint64_t handled; /* rights that are given up */
};

/*
 * Begin to give up `rights` to files, all TCP, and signals to who is not kept
 * in likewise; without `has_abstract`, abstract sockets of such, too.  End with
 * landlock_hold().  False, with `problem`: this kernel has none.
 */
bool landlock_begin(struct landlock *rules, uint64_t rights, bool has_abstract,
    struct problem *problem);

/* The same of files alone, for who has given the rest up already. */
bool landlock_begin_more(struct landlock *rules, uint64_t rights);

/* Keep these rights (but those that are not given up) below what `fd` is. */
void landlock_allow(const struct landlock *rules, int fd, uint64_t rights);

/* Keep connecting to this TCP port, wherever it is. */
void landlock_allow_port(const struct landlock *rules, uint16_t port);

/* From now on; prctl(2) PR_SET_NO_NEW_PRIVS comes first. */
bool landlock_hold(struct landlock *rules, struct problem *problem);

#endif
