/* SPDX-License-Identifier: MIT */
#include "files/directory.h"

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

enum {
	LOCK_MODE = 0600,
	DIRECTORY_MODE = 0750,
	WAIT_TRIES = 100,
	WAIT_NANOSECONDS = 10 * 1000 * 1000,
};

enum status
directory_problem(const char *path, int error, struct problem *problem)
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

static enum status
name_problem(const struct directory *directory, const char *name, int error,
    struct problem *problem)
{
	char *path = mem_format("%s/%s", directory->path, name);

	(void)directory_problem(path, error, problem);
	free(path);
	return STATUS_IO;
}

int
directory_create(
    const struct directory *directory, const char *name, mode_t mode)
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
write_new(const struct directory *directory, const char *name, mode_t mode,
    const struct buf *text, bool is_synced)
{
	int error;
	int fd;

	/* One that is there was left by a process that was killed. */
	(void)unlinkat(directory->fd, name, 0);
	fd = directory_create(directory, name, mode);
	if (fd < 0)
		return errno;
	error = write_whole(fd, text, is_synced);
	if (close(fd) != 0 && error == 0)
		error = errno;
	return error;
}

bool
directory_sync(const struct directory *directory)
{
	/* Some file systems cannot; they have nothing to wait for. */
	return fsync(directory->fd) == 0 || errno == EINVAL;
}

enum status
directory_replace(const struct directory *directory, const char *name,
    mode_t mode, const struct buf *text, bool is_synced,
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
		return name_problem(directory, name, error, problem);
	if (is_synced && !directory_sync(directory))
		return name_problem(directory, ".", errno, problem);
	return STATUS_OK;
}

static enum status
lock_open(struct directory *directory, struct problem *problem)
{
	int fd = directory_create(directory, directory->lock, LOCK_MODE);

	if (fd < 0 && errno == EEXIST)
		fd = openat(directory->fd, directory->lock,
		    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return name_problem(directory, directory->lock, errno, problem);
	if (directory->lock_fd >= 0)
		(void)close(directory->lock_fd);
	directory->lock_fd = fd;
	/* One of an older version was open to the group. */
	(void)fchmod(fd, LOCK_MODE);
	return STATUS_OK;
}

enum status
directory_open(const char *path, const char *lock,
    struct directory *ret_directory, struct problem *problem)
{
	struct directory directory = { .fd = -1, .lock = lock, .lock_fd = -1 };
	enum status status;

	if (mkdir(path, DIRECTORY_MODE) != 0 && errno != EEXIST)
		return directory_problem(path, errno, problem);
	directory.path = realpath(path, NULL);
	if (directory.path == NULL)
		return directory_problem(path, errno, problem);
	directory.fd = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Files are replaced by renaming, so the directory counts. */
	if (directory.fd < 0 ||
	    faccessat(directory.fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0)
		status = directory_problem(path, errno, problem);
	else
		status = lock_open(&directory, problem);
	if (status == STATUS_OK)
		*ret_directory = directory;
	else
		directory_fini(&directory);
	return status;
}

void
directory_fini(struct directory *directory)
{
	if (directory->lock_fd >= 0)
		(void)close(directory->lock_fd);
	if (directory->fd >= 0)
		(void)close(directory->fd);
	free(directory->path);
	*directory = (struct directory){ .fd = -1, .lock_fd = -1 };
}

/* Return false if the lock was deleted: others lock another file then. */
static bool
lock_is_linked(const struct directory *directory)
{
	struct stat st;

	return fstat(directory->lock_fd, &st) == 0 && st.st_nlink > 0;
}

static enum status
lock_try(struct directory *directory, struct problem *problem)
{
	for (;;) {
		enum status status;

		if (flock(directory->lock_fd, LOCK_EX | LOCK_NB) != 0) {
			if (errno == EINTR)
				continue;
			if (errno == EWOULDBLOCK)
				return STATUS_BUSY;
			return name_problem(
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
directory_lock(
    struct directory *directory, bool is_patient, struct problem *problem)
{
	const struct timespec pause = { .tv_nsec = WAIT_NANOSECONDS };
	enum status status = STATUS_BUSY;

	for (int i = 0; i < (is_patient ? WAIT_TRIES : 1); i++) {
		if (i > 0)
			(void)nanosleep(&pause, NULL);
		status = lock_try(directory, problem);
		if (status != STATUS_BUSY)
			return status;
	}
	problem_set(problem,
	    "%s/%s: held by another process; fuser(1) finds it",
	    directory->path, directory->lock);
	return STATUS_BUSY;
}

void
directory_unlock(const struct directory *directory)
{
	(void)flock(directory->lock_fd, LOCK_UN);
}
