/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

bool
client_open(struct client *client, const char *path)
{
	const struct timeval patience = { .tv_sec = CLIENT_PATIENCE };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*client = (struct client){ .fd = -1 };
	if (fd < 0)
		return false;
	(void)strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
	    0) {
		(void)close(fd);
		return false;
	}
	client->fd = fd;
	return true;
}

void
client_close(struct client *client)
{
	if (client->fd >= 0)
		(void)close(client->fd);
	buf_fini(&client->in);
	client->fd = -1;
}

bool
client_say(struct client *client, const char *line)
{
	struct buf text = { 0 };
	size_t said = 0;
	ssize_t put = 1;

	buf_add_string(&text, line);
	buf_add_string(&text, "\n");
	while (said < text.len && put > 0) {
		put = send(client->fd, text.data + said, text.len - said,
		    MSG_NOSIGNAL);
		if (put > 0)
			said += (size_t)put;
	}
	buf_fini(&text);
	return put > 0;
}

const char *
client_hear(struct client *client)
{
	struct buf *in = &client->in;

	buf_clear(in);
	while (in->len == 0 || in->data[in->len - 1] != '\n') {
		ssize_t got;

		buf_reserve(in, 4096);
		got = recv(client->fd, in->data + in->len, 4096, 0);
		if (got <= 0)
			return NULL;
		in->len += (size_t)got;
	}
	in->len--;
	return buf_text(in);
}

static int
text_order(const void *left, const void *right)
{
	const char *const *a = left;
	const char *const *b = right;

	return strcmp(*a, *b);
}

/* Return the content of a TLSA record of `name`, borrowed, or NULL. */
static const char *
record_content(const json_t *record, const char *name)
{
	const char *type = json_string_value(json_object_get(record, "qtype"));
	const char *owner = json_string_value(json_object_get(record, "qname"));

	if (type == NULL || strcmp(type, "TLSA") != 0 || owner == NULL ||
	    strcmp(owner, name) != 0)
		return NULL;
	return json_string_value(json_object_get(record, "content"));
}

static bool
is_empty_non_terminal(const json_t *records)
{
	const char *type = json_string_value(
	    json_object_get(json_array_get(records, 0), "qtype"));

	return json_array_size(records) == 1 && type != NULL &&
	       strcmp(type, "ENT") == 0;
}

static enum answer
records_sort(const json_t *records, const char *name, struct buf *ret_rrset)
{
	size_t count = json_array_size(records);
	const char **texts = mem_array(count + 1, sizeof(*texts));
	enum answer answer = ANSWER_RRSET;

	if (!json_is_array(records))
		answer = ANSWER_FAILURE;
	else if (count == 0 || is_empty_non_terminal(records))
		answer = ANSWER_NOTHING;
	for (size_t i = 0; i < count && answer == ANSWER_RRSET; i++) {
		texts[i] = record_content(json_array_get(records, i), name);
		if (texts[i] == NULL)
			answer = ANSWER_FAILURE;
	}
	if (answer == ANSWER_RRSET) {
		qsort(texts, count, sizeof(*texts), text_order);
		for (size_t i = 0; i < count; i++)
			buf_add_format(ret_rrset, "%s\n", texts[i]);
	}
	free(texts);
	return answer;
}

enum answer
client_lookup(struct client *client, const char *name, struct buf *ret_rrset)
{
	struct buf line = { 0 };
	const char *reply = NULL;
	enum answer answer;
	json_t *root;

	buf_clear(ret_rrset);
	buf_add_format(&line,
	    "{\"method\": \"lookup\", \"parameters\": {\"qname\": \"%s\", "
	    "\"qtype\": \"ANY\", \"zone-id\": -1}}",
	    name);
	if (client_say(client, buf_text(&line)))
		reply = client_hear(client);
	buf_fini(&line);
	if (reply == NULL)
		return ANSWER_FAILURE;
	root = json_loads(reply, JSON_REJECT_DUPLICATES, NULL);
	answer = records_sort(json_object_get(root, "result"), name, ret_rrset);
	json_decref(root);
	return answer;
}
