/* SPDX-License-Identifier: MIT */
/*
 * The least that a backend can do: each line gets the same reply.  What it
 * reaches is what the program is measured by.
 *	responder SOCKET REPLY
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	(void)unlink(path);
	if (fd < 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, 64) != 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	return fd;
}

static void
respond(int epoll, int fd, const char *reply, size_t len)
{
	char line[65536];
	ssize_t got = read(fd, line, sizeof(line));

	if (got <= 0) {
		(void)epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
		(void)close(fd);
	} else if (line[got - 1] == '\n' && write(fd, reply, len) < 0) {
		perror("write");
	}
}

/* Return "true" for the first line of a connection, as PowerDNS needs it. */
static void
greet(int fd)
{
	static const char yes[] = "{\"result\":true}\n";
	char line[65536];

	if (read(fd, line, sizeof(line)) > 0 &&
	    write(fd, yes, sizeof(yes) - 1) < 0)
		perror("write");
}

int
main(int argc, char **argv)
{
	int epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };
	char reply[65536];
	size_t len;
	int listener;

	if (argc != 3)
		return EXIT_FAILURE;
	(void)signal(SIGPIPE, SIG_IGN);
	len = (size_t)snprintf(reply, sizeof(reply), "%s\n", argv[2]);
	listener = listen_at(argv[1]);
	event.data.fd = listener;
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		struct epoll_event events[64];
		int count = epoll_wait(epoll, events, 64, -1);

		for (int i = 0; i < count; i++) {
			if (events[i].data.fd != listener) {
				respond(epoll, events[i].data.fd, reply, len);
				continue;
			}
			event.data.fd = accept(listener, NULL, NULL);
			greet(event.data.fd);
			(void)epoll_ctl(
			    epoll, EPOLL_CTL_ADD, event.data.fd, &event);
		}
	}
}
