/* SPDX-License-Identifier: MIT */
#include "scan/disk.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "loop/log.h"

static void
events_ready(void *arg, uint32_t events)
{
	struct disk *disk = arg;

	(void)events;
	watch_read(disk->watch);
}

static void
mounts_ready(void *arg, uint32_t events)
{
	struct disk *disk = arg;

	(void)events;
	watch_tell_mounts(disk->watch);
}

static void
events_begin(struct disk *disk)
{
	struct problem problem = { "" };

	disk->watch = watch_new(&problem);
	disk->events.fd = watch_fd(disk->watch);
	if (disk->events.fd >= 0)
		(void)loop_add(disk->loop, &disk->events, EPOLLIN);
	else
		log_line(LOG_LEVEL_WARNING,
		    "%s; until then changes are found by looking again and "
		    "again",
		    problem.text);
}

/* The kernel marks it when the table changes (proc_pid_mountinfo(5)). */
static void
mounts_begin(struct disk *disk)
{
	disk->mounts.fd = open(
	    "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (disk->mounts.fd >= 0)
		(void)loop_add(disk->loop, &disk->mounts, EPOLLPRI);
}

void
disk_init(struct disk *disk, struct loop *loop, bool observer)
{
	*disk = (struct disk){
		.loop = loop,
		.events = { -1, events_ready, disk },
		.mounts = { -1, mounts_ready, disk },
	};
	if (observer) {
		disk->watch = watch_new_deaf();
		return;
	}
	events_begin(disk);
	mounts_begin(disk);
}

void
disk_fini(struct disk *disk)
{
	if (disk->events.fd >= 0)
		loop_remove(disk->loop, &disk->events);
	if (disk->mounts.fd >= 0) {
		loop_remove(disk->loop, &disk->mounts);
		(void)close(disk->mounts.fd);
	}
	watch_free(disk->watch);
}
