/* SPDX-License-Identifier: MIT */
#include "deploy/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "deploy/trusted.h"
#include "files/file.h"
#include "loop/loop.h"

enum { LOCK_PAUSE_MS = 100 };

bool
deploy_place_leads_to(const struct deploy_place *place, const char *name)
{
	struct stat there;
	struct stat it;

	return fstatat(place->fd, place->name, &there, 0) == 0 &&
	       fstatat(place->fd, name, &it, AT_SYMLINK_NOFOLLOW) == 0 &&
	       there.st_dev == it.st_dev && there.st_ino == it.st_ino;
}

/* A name beside the link that nobody else uses; free() it. */
static char *
beside(const struct deploy_place *place, const char *what)
{
	return mem_format(".%s.%s", place->name, what);
}

static char *
aside_name(const struct deploy_place *place)
{
	return mem_format("%s.before-deploy", place->name);
}

static bool
is_directory(const struct deploy_place *place, const char *name)
{
	struct stat st;

	return fstatat(place->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* Let the link lead to `target` in one step; a directory changes places. */
static bool
link_put(const struct deploy_place *place, const char *new, const char *target,
    const char *aside)
{
	int fd = place->fd;

	(void)unlinkat(fd, new, 0);
	if (symlinkat(target, fd, new) != 0)
		return false;
	if (!is_directory(place, place->name))
		return renameat(fd, new, fd, place->name) == 0;
	return renameat2(fd, new, fd, place->name, RENAME_EXCHANGE) == 0 &&
	       renameat(fd, new, fd, aside) == 0;
}

enum status
deploy_place_put(const struct deploy_place *place, const char *target,
    struct problem *problem)
{
	char *new = beside(place, "new");
	char *aside = aside_name(place);
	enum status status = STATUS_OK;

	if (!link_put(place, new, target, aside)) {
		status = problem_errno(problem, place->to);
		(void)unlinkat(place->fd, new, 0);
	}
	(void)fsync(place->fd);
	free(aside);
	free(new);
	return status;
}

static enum status
directory_refuse(
    const struct deploy_place *place, bool adopts, struct problem *problem)
{
	char *aside = aside_name(place);
	struct stat st;
	enum status status = STATUS_OK;

	if (!adopts) {
		problem_set(problem,
		    "%s: is a directory and no symbolic link; with --adopt it "
		    "is moved aside, to %s, and a link to what is deployed "
		    "takes its place",
		    place->to, aside);
		status = STATUS_REFUSED;
	} else if (fstatat(place->fd, aside, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		problem_set(problem,
		    "%s: has been moved aside before, and %s is there still; "
		    "remove one of them",
		    place->to, aside);
		status = STATUS_REFUSED;
	}
	free(aside);
	return status;
}

enum status
deploy_place_read(const struct deploy_place *place, bool adopts,
    char **ret_target, struct problem *problem)
{
	char target[4096];
	ssize_t len = readlinkat(
	    place->fd, place->name, target, sizeof(target) - 1);
	enum status status = STATUS_OK;

	*ret_target = NULL;
	if (len >= 0) {
		*ret_target = mem_copy(target, (size_t)len);
	} else if (errno == EINVAL && is_directory(place, place->name)) {
		status = directory_refuse(place, adopts, problem);
		if (status == STATUS_OK)
			*ret_target = aside_name(place);
	} else if (errno == EINVAL) {
		problem_set(problem,
		    "%s: is there and no symbolic link; move it away, for its "
		    "place is taken by a link to what is deployed",
		    place->to);
		status = STATUS_REFUSED;
	} else if (errno != ENOENT) {
		status = problem_errno(problem, place->to);
	}
	return status;
}

/* Is it what has the name still?  Who removes it makes way for another one. */
static bool
is_at(int directory, const char *name, int fd)
{
	struct stat there;
	struct stat it;

	return fstatat(directory, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(fd, &it) == 0 && there.st_dev == it.st_dev &&
	       there.st_ino == it.st_ino;
}

/* Try once: STATUS_BUSY if somebody has it. */
static enum status
lock_try(struct deploy_place *place, const char *name, struct problem *problem)
{
	int fd = openat(place->fd, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	enum status status = STATUS_OK;

	if (fd < 0)
		return problem_errno(problem, place->to);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		status = errno == EWOULDBLOCK || errno == EINTR
			     ? STATUS_BUSY
			     : problem_errno(problem, place->to);
	else if (!is_at(place->fd, name, fd))
		status = STATUS_BUSY;
	if (status == STATUS_OK)
		place->lock_fd = fd;
	else
		(void)close(fd);
	return status;
}

/* Nobody else can open it, or even see that it is taken. */
static enum status
lock_take(struct deploy_place *place, int64_t end, struct problem *problem)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000L };
	char *name = beside(place, "lock");
	enum status status;

	while ((status = lock_try(place, name, problem)) == STATUS_BUSY &&
	       loop_now() < end)
		(void)nanosleep(&pause, NULL);
	if (status == STATUS_BUSY)
		problem_set(problem,
		    "%s: another deploy is at work there, or its reload; "
		    "nothing was changed, try again",
		    place->to);
	free(name);
	return status;
}

/* It was killed between the exchange and the last step. */
static void
adoption_finish(const struct deploy_place *place)
{
	char *new = beside(place, "new");
	char *aside = aside_name(place);

	if (is_directory(place, new))
		(void)renameat2(
		    place->fd, new, place->fd, aside, RENAME_NOREPLACE);
	free(aside);
	free(new);
}

void
deploy_place_close(struct deploy_place *place)
{
	if (place->lock_fd >= 0)
		(void)close(place->lock_fd);
	if (place->fd >= 0)
		(void)close(place->fd);
	free(place->name);
}

enum status
deploy_place_open(const char *to, int64_t end, struct deploy_place *ret_place,
    struct problem *problem)
{
	struct deploy_place place = { .to = to,
		.name = mem_string(strrchr(to, '/') + 1),
		.fd = -1,
		.lock_fd = -1 };
	char *parent = path_directory(to);
	enum status status = STATUS_REFUSED;

	if (place.name[0] == '\0' || strcmp(place.name, ".") == 0 ||
	    strcmp(place.name, "..") == 0)
		problem_set(
		    problem, "%s: must end with the name of the link", to);
	else
		status = trusted_open(parent, &place.fd, problem);
	if (status == STATUS_OK)
		status = lock_take(&place, end, problem);
	if (status == STATUS_OK) {
		adoption_finish(&place);
		*ret_place = place;
	} else {
		deploy_place_close(&place);
	}
	free(parent);
	return status;
}
