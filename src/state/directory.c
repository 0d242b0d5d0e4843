/* SPDX-License-Identifier: MIT */
#include "state/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file.h"

enum { WAIT_TRIES = 100, WAIT_NANOSECONDS = 10 * 1000 * 1000 };

static enum status
errno_report(struct problem *problem, const char *path, int error)
{
	if (error == EACCES || error == EPERM)
		problem_set(problem,
		    "%s: permission denied; let user %u read and write the "
		    "state directory and its files",
		    path, geteuid());
	else if (error == EROFS)
		problem_set(problem,
		    "%s: read-only file system; name a state directory that "
		    "can be written (ReadWritePaths= of a systemd service)",
		    path);
	else if (error == ENOSPC || error == EDQUOT || error == EFBIG)
		problem_set(
		    problem, "%s: %s; make room", path, strerror(error));
	else
		problem_set(problem, "%s: %s", path, strerror(error));
	return STATUS_IO;
}

enum status
state_directory_problem(const struct state_directory *directory,
    const char *name, int error, struct problem *problem)
{
	char *path = mem_format("%s/%s", directory->path, name);

	(void)errno_report(problem, path, error);
	free(path);
	return STATUS_IO;
}

void
state_directory_prefix(
    const struct state_directory *directory, struct problem *problem)
{
	problem_prefix(problem, "%s/" STATE_JOURNAL, directory->path);
}

int
state_directory_create(
    const struct state_directory *directory, const char *name, mode_t mode)
{
	struct stat owner;
	int fd = openat(directory->fd, name,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

	/* Where owners cannot be changed, they matter less. */
	if (fd >= 0 && geteuid() == 0 && fstat(directory->fd, &owner) == 0 &&
	    fchown(fd, owner.st_uid, owner.st_gid) != 0)
		errno = 0;
	return fd;
}

/* Returns 0 or an errno. */
static int
write_whole(int fd, const struct buf *text, bool is_synced)
{
	return file_write(fd, text->data, text->len) &&
		       (!is_synced || fsync(fd) == 0)
		   ? 0
		   : errno;
}

/* Returns 0 or an errno. */
static int
write_new(const struct state_directory *directory, const char *name,
    mode_t mode, const struct buf *text, bool is_synced)
{
	int error;
	int fd;

	/* One that is there was left by a process that was killed. */
	(void)unlinkat(directory->fd, name, 0);
	fd = state_directory_create(directory, name, mode);
	if (fd < 0)
		return errno;
	error = write_whole(fd, text, is_synced);
	if (close(fd) != 0 && error == 0)
		error = errno;
	return error;
}

enum status
state_directory_replace(const struct state_directory *directory,
    const char *name, mode_t mode, const struct buf *text, bool is_synced,
    struct problem *problem)
{
	char *new_name = mem_format("%s.new", name);
	int error = write_new(directory, new_name, mode, text, is_synced);

	if (error == 0 &&
	    renameat(directory->fd, new_name, directory->fd, name) != 0)
		error = errno;
	if (error != 0)
		(void)unlinkat(directory->fd, new_name, 0);
	free(new_name);
	if (error != 0)
		return state_directory_problem(directory, name, error, problem);
	/* Some file systems cannot; they have nothing to wait for. */
	if (is_synced && fsync(directory->fd) != 0 && errno != EINVAL)
		return state_directory_problem(directory, ".", errno, problem);
	return STATUS_OK;
}

static enum status
lock_open(struct state_directory *directory, struct problem *problem)
{
	int fd = state_directory_create(
	    directory, directory->lock, STATE_LOCK_MODE);

	if (fd < 0 && errno == EEXIST)
		fd = openat(directory->fd, directory->lock,
		    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return state_directory_problem(
		    directory, directory->lock, errno, problem);
	if (directory->lock_fd >= 0)
		(void)close(directory->lock_fd);
	directory->lock_fd = fd;
	/* One of an older version was open to the group. */
	(void)fchmod(fd, STATE_LOCK_MODE);
	return STATUS_OK;
}

enum status
state_directory_open(const char *path, const char *lock,
    struct state_directory *ret_directory, struct problem *problem)
{
	struct state_directory directory = {
		.fd = -1, .lock = lock, .lock_fd = -1
	};
	enum status status;

	if (mkdir(path, STATE_DIRECTORY_MODE) != 0 && errno != EEXIST)
		return errno_report(problem, path, errno);
	directory.path = realpath(path, NULL);
	if (directory.path == NULL)
		return errno_report(problem, path, errno);
	directory.fd = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* The journal is replaced by renaming, so the directory counts. */
	if (directory.fd < 0 ||
	    faccessat(directory.fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0)
		status = errno_report(problem, path, errno);
	else
		status = lock_open(&directory, problem);
	if (status == STATUS_OK)
		*ret_directory = directory;
	else
		state_directory_fini(&directory);
	return status;
}

enum status
state_directory_look(const char *path, struct state_directory *ret_directory,
    struct problem *problem)
{
	struct state_directory directory = { .fd = -1, .lock_fd = -1 };

	directory.path = realpath(path, NULL);
	if (directory.path != NULL)
		directory.fd = open(
		    directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*ret_directory = directory;
	return directory.fd >= 0 ? STATUS_OK
				 : errno_report(problem, path, errno);
}

void
state_directory_fini(struct state_directory *directory)
{
	if (directory->lock_fd >= 0)
		(void)close(directory->lock_fd);
	if (directory->fd >= 0)
		(void)close(directory->fd);
	free(directory->path);
	*directory = (struct state_directory){ .fd = -1, .lock_fd = -1 };
}

/* Return false if the lock was deleted: others lock another file then. */
static bool
lock_is_linked(const struct state_directory *directory)
{
	struct stat st;

	return fstat(directory->lock_fd, &st) == 0 && st.st_nlink > 0;
}

enum status
state_directory_lock(struct state_directory *directory, struct problem *problem)
{
	for (;;) {
		enum status status;

		if (flock(directory->lock_fd, LOCK_EX | LOCK_NB) != 0) {
			if (errno == EINTR)
				continue;
			if (errno == EWOULDBLOCK)
				return STATUS_BUSY;
			return state_directory_problem(
			    directory, directory->lock, errno, problem);
		}
		if (lock_is_linked(directory))
			return STATUS_OK;
		status = lock_open(directory, problem);
		if (status != STATUS_OK)
			return status;
	}
}

enum status
state_directory_wait(struct state_directory *directory, struct problem *problem)
{
	const struct timespec pause = { .tv_nsec = WAIT_NANOSECONDS };
	enum status status = STATUS_BUSY;

	for (int i = 0; i < WAIT_TRIES; i++) {
		status = state_directory_lock(directory, problem);
		if (status != STATUS_BUSY)
			return status;
		(void)nanosleep(&pause, NULL);
	}
	problem_set(problem,
	    "%s/%s: held by another process for a second; fuser(1) finds it",
	    directory->path, directory->lock);
	return STATUS_BUSY;
}

void
state_directory_unlock(const struct state_directory *directory)
{
	(void)flock(directory->lock_fd, LOCK_UN);
}

enum status
state_directory_journal(const struct state_directory *directory, int *ret_fd,
    struct problem *problem)
{
	struct stat st;
	int fd = openat(directory->fd, STATE_JOURNAL,
	    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 && directory->lock_fd < 0 && errno != ENOENT)
		fd = openat(directory->fd, STATE_JOURNAL,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return STATUS_ABSENT;
	if (fd < 0)
		return state_directory_problem(
		    directory, STATE_JOURNAL, errno, problem);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		problem_set(problem, "%s/" STATE_JOURNAL ": is no regular file",
		    directory->path);
		return STATUS_IO;
	}
	*ret_fd = fd;
	return STATUS_OK;
}
