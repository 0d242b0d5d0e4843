/* SPDX-License-Identifier: MIT */
/*
 * The least that a backend can do: a fixed reply for each kind of line, found
 * by the first row of a file "part of the line, tab, reply" that fits.  What
 * it reaches is what the program is measured by.  Who asks by HTTP, all of it
 * in one piece as PowerDNS does, is answered so.
 *	responder SOCKET|PORT FILE
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ROWS = 16 };

static int
listen_at(const char *path)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	struct sockaddr_in loopback = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(path, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool is_local = path[0] == '/';
	int fd = socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
	int failed;

	(void)strncpy(local.sun_path, path, sizeof(local.sun_path) - 1);
	if (is_local)
		(void)unlink(path);
	failed = is_local
		     ? bind(fd, (struct sockaddr *)&local, sizeof(local))
		     : bind(fd, (struct sockaddr *)&loopback, sizeof(loopback));
	if (failed != 0 || listen(fd, 64) != 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	return fd;
}

/* The rows of the file, taken apart in place. */
struct rows {
	const char *part[ROWS];
	const char *reply[ROWS];
	size_t count;
};

static void
rows_read(const char *path, struct rows *rows)
{
	static char text[65536];
	FILE *file = fopen(path, "re");
	char *line = text;
	size_t len;

	if (file == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	len = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[len] = '\0';
	while (*line != '\0' && rows->count < ROWS) {
		char *tab = strchr(line, '\t');
		char *end = strchr(line, '\n');

		if (tab == NULL || end == NULL)
			break;
		*tab = '\0';
		*end = '\0';
		rows->part[rows->count] = line;
		rows->reply[rows->count++] = tab + 1;
		line = end + 1;
	}
}

static void
respond(int epoll, int fd, const struct rows *rows)
{
	static const char head[] =
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%s\n";
	char line[65536];
	char reply[65536];
	ssize_t got = read(fd, line, sizeof(line) - 1);
	const char *text = "{\"result\":false}";
	size_t row = 0;
	int len;

	if (got <= 0) {
		(void)epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
		(void)close(fd);
		return;
	}
	line[got] = '\0';
	while (row < rows->count && strstr(line, rows->part[row]) == NULL)
		row++;
	if (row < rows->count)
		text = rows->reply[row];
	if (strncmp(line, "POST ", 5) == 0)
		len = snprintf(
		    reply, sizeof(reply), head, strlen(text) + 1, text);
	else
		len = snprintf(reply, sizeof(reply), "%s\n", text);
	if (write(fd, reply, (size_t)len) < 0)
		perror("write");
}

int
main(int argc, char **argv)
{
	int epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };
	struct rows rows = { 0 };
	int listener;

	if (argc != 3)
		return EXIT_FAILURE;
	(void)signal(SIGPIPE, SIG_IGN);
	rows_read(argv[2], &rows);
	listener = listen_at(argv[1]);
	event.data.fd = listener;
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		struct epoll_event events[64];
		int count = epoll_wait(epoll, events, 64, -1);

		for (int i = 0; i < count; i++) {
			if (events[i].data.fd != listener) {
				respond(epoll, events[i].data.fd, &rows);
				continue;
			}
			event.data.fd = accept(listener, NULL, NULL);
			(void)epoll_ctl(
			    epoll, EPOLL_CTL_ADD, event.data.fd, &event);
		}
	}
}
