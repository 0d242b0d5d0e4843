/* SPDX-License-Identifier: MIT */
#include "control_client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "buf.h"
#include "mem.h"

enum {
	PATIENCE = 10,       /* seconds for one answer */
	RELOADS = 5,         /* in the middle of a list, before giving up */
	REPLY_MAX = 1 << 24, /* octets */
};

struct control_client {
	int fd;
	char *path;
};

enum status
control_client_new(const char *path, struct control_client **ret_client,
    struct problem *problem)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control_client *client;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	enum status status = STATUS_IO;

	/* The configuration limits its length. */
	(void)strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
			  sizeof(address)) != 0) {
		if (errno == ENOENT || errno == ECONNREFUSED) {
			status = STATUS_ABSENT;
			problem_set(problem,
			    "%s: no daemon answers there; start it: systemctl "
			    "start pdns-tlsa",
			    path);
		} else {
			problem_set(problem, "%s: %s%s", path, strerror(errno),
			    errno == EACCES ? "; run as root, or as the user "
					      "of the daemon"
					    : "");
		}
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	client = mem_new(sizeof(*client));
	client->fd = fd;
	client->path = mem_string(path);
	*ret_client = client;
	return STATUS_OK;
}

void
control_client_free(struct control_client *client)
{
	if (client == NULL)
		return;
	(void)close(client->fd);
	free(client->path);
	free(client);
}

static bool
send_whole(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		text += sent;
		len -= (size_t)sent;
	}
	return true;
}

/* Read up to the newline; nothing comes behind it unasked. */
static bool
receive_line(int fd, struct buf *line)
{
	char octets[16384];

	while (line->len == 0 || line->data[line->len - 1] != '\n') {
		ssize_t got = recv(fd, octets, sizeof(octets), 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || line->len > REPLY_MAX) {
			if (got == 0)
				errno = ECONNRESET;
			return false;
		}
		buf_add(line, octets, (size_t)got);
	}
	return true;
}

json_t *
control_ask(struct control_client *client, const char *method,
    json_t *parameters, struct problem *problem)
{
	json_t *question = json_pack(
	    "{s:s,s:o*}", "method", method, "parameters", parameters);
	char *text = json_dumps(question, JSON_COMPACT);
	struct buf line = { 0 };
	json_t *answer = NULL;
	json_t *result = NULL;

	buf_add_format(&line, "%s\n", text != NULL ? text : "");
	free(text);
	json_decref(question);
	if (send_whole(client->fd, line.data, line.len)) {
		buf_clear(&line);
		if (receive_line(client->fd, &line))
			answer = json_loadb(line.data, line.len, 0, NULL);
	}
	if (answer == NULL)
		problem_set(problem, "%s: %s", client->path,
		    errno == EAGAIN ? "no answer within 10 seconds"
				    : strerror(errno));
	result = json_object_get(answer, "result");
	if (answer != NULL && (result == NULL || json_is_null(result))) {
		problem_set(problem,
		    "%s: the daemon does not know '%s'; is it of the same "
		    "version?",
		    client->path, method);
		result = NULL;
	}
	json_incref(result);
	json_decref(answer);
	buf_fini(&line);
	return result;
}

json_t *
control_ask_list(
    struct control_client *client, const char *method, struct problem *problem)
{
	json_t *list = json_array();
	json_int_t edition = -1;
	int reloads = 0;

	for (;;) {
		json_t *page = control_ask(client, method,
		    json_pack(
			"{s:I}", "from", (json_int_t)json_array_size(list)),
		    problem);
		json_t *items = json_object_get(page, "list");
		json_int_t total = json_integer_value(
		    json_object_get(page, "total"));
		json_int_t now = json_integer_value(
		    json_object_get(page, "edition"));
		bool is_last;

		if (page == NULL) {
			json_decref(list);
			return NULL;
		}
		if (now != edition && edition >= 0 && reloads++ < RELOADS) {
			(void)json_array_clear(list);
			edition = now;
			json_decref(page);
			continue;
		}
		edition = now;
		is_last = json_array_size(items) == 0;
		(void)json_array_extend(list, items);
		json_decref(page);
		if (is_last || (json_int_t)json_array_size(list) >= total)
			return list;
	}
}
