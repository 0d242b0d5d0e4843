/* SPDX-License-Identifier: MIT */
#ifndef SCAN_DISK_H
#define SCAN_DISK_H

/*
 * What tells of changes on disk, in the loop: one inotify instance for all of
 * the process, and the table of mounts, of which inotify says nothing.
 */

#include <stdbool.h>

#include "files/watch.h"
#include "loop/loop.h"

struct disk {
	struct loop *loop;
	struct watch *watch;
	struct loop_io events;
	struct loop_io mounts;
};

/*
 * Begin.  Who only looks once (`observer`) is told nothing, and takes no
 * inotify instance.  What the system does not give is logged.
 */
void disk_init(struct disk *disk, struct loop *loop, bool observer);

/* Nobody may listen any more. */
void disk_fini(struct disk *disk);

#endif
