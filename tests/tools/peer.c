/* SPDX-License-Identifier: MIT */
/*
 * A peer of the daemon for tests written in shell.
 *
 * "peer ask SOCKET" sends the lines of standard input, one reply each.
 *
 * "peer crowd SOCKET N" makes N connections at once, each asks for the line on
 * standard input, over and over; it prints how many different replies there
 * were, and how many in all.
 *
 * "peer raw SOCKET" sends the octets of standard input as they come, and prints
 * what it hears, then "closed" if the daemon ends it.
 *
 * "peer mute SOCKET" asks and never reads, until it is cut off or ended; it
 * prints how many octets it could say.
 *
 * "peer notify SOCKET" binds a datagram socket as systemd's and prints each
 * message, until it is ended.
 *
 * Exit status 0, or 1 when a reply is missing.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "client.h"
#include "loop/loop.h"

enum { ROUNDS = 5 };

static int
run_ask(const char *path, const char *operand)
{
	struct client client;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int status = 0;

	(void)operand;
	if (!client_open(&client, path)) {
		(void)fprintf(stderr, "nobody listens\n");
		return 1;
	}
	while (status == 0 && (len = getline(&line, &room, stdin)) >= 0) {
		const char *reply = NULL;

		if (len > 0 && line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (client_say(&client, line))
			reply = client_hear(&client);
		(void)puts(reply != NULL ? reply : "closed");
		(void)fflush(stdout);
		status = reply == NULL;
	}
	free(line);
	client_close(&client);
	return status;
}

/* All ask before the first of them listens. */
static bool
crowd_round(struct client *crowd, size_t count, const char *line,
    char **first_reply, size_t *different)
{
	for (size_t i = 0; i < count; i++)
		if (!client_say(&crowd[i], line))
			return false;
	for (size_t i = 0; i < count; i++) {
		const char *reply = client_hear(&crowd[i]);

		if (reply == NULL)
			return false;
		if (*first_reply == NULL)
			*first_reply = mem_string(reply);
		*different += strcmp(*first_reply, reply) != 0;
	}
	return true;
}

static int
run_crowd(const char *path, const char *operand)
{
	size_t count = operand != NULL ? strtoul(operand, NULL, 10) : 1;
	struct client *crowd = mem_array(count, sizeof(*crowd));
	char line[4096];
	char *first_reply = NULL;
	size_t different = 1;
	size_t open = 0;
	bool good = fgets(line, sizeof(line), stdin) != NULL;

	line[strcspn(line, "\n")] = '\0';
	while (good && open < count) {
		good = client_open(&crowd[open], path);
		open += good;
	}
	for (int round = 0; good && round < ROUNDS; round++)
		good = crowd_round(
		    crowd, count, line, &first_reply, &different);
	(void)printf("%zu %zu\n", different, good ? count * ROUNDS : open);
	for (size_t i = 0; i < open; i++)
		client_close(&crowd[i]);
	free(first_reply);
	free(crowd);
	return good ? 0 : 1;
}

/* Copy what there is to read; false at the end. */
static bool
raw_copy(int from, int to)
{
	char octets[4096];
	ssize_t got = read(from, octets, sizeof(octets));

	return got > 0 && write(to, octets, (size_t)got) == got;
}

static int
run_raw(const char *path, const char *operand)
{
	struct client client;
	struct pollfd polled[] = { { STDIN_FILENO, POLLIN, 0 },
		{ -1, POLLIN, 0 } };
	bool is_open = true;

	(void)operand;
	if (!client_open(&client, path))
		return 1;
	polled[1].fd = client.fd;
	while (is_open && poll(polled, 2, -1) > 0) {
		if (polled[1].revents != 0 &&
		    !raw_copy(client.fd, STDOUT_FILENO)) {
			(void)puts("closed");
			break;
		}
		if (polled[0].revents != 0)
			is_open = raw_copy(STDIN_FILENO, client.fd);
	}
	client_close(&client);
	return 0;
}

static int
run_watch(const char *path, const char *operand)
{
	int64_t until = loop_now() +
			(operand != NULL ? strtol(operand, NULL, 10) : 1000);
	struct client client = { .fd = -1 };
	char *last = NULL;
	char line[4096];

	if (fgets(line, sizeof(line), stdin) == NULL)
		return 1;
	line[strcspn(line, "\n")] = '\0';
	while (loop_now() < until) {
		const char *reply = NULL;

		if (client.fd < 0 && !client_open(&client, path))
			return 1;
		if (client_say(&client, line))
			reply = client_hear(&client);
		if (reply == NULL)
			reply = "closed";
		if (last == NULL || strcmp(last, reply) != 0) {
			(void)puts(reply);
			(void)fflush(stdout);
			free(last);
			last = mem_string(reply);
		}
		if (strcmp(reply, "closed") == 0)
			client_close(&client);
	}
	free(last);
	client_close(&client);
	return 0;
}

static int
run_mute(const char *path, const char *operand)
{
	const struct timeval for_ever = { 0 };
	struct client client;
	unsigned long said = 0;
	char line[4096];
	size_t len;
	ssize_t put;

	(void)operand;
	if (!client_open(&client, path) ||
	    fgets(line, sizeof(line), stdin) == NULL)
		return 1;
	len = strlen(line);
	(void)setsockopt(
	    client.fd, SOL_SOCKET, SO_SNDTIMEO, &for_ever, sizeof(for_ever));
	while ((put = send(client.fd, line, len, MSG_NOSIGNAL)) > 0)
		said += (size_t)put;
	(void)printf("%lu\n", said);
	client_close(&client);
	return 0;
}

static int
run_notify(const char *path, const char *operand)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char message[4096];
	ssize_t got;

	(void)operand;
	(void)strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		perror(path);
		return 1;
	}
	while ((got = recv(fd, message, sizeof(message), 0)) > 0) {
		(void)printf("%.*s\n", (int)got, message);
		(void)fflush(stdout);
	}
	(void)close(fd);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const char *path, const char *operand);
	} roles[] = {
		{ "ask", run_ask },
		{ "crowd", run_crowd },
		{ "raw", run_raw },
		{ "watch", run_watch },
		{ "mute", run_mute },
		{ "notify", run_notify },
	};

	for (size_t i = 0; argc > 2 && i < sizeof(roles) / sizeof(roles[0]);
	     i++)
		if (strcmp(roles[i].name, argv[1]) == 0)
			return roles[i].run(argv[2], argc > 3 ? argv[3] : NULL);
	(void)fprintf(stderr,
	    "usage: peer ask|crowd|raw|watch|mute|notify SOCKET [NUMBER]\n");
	return 2;
}
