/* SPDX-License-Identifier: MIT */
/*
 * Ask questions again and again over some connections, each in lock-step as
 * PowerDNS does, and print the replies per second.
 *	asker SOCKET CONNECTIONS SECONDS LINE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
send_line(int fd, const char *line)
{
	char text[4096];
	int len = snprintf(text, sizeof(text), "%s\n", line);

	if (write(fd, text, (size_t)len) < 0) {
		perror("write");
		exit(EXIT_FAILURE);
	}
}

/* Send the line argv[at], and return which is next. */
static int
ask(int fd, char **argv, int at)
{
	send_line(fd, argv[at]);
	return argv[at + 1] != NULL ? at + 1 : 4;
}

static void
read_reply(int fd)
{
	static char reply[65536];
	ssize_t got;

	do {
		got = read(fd, reply, sizeof(reply));
		if (got <= 0) {
			(void)fputs("asker: connection lost\n", stderr);
			exit(EXIT_FAILURE);
		}
	} while (reply[got - 1] != '\n');
}

static int
connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
			  sizeof(address)) != 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	send_line(fd, "{\"method\": \"initialize\", \"parameters\": {}}");
	read_reply(fd);
	return fd;
}

int
main(int argc, char **argv)
{
	int epoll = epoll_create1(0);
	unsigned long replies = 0;
	int next = 4;
	double start;
	double end;

	if (argc < 5)
		return EXIT_FAILURE;
	for (int i = 0; i < atoi(argv[2]); i++) {
		struct epoll_event event = { .events = EPOLLIN };

		event.data.fd = connect_to(argv[1]);
		(void)epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
		next = ask(event.data.fd, argv, next);
	}
	start = seconds();
	end = start + atof(argv[3]);
	while (seconds() < end) {
		struct epoll_event events[64];
		int count = epoll_wait(epoll, events, 64, 1000);

		for (int i = 0; i < count; i++) {
			read_reply(events[i].data.fd);
			next = ask(events[i].data.fd, argv, next);
			replies++;
		}
	}
	(void)printf("%.0f\n", (double)replies / (seconds() - start));
	return EXIT_SUCCESS;
}
