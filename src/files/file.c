/* SPDX-License-Identifier: MIT */
#include "files/file.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/denied.h"
#include "private_key.h"

static void
fingerprint_of(const struct stat *st, struct fingerprint *ret)
{
	*ret = (struct fingerprint){
		.device = st->st_dev,
		.inode = st->st_ino,
		.size = st->st_size,
		.modified = st->st_mtim.tv_sec * INT64_C(1000000000) +
			    st->st_mtim.tv_nsec,
		.changed = st->st_ctim.tv_sec * INT64_C(1000000000) +
			   st->st_ctim.tv_nsec,
	};
}

bool
file_fingerprint(const char *path, struct fingerprint *ret_print)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	fingerprint_of(&st, ret_print);
	return true;
}

bool
file_is_key(const char *path)
{
	static const char *const patterns[] = { "privkey*", "*.key",
		"*.key.next", "key.pem", "*-key.pem", "*_key.pem",
		"*.key.pem" };
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (fnmatch(patterns[i], name, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

/* A path that is a link is there itself: say where it leads. */
static void
problem_absent(struct problem *problem, const char *path)
{
	struct paths steps = { 0 };
	char *target = NULL;

	if (problem != NULL &&
	    path_follow(path, NULL, &steps, &target, NULL) == STATUS_OK &&
	    strcmp(target, path) != 0)
		problem_set(problem, "%s: leads to %s, which does not exist",
		    path, target);
	else
		problem_set(problem, "%s: does not exist", path);
	paths_fini(&steps);
	free(target);
}

static enum status
errno_report(struct problem *problem, const char *path, int error)
{
	bool is_absent = error == ENOENT || error == ENOTDIR;

	if (is_absent)
		problem_absent(problem, path);
	else if (error == EACCES && denied_is_by_lock(path))
		problem_set(problem,
		    "%s: permission denied, though its mode allows it; where "
		    "the record and PowerDNS's configuration lie, and where "
		    "the system forbids it, nothing is read",
		    path);
	else if (error == EACCES)
		problem_set(problem,
		    "%s: permission denied; let user %u "
		    "search its directories and read it",
		    path, geteuid());
	else
		problem_set(problem, "%s: %s", path, strerror(error));
	errno = error;
	return is_absent ? STATUS_ABSENT : STATUS_IO;
}

enum {
	/* The shortest first line of a key; no octet of it is behind that. */
	READ_FIRST = sizeof("-----BEGIN PRIVATE KEY-----\n") - 1,
	READ_SOME = 16384,
};

static enum status
key_refuse(const char *path, bool is_all, struct problem *problem)
{
	problem_set(problem,
	    "%s: holds a private key, which is never read; put the "
	    "certificates, or the public key, into a file of their own",
	    path);
	return is_all ? STATUS_FOREIGN : STATUS_REFUSED;
}

/*
 * Read `size` octets, or more, to the end: whether it grew meanwhile is seen
 * by who calls.  What says that it has none is read all the same (proc(5)).
 */
static enum status
content_read(int fd, const char *path, size_t size, size_t limit,
    struct buf *text, struct problem *problem)
{
	size_t start = text->len;
	size_t line = start;
	ssize_t got;

	do {
		size_t some = text->len == start ? READ_FIRST : READ_SOME;

		buf_reserve(text, some);
		got = read(fd, text->data + text->len, some);
		if (got < 0 && errno != EINTR)
			return errno_report(problem, path, errno);
		if (got > 0)
			text->len += (size_t)got;
		if (private_key_begins(text->data, text->len, &line)) {
			bool is_all = !private_key_has_more(
			    fd, text->data + start, text->len - start);

			explicit_bzero(text->data + start, text->len - start);
			text->len = start;
			return key_refuse(path, is_all, problem);
		}
		if (text->len - start > limit) {
			problem_set(
			    problem, "%s: larger than %zu octets", path, limit);
			return STATUS_LIMIT;
		}
	} while (got != 0 && (size == 0 || text->len - start < size));
	return STATUS_OK;
}

/* By the name that it was opened by in the end, past all links. */
static bool
is_key_by_name(int fd)
{
	char *link = mem_format("/proc/self/fd/%d", fd);
	char path[PATH_MAX];
	ssize_t len = readlink(link, path, sizeof(path) - 1);

	free(link);
	if (len < 0)
		return false;
	path[len] = '\0';
	return file_is_key(path);
}

/*
 * Open what `look` (O_PATH) is, and nothing that took its place.  Without
 * /proc it may be something else, and *st is what that is.
 */
static int
look_open(int look, const char *path, struct stat *st)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	char self[32];
	int fd;

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", look);
	fd = open(self, flags);
	if (fd < 0 && errno == ENOENT) {
		fd = open(path, flags);
		if (fd >= 0 && fstat(fd, st) != 0) {
			(void)close(fd);
			fd = -1;
		}
	}
	if (fd < 0 && errno == EACCES)
		denied_tell(path);
	return fd;
}

/* As file_open(), but what is `is_public` has not the name of a key. */
static enum status
path_open(const char *path, bool is_public, int *ret_fd, struct stat *ret_stat,
    struct problem *problem)
{
	int look = open(path, O_PATH | O_CLOEXEC);
	enum status status = STATUS_OK;
	int fd = -1;
	int error;

	if (look < 0 || fstat(look, ret_stat) != 0)
		status = errno_report(problem, path, errno);
	else if (is_public && is_key_by_name(look))
		status = key_refuse(path, true, problem);
	else if (S_ISREG(ret_stat->st_mode) &&
		 (fd = look_open(look, path, ret_stat)) < 0)
		status = errno_report(problem, path, errno);
	else if (!S_ISREG(ret_stat->st_mode)) {
		problem_set(problem, "%s: is no regular file", path);
		status = STATUS_REFUSED;
	}
	error = errno;
	if (look >= 0)
		(void)close(look);
	if (status == STATUS_OK)
		*ret_fd = fd;
	else if (fd >= 0)
		(void)close(fd);
	errno = error;
	return status;
}

enum status
file_open(const char *path, int *ret_fd, struct stat *ret_stat,
    struct problem *problem)
{
	return path_open(path, false, ret_fd, ret_stat, problem);
}

/* `st` is what it was when it was opened. */
static enum status
open_read(int fd, const char *path, size_t limit, struct stat st,
    struct buf *text, struct fingerprint *print, struct problem *problem)
{
	struct fingerprint after;
	enum status status;

	if ((uint64_t)st.st_size > limit) {
		problem_set(problem, "%s: larger than %zu octets", path, limit);
		return STATUS_LIMIT;
	}
	fingerprint_of(&st, print);
	buf_reserve(text, (size_t)st.st_size + READ_SOME);
	status = content_read(
	    fd, path, (size_t)st.st_size, limit, text, problem);
	if (status != STATUS_OK)
		return status;
	if (fstat(fd, &st) != 0)
		return errno_report(problem, path, errno);
	fingerprint_of(&st, &after);
	if (!fingerprint_equal(print, &after)) {
		problem_set(problem, "%s: is being written", path);
		return STATUS_IO;
	}
	return STATUS_OK;
}

enum status
file_read(const char *path, size_t limit, struct buf *text,
    struct fingerprint *ret_print, struct problem *problem)
{
	struct fingerprint print;
	struct stat st;
	enum status status;
	int fd;

	if (file_is_key(path)) {
		problem_set(problem,
		    "%s: is a private key by its name, which "
		    "is never opened",
		    path);
		return STATUS_REFUSED;
	}
	status = path_open(path, true, &fd, &st, problem);
	if (status != STATUS_OK)
		return status;
	status = open_read(fd, path, limit, st, text, &print, problem);
	(void)close(fd);
	if (status == STATUS_OK && ret_print != NULL)
		*ret_print = print;
	return status;
}

bool
file_write(int fd, const char *data, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t wrote = write(fd, data + at, len - at);

		if (wrote < 0 && errno != EINTR)
			return false;
		at += wrote > 0 ? (size_t)wrote : 0;
	}
	return true;
}

enum presence
path_presence(const char *path, struct problem *problem)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return PRESENCE_YES;
	return errno_report(problem, path, errno) == STATUS_ABSENT
		   ? PRESENCE_NO
		   : PRESENCE_UNKNOWN;
}

enum presence
path_presence_directory(const char *path, struct problem *problem)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? PRESENCE_YES : PRESENCE_NO;
	return errno_report(problem, path, errno) == STATUS_ABSENT
		   ? PRESENCE_NO
		   : PRESENCE_UNKNOWN;
}

bool
path_is_directory(const char *path)
{
	return path_presence_directory(path, NULL) == PRESENCE_YES;
}

bool
path_is_same(const char *a, const char *b)
{
	struct stat one;
	struct stat other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool
path_is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && path[len] == '/';
}

void
paths_add(struct paths *paths, const char *path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (strcmp(paths->list[i], path) == 0)
			return;
	paths->list = mem_resize(
	    paths->list, paths->count + 1, sizeof(*paths->list));
	paths->list[paths->count++] = mem_string(path);
}

void
paths_fini(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->list[i]);
	free(paths->list);
	*paths = (struct paths){ 0 };
}

static int
by_octets(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
paths_sort(struct paths *paths, size_t from)
{
	if (paths->count > from + 1)
		qsort(paths->list + from, paths->count - from, sizeof(char *),
		    by_octets);
}

char *
path_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return mem_string(".");
	return mem_copy(path, slash == path ? 1 : (size_t)(slash - path));
}

/* A path on its way to what it leads to. */
struct way {
	const char *base;
	struct paths *steps;
	char *at;   /* without any link below `base`; "" is the root */
	char *rest; /* not yet gone, below `at` */
	int links;
};

static void
way_move(struct way *way, char *at, char *rest)
{
	free(way->at);
	free(way->rest);
	way->at = at;
	way->rest = rest;
}

/* Whether `path` is the base or above it. */
static bool
is_base(const char *base, const char *path)
{
	size_t len = strlen(path);

	return base != NULL && strncmp(base, path, len) == 0 &&
	       (base[len] == '/' || base[len] == '\0');
}

/* What is above `at`: where the base is a link, above what it leads to. */
static char *
way_above(const struct way *way)
{
	char *real = is_base(way->base, way->at) ? realpath(way->at, NULL)
						 : NULL;
	char *at = real != NULL ? real : way->at;
	const char *slash = strrchr(at, '/');
	char *above = slash != NULL ? mem_copy(at, (size_t)(slash - at))
				    : mem_string("");

	free(real);
	return above;
}

/* Go on to one component; returns false if there are too many links. */
static bool
way_step(struct way *way, const char *name, size_t len, const char *rest)
{
	char link[PATH_MAX];
	char *next;
	ssize_t link_len;

	if (len == 0 || (len == 1 && name[0] == '.')) {
		way_move(way, mem_string(way->at), mem_string(rest));
		return true;
	}
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		way_move(way, way_above(way), mem_string(rest));
		return true;
	}
	next = mem_format("%s/%.*s", way->at, (int)len, name);
	if (!is_base(way->base, next))
		paths_add(way->steps, next);
	link_len = readlink(next, link, sizeof(link) - 1);
	if (link_len < 0) {
		way_move(way, next, mem_string(rest));
		return true;
	}
	free(next);
	link[link_len] = '\0';
	way_move(way, mem_string(link[0] == '/' ? "" : way->at),
	    mem_format("%s%s%s", link, rest[0] != '\0' ? "/" : "", rest));
	return ++way->links < LIMIT_SYMLINKS;
}

enum status
path_follow(const char *path, const char *base, struct paths *steps,
    char **ret_target, struct problem *problem)
{
	bool below = base != NULL && path_is_below(path, base);
	struct way way = { .base = base, .steps = steps };

	paths_add(steps, path);
	way_move(&way, mem_string(below ? base : ""),
	    mem_string(below ? path + strlen(base) : path));
	while (way.rest[0] != '\0') {
		/* The step frees what it goes. */
		char *rest = mem_string(way.rest);
		size_t len = strcspn(rest, "/");
		bool went = way_step(
		    &way, rest, len, rest + len + (rest[len] == '/'));

		free(rest);
		if (!went) {
			problem_set(problem, "%s: more than %d symbolic links",
			    path, LIMIT_SYMLINKS);
			way_move(&way, NULL, NULL);
			return STATUS_LIMIT;
		}
	}
	*ret_target = mem_string(way.at[0] != '\0' ? way.at : "/");
	way_move(&way, NULL, NULL);
	return STATUS_OK;
}
