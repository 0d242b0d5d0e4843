/* SPDX-License-Identifier: MIT */
/*
 * Loaded before the C library into a program under test: system calls fail and
 * the clock is set as faulty.h says, which no file system and no right can be
 * made to do.
 */
#include "faulty.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* The next one of that name behind this library. */
#define NEXT(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

static struct faulty *page;
static const char *below;
static const char *deadly_end = FAULTY_DEADLY;

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv(FAULTY_PAGE);
	void *map = MAP_FAILED;
	int fd = path != NULL ? NEXT(open)(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd >= 0) {
		map = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
		(void)close(fd);
	}
	if (map != MAP_FAILED)
		page = map;
	below = getenv(FAULTY_BELOW);
	if (getenv(FAULTY_AT) != NULL)
		deadly_end = getenv(FAULTY_AT);
}

/* Shall it fail?  Then errno says why. */
static bool
fails(enum faulty_call call)
{
	static _Atomic unsigned turn;
	int error = page != NULL ? atomic_load(&page->error[call]) : 0;

	/* 61 is prime to 100: each hundred turns have the share. */
	if (error == 0 || (int)(atomic_fetch_add(&turn, 61) % 100) >=
			      atomic_load(&page->percent))
		return false;
	errno = error;
	return true;
}

/* As if it did what somebody else wants: for the log, what it could open. */
static void
take_over(void)
{
	static const char *const files[] = { "secret", "made" };
	char path[PATH_MAX];

	for (int i = 0; i < 2; i++) {
		int fd;

		(void)snprintf(path, sizeof(path), "%s/%s", below, files[i]);
		fd = NEXT(open)(
		    path, i == 0 ? O_RDONLY : O_RDWR | O_CREAT, 0600);
		(void)dprintf(STDERR_FILENO, "taken over, %s: %s\n", files[i],
		    fd >= 0 ? "open" : strerror(errno));
		if (fd >= 0)
			(void)close(fd);
	}
}

/* As if what decodes the file had a fault. */
static void
die_of(const char *path)
{
	size_t len = strlen(path);
	size_t end = strlen(deadly_end);
	int deadly = page != NULL ? atomic_load(&page->deadly) : 0;

	if (deadly == 0 || len < end ||
	    strcmp(path + len - end, deadly_end) != 0)
		return;
	if (deadly == FAULTY_TAKEN_OVER)
		take_over();
	while (deadly == FAULTY_ENDLESS)
		deadly = atomic_load(&page->deadly);
	if (deadly > 0)
		(void)raise(deadly);
}

static bool
is_concerned(const char *path)
{
	return below != NULL &&
	       (path[0] != '/' || strncmp(path, below, strlen(below)) == 0);
}

static bool
is_file(int fd)
{
	struct stat st;

	return fd > STDERR_FILENO && NEXT(fstat)(fd, &st) == 0 &&
	       S_ISREG(st.st_mode);
}

static mode_t
mode_of(int flags, va_list args)
{
	return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(args, mode_t)
						      : 0;
}

int
open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	die_of(path);
	if (is_concerned(path) && fails(FAULTY_OPEN))
		return -1;
	return NEXT(open)(path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	die_of(path);
	if (is_concerned(path) && fails(FAULTY_OPEN))
		return -1;
	return NEXT(openat)(dir, path, flags, mode);
}

ssize_t
read(int fd, void *data, size_t len)
{
	if (is_file(fd) && fails(FAULTY_READ))
		return -1;
	return NEXT(read)(fd, data, len);
}

ssize_t
pread(int fd, void *data, size_t len, off_t at)
{
	if (is_file(fd) && fails(FAULTY_READ))
		return -1;
	return NEXT(pread)(fd, data, len, at);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	if (is_file(fd) && fails(FAULTY_WRITE))
		return -1;
	return NEXT(write)(fd, data, len);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	if (is_file(fd) && fails(FAULTY_WRITE))
		return -1;
	return NEXT(pwrite)(fd, data, len, at);
}

/* SQLite calls it so. */
ssize_t
pwrite64(int fd, const void *data, size_t len, off_t at)
{
	if (is_file(fd) && fails(FAULTY_WRITE))
		return -1;
	return NEXT(pwrite64)(fd, data, len, at);
}

int
rename(const char *from, const char *to)
{
	if (is_concerned(from) && fails(FAULTY_WRITE))
		return -1;
	return NEXT(rename)(from, to);
}

int
fsync(int fd)
{
	return fails(FAULTY_SYNC) ? -1 : NEXT(fsync)(fd);
}

int
fdatasync(int fd)
{
	return fails(FAULTY_SYNC) ? -1 : NEXT(fdatasync)(fd);
}

int
stat(const char *path, struct stat *ret)
{
	if (is_concerned(path) && fails(FAULTY_STAT))
		return -1;
	return NEXT(stat)(path, ret);
}

int
lstat(const char *path, struct stat *ret)
{
	if (is_concerned(path) && fails(FAULTY_STAT))
		return -1;
	return NEXT(lstat)(path, ret);
}

int
fstatat(int dir, const char *path, struct stat *ret, int flags)
{
	if (is_concerned(path) && fails(FAULTY_STAT))
		return -1;
	return NEXT(fstatat)(dir, path, ret, flags);
}

/* Of whatever directory: the program lists no others. */
struct dirent *
readdir(DIR *dir)
{
	return fails(FAULTY_LIST) ? NULL : NEXT(readdir)(dir);
}

int
inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	if (is_concerned(path) && fails(FAULTY_WATCH))
		return -1;
	return NEXT(inotify_add_watch)(fd, path, mask);
}

time_t
time(time_t *ret)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret != NULL)
		*ret = now.tv_sec;
	return now.tv_sec;
}

int
gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	int result = NEXT(gettimeofday)(ret, zone);

	if (result == 0 && page != NULL)
		ret->tv_sec += (time_t)atomic_load(&page->clock);
	return result;
}

int
clock_gettime(clockid_t clock, struct timespec *ret)
{
	int result = NEXT(clock_gettime)(clock, ret);

	if (result == 0 && page != NULL &&
	    (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		ret->tv_sec += (time_t)atomic_load(&page->clock);
	return result;
}
