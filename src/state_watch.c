/* SPDX-License-Identifier: MIT */
#include "state_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "mem.h"

static enum status
problem_inotify(struct problem *problem, const char *path)
{
	const char *remedy = "";

	if (errno == EMFILE)
		remedy = "; raise fs.inotify.max_user_instances";
	else if (errno == ENOSPC)
		remedy = "; raise fs.inotify.max_user_watches";
	problem_set(problem, "%s: cannot be watched: %s%s", path,
	    strerror(errno), remedy);
	return STATUS_IO;
}

enum status
state_watch_open(const struct state_directory *directory,
    struct state_watch *ret_watch, struct problem *problem)
{
	struct state_watch watch = { .journal = -1 };
	enum status status;

	watch.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch.fd >= 0 && inotify_add_watch(watch.fd, directory->path,
				 IN_MOVED_TO | IN_ONLYDIR) >= 0) {
		*ret_watch = watch;
		return STATUS_OK;
	}
	status = problem_inotify(problem, directory->path);
	state_watch_fini(&watch);
	return status;
}

void
state_watch_fini(struct state_watch *watch)
{
	if (watch->fd >= 0)
		(void)close(watch->fd);
	*watch = (struct state_watch){ .fd = -1, .journal = -1 };
}

enum status
state_watch_journal(const struct state_directory *directory,
    struct state_watch *watch, struct problem *problem)
{
	char *path = mem_format("%s/" STATE_JOURNAL, directory->path);
	/*
	 * The file, not the directory: a journal that is being written aside
	 * is of no interest before it is renamed.
	 */
	int journal = inotify_add_watch(watch->fd, path, IN_MODIFY);
	enum status status = STATUS_OK;

	if (journal < 0) {
		status = problem_inotify(problem, path);
	} else {
		if (watch->journal >= 0 && watch->journal != journal)
			(void)inotify_rm_watch(watch->fd, watch->journal);
		watch->journal = journal;
	}
	free(path);
	return status;
}

void
state_watch_drain(const struct state_watch *watch)
{
	char events[4096];
	ssize_t got;

	do
		got = read(watch->fd, events, sizeof(events));
	while (got > 0 || (got < 0 && errno == EINTR));
}
