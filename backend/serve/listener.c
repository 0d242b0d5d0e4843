/* SPDX-License-Identifier: MIT */
#include "serve/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/mem.h"
#include "files/file.h"
#include "loop/log.h"

enum { BACKLOG = 128 };

#ifdef HAVE_SYSTEMD
static bool
is_passed(enum listener_passed passed, int fd, const char *name)
{
	bool is_http = strcmp(name, "http") == 0;

	return passed == LISTENER_HTTP
		   ? is_http && sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0
		   : !is_http &&
			 sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0;
}
#endif

/* Return the socket that systemd opened for us, or -1. */
static int
passed_fd(enum listener_passed passed)
{
	int found = -1;
#ifdef HAVE_SYSTEMD
	char **names = NULL;
	int count = passed != LISTENER_NEVER
			? sd_listen_fds_with_names(0, &names)
			: 0;

	for (int i = 0; i < count; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (found < 0 && is_passed(passed, fd, names[i]))
			found = fd;
		free(names[i]);
	}
	free((void *)names);
#else
	(void)passed;
#endif
	return found;
}

/*
 * Whoever holds the lock serves the socket; it is gone with its process,
 * which a socket file is not.
 */
static enum status
lock_take(
    const struct listener_wish *wish, int *ret_fd, struct problem *problem)
{
	char *name = mem_format("%s.lock", wish->path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum status status = STATUS_OK;

	if (fd < 0) {
		problem_set(problem, "%s: %s", name, strerror(errno));
		status = STATUS_IO;
	} else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		problem_set(problem,
		    "%s: another pdns-tlsa serves this "
		    "socket; stop it first, or set another '%s'",
		    wish->path, wish->key);
		(void)close(fd);
		status = STATUS_BUSY;
	} else {
		*ret_fd = fd;
	}
	free(name);
	return status;
}

static enum status
problem_path(struct problem *problem, const char *path)
{
	problem_set(problem, "%s: %s", path, strerror(errno));
	return STATUS_IO;
}

/* Remove what a dead daemon left; never anything that is no socket. */
static enum status
stale_remove(const struct listener_wish *wish, struct problem *problem)
{
	const char *path = wish->path;
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? STATUS_OK
				       : problem_path(problem, path);
	if (!S_ISSOCK(st.st_mode)) {
		problem_set(problem,
		    "%s: exists and is no socket; remove it, "
		    "or set another '%s'",
		    path, wish->key);
		return STATUS_REFUSED;
	}
	return unlink(path) == 0 ? STATUS_OK : problem_path(problem, path);
}

/* Find a group by its name or its number. */
static bool
group_find(const char *text, gid_t *ret_gid)
{
	const struct group *group = getgrnam(text);
	unsigned long number;
	char *end;

	if (group != NULL) {
		*ret_gid = group->gr_gid;
		return true;
	}
	errno = 0;
	number = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    number >= UINT32_MAX)
		return false;
	*ret_gid = (gid_t)number;
	return true;
}

static enum status
rights_set(const struct listener_wish *wish, struct problem *problem)
{
	gid_t gid;

	if (wish->group != NULL) {
		if (!group_find(wish->group, &gid)) {
			problem_set(problem, "%s-group '%s': no such group",
			    wish->key, wish->group);
			return STATUS_REFUSED;
		}
		if (chown(wish->path, (uid_t)-1, gid) != 0)
			return problem_path(problem, wish->path);
	}
	if (chmod(wish->path, (mode_t)wish->mode) != 0)
		return problem_path(problem, wish->path);
	return STATUS_OK;
}

static enum status
socket_make(
    const struct listener_wish *wish, int *ret_fd, struct problem *problem)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	enum status status = STATUS_OK;
	bool bound;
	mode_t mask;

	if (fd < 0)
		return problem_path(problem, "socket");
	/* The configuration limits its length. */
	(void)strncpy(
	    address.sun_path, wish->path, sizeof(address.sun_path) - 1);
	/* Nobody may connect before the rights are set. */
	mask = umask(0777);
	bound = bind(fd, (const struct sockaddr *)&address, sizeof(address)) ==
		0;
	if (!bound)
		status = problem_path(problem, wish->path);
	(void)umask(mask);
	if (status == STATUS_OK)
		status = rights_set(wish, problem);
	if (status == STATUS_OK && listen(fd, BACKLOG) != 0)
		status = problem_path(problem, wish->path);
	if (status == STATUS_OK) {
		*ret_fd = fd;
		return status;
	}
	(void)close(fd);
	if (bound)
		(void)unlink(wish->path);
	return status;
}

/* Whoever else listens there keeps us from it: no lock is needed. */
static enum status
endpoint_make(
    const struct listener_wish *wish, int *ret_fd, struct problem *problem)
{
	struct sockaddr_storage address;
	socklen_t len = endpoint_socket_address(wish->endpoint, &address);
	int on = 1;
	int fd = socket(
	    address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, (const struct sockaddr *)&address, len) == 0 &&
	    listen(fd, BACKLOG) == 0) {
		*ret_fd = fd;
		return STATUS_OK;
	}
	problem_set(
	    problem, "%s %s: %s", wish->key, wish->path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return STATUS_IO;
}

static enum status
path_make(const struct listener_wish *wish, struct listener *listener,
    struct problem *problem)
{
	char *directory = path_directory(wish->path);
	enum status status;

	(void)mkdir(directory, 0755);
	free(directory);
	status = lock_take(wish, &listener->lock_fd, problem);
	if (status == STATUS_OK)
		status = stale_remove(wish, problem);
	if (status == STATUS_OK)
		status = socket_make(wish, &listener->fd, problem);
	if (status == STATUS_OK)
		listener->path = mem_string(wish->path);
	else if (listener->lock_fd >= 0)
		(void)close(listener->lock_fd);
	return status;
}

enum status
listener_open(const struct listener_wish *wish, struct listener *ret_listener,
    struct problem *problem)
{
	struct listener listener = { -1, -1, NULL };
	enum status status = STATUS_OK;

	listener.fd = passed_fd(wish->passed);
	if (listener.fd >= 0)
		(void)fcntl(listener.fd, F_SETFL,
		    fcntl(listener.fd, F_GETFL) | O_NONBLOCK);
	else if (wish->endpoint != NULL)
		status = endpoint_make(wish, &listener.fd, problem);
	else
		status = path_make(wish, &listener, problem);
	if (status == STATUS_OK)
		*ret_listener = listener;
	return status;
}

bool
listener_is_passed(enum listener_passed passed)
{
	return passed_fd(passed) >= 0;
}

bool
listener_is_at(const struct listener *listener, const struct endpoint *endpoint)
{
	struct sockaddr_storage wanted;
	struct sockaddr_storage own = { 0 };
	socklen_t len = endpoint_socket_address(endpoint, &wanted);
	socklen_t own_len = sizeof(own);

	return getsockname(listener->fd, (struct sockaddr *)&own, &own_len) ==
		   0 &&
	       own_len == len && memcmp(&own, &wanted, len) == 0;
}

void
listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		(void)close(listener->fd);
	/* Remove the socket while the lock still keeps others from it. */
	if (listener->path != NULL)
		(void)unlink(listener->path);
	if (listener->lock_fd >= 0)
		(void)close(listener->lock_fd);
	free(listener->path);
	*listener = (struct listener){ -1, -1, NULL };
}
