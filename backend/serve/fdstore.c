/* SPDX-License-Identifier: MIT */
#include "fdstore.h"

#ifdef HAVE_SYSTEMD
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* The socket unit gives the listening one another name. */
#define PREFIX "connection-"

enum { MESSAGE_SIZE = 128 };

bool
fdstore_exists(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

/*
 * Each has a name of its own, as FDSTOREREMOVE= is about a name; a socket
 * keeps its inode whoever holds it.
 */
static void
tell(const char *what, int fd, unsigned passed)
{
	char message[MESSAGE_SIZE];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return;
	(void)snprintf(message, sizeof(message), "%s=1\nFDNAME=" PREFIX "%ju\n",
	    what, (uintmax_t)st.st_ino);
	(void)sd_pid_notify_with_fds(0, 0, message, &fd, passed);
}

void
fdstore_keep(int fd)
{
	tell("FDSTORE", fd, 1);
}

void
fdstore_drop(int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
	tell("FDSTOREREMOVE", fd, 0);
}

static bool
is_ours(int fd, const char *name)
{
	return strncmp(name, PREFIX, strlen(PREFIX)) == 0 &&
	       sd_is_socket_unix(fd, SOCK_STREAM, 0, NULL, 0) > 0;
}

size_t
fdstore_take(int *ret_fds, size_t room)
{
	char **names = NULL;
	int count = sd_listen_fds_with_names(0, &names);
	size_t taken = 0;

	for (int i = 0; i < count; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (is_ours(fd, names[i]) && taken < room) {
			(void)fcntl(
			    fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
			ret_fds[taken++] = fd;
		} else if (is_ours(fd, names[i])) {
			fdstore_drop(fd);
			(void)close(fd);
		}
		free(names[i]);
	}
	free((void *)names);
	return taken;
}

#else

bool
fdstore_exists(void)
{
	return false;
}

void
fdstore_keep(int fd)
{
	(void)fd;
}

void
fdstore_drop(int fd)
{
	(void)fd;
}

size_t
fdstore_take(int *ret_fds, size_t room)
{
	(void)ret_fds;
	(void)room;
	return 0;
}

#endif
