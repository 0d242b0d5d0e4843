/* SPDX-License-Identifier: MIT */
#include "control/client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limit.h"
#include "base/mem.h"
#include "control/member.h"
#include "control/parts.h"
#include "loop/deadline.h"

enum { RELOADS = 5 }; /* in the middle of a list, before giving up */

struct control_client {
	int fd;
	char *path;
	int answer_ms; /* see control_client_hurry() */
	int list_ms;
};

/* Say why nobody can be asked; returns the status. */
static enum status
connect_failed(
    const struct deadline *deadline, const char *path, struct problem *problem)
{
	if (errno == ENOENT || errno == ECONNREFUSED) {
		problem_set(problem,
		    "%s: no daemon answers there; start it: systemctl "
		    "start pdns-tlsa",
		    path);
		return STATUS_ABSENT;
	}
	if (errno == EACCES)
		problem_set(problem,
		    "%s: %s; run as root, or as the user of the daemon", path,
		    strerror(errno));
	else
		deadline_problem(
		    deadline, path, "the daemon takes no connection", problem);
	return STATUS_IO;
}

enum status
control_client_new(const char *path, struct control_client **ret_client,
    struct problem *problem)
{
	const struct deadline deadline = deadline_in(CONTROL_ANSWER_MS);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control_client *client;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	enum status status;

	/* The configuration limits its length. */
	(void)strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0 || !deadline_connect(&deadline, fd,
			  (const struct sockaddr *)&address, sizeof(address))) {
		status = connect_failed(&deadline, path, problem);
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	client = mem_new(sizeof(*client));
	client->fd = fd;
	client->path = mem_string(path);
	client->answer_ms = CONTROL_ANSWER_MS;
	client->list_ms = CONTROL_LIST_MS;
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

void
control_client_hurry(struct control_client *client, int answer_ms, int list_ms)
{
	client->answer_ms = answer_ms;
	client->list_ms = list_ms;
}

/* Read up to the newline; nothing comes behind it unasked. */
static bool
receive_line(const struct deadline *deadline, int fd, struct buf *line)
{
	char octets[16384];

	while (line->len == 0 || line->data[line->len - 1] != '\n') {
		ssize_t got = deadline_receive(
		    deadline, fd, octets, sizeof(octets));

		if (got == 0)
			errno = ECONNRESET;
		if (got > 0 && line->len + (size_t)got > LIMIT_CONTROL_REPLY) {
			errno = EMSGSIZE;
			got = -1;
		}
		if (got <= 0)
			return false;
		buf_add(line, octets, (size_t)got);
	}
	return true;
}

/* Send a question and take the answer; NULL: errno says why. */
static json_t *
converse(
    const struct deadline *deadline, int fd, const char *text, size_t *ret_len)
{
	struct buf line = { 0 };
	json_t *answer = NULL;

	buf_add_format(&line, "%s\n", text);
	if (deadline_send(deadline, fd, line.data, line.len)) {
		buf_clear(&line);
		if (receive_line(deadline, fd, &line)) {
			answer = json_loadb(line.data, line.len, 0, NULL);
			errno = EBADMSG; /* not JSON */
		}
	}
	*ret_len = line.len;
	buf_fini(&line);
	return answer;
}

/* Ask one question; *ret_len is how many octets came. */
static json_t *
ask(struct control_client *client, const struct deadline *deadline,
    const char *method, json_t *parameters, size_t *ret_len,
    struct problem *problem)
{
	json_t *question = json_pack(
	    "{s:s,s:o*}", "method", method, "parameters", parameters);
	char *text = json_dumps(question, JSON_COMPACT);
	json_t *answer = converse(
	    deadline, client->fd, text != NULL ? text : "", ret_len);
	json_t *result = json_object_get(answer, "result");

	free(text);
	json_decref(question);
	if (answer == NULL && errno == EMSGSIZE) {
		problem_set(problem, "%s: an answer is longer than %d octets",
		    client->path, LIMIT_CONTROL_REPLY);
	} else if (answer == NULL) {
		deadline_problem(
		    deadline, client->path, "no whole answer", problem);
	} else if (result == NULL || json_is_null(result)) {
		problem_set(problem,
		    "%s: the daemon does not know '%s'; is it of the same "
		    "version?",
		    client->path, method);
		result = NULL;
	}
	json_incref(result);
	json_decref(answer);
	return result;
}

json_t *
control_ask(struct control_client *client, const char *method,
    json_t *parameters, struct problem *problem)
{
	const struct deadline deadline = deadline_in(client->answer_ms);
	size_t len;

	return ask(client, &deadline, method, parameters, &len, problem);
}

/* A list on its way, and what it may still take. */
struct listing {
	struct deadline whole;
	json_t *list;
	json_int_t edition; /* -1: none yet */
	json_int_t next; /* of the last one, which is a part; 0: it is whole */
	int reloads;
	size_t octets;
};

/* No answer came; perhaps because the time for all of them is over. */
static void
blame_whole(const struct control_client *client, const struct deadline *whole,
    struct problem *problem)
{
	if (!deadline_is_over(whole))
		return;
	errno = ETIMEDOUT;
	deadline_problem(whole, client->path, "no whole list", problem);
}

/* Ask for the next page; NULL with `problem`: it goes no further. */
static json_t *
page_ask(struct control_client *client, struct listing *listing,
    const char *method, struct problem *problem)
{
	/* Each page in its time, all of them in theirs. */
	const struct deadline deadline = deadline_within(
	    &listing->whole, client->answer_ms);
	size_t len = 0;
	json_t *page = ask(client, &deadline, method,
	    json_pack("{s:I,s:i,s:I}", "from",
		(json_int_t)json_array_size(listing->list) -
		    (listing->next > 0),
		"parts", 1, "service", listing->next),
	    &len, problem);

	listing->octets += len;
	if (page == NULL) {
		blame_whole(client, &listing->whole, problem);
	} else if (listing->octets > LIMIT_CONTROL_LIST) {
		problem_set(problem, "%s: a list is longer than %d octets",
		    client->path, LIMIT_CONTROL_LIST);
		json_decref(page);
		page = NULL;
	}
	return page;
}

/* The first item may belong to our last one, which else is there no more. */
static void
page_join(struct listing *listing, json_t *items)
{
	size_t last = json_array_size(listing->list) - 1;
	json_t *whole = json_array_get(listing->list, last);
	const json_t *part = json_array_get(items, 0);

	if (part != NULL && parts_belong(whole, part)) {
		parts_join(whole, part);
		(void)json_array_remove(items, 0);
	} else {
		(void)json_array_remove(listing->list, last);
		/* It began in the middle of another one. */
		(void)json_array_clear(items);
	}
}

/* Take a page over; false if it was the last one. */
static bool
page_take(struct listing *listing, json_t *page)
{
	json_t *items = json_object_get(page, "list");
	json_int_t total = json_integer_value(json_object_get(page, "total"));
	json_int_t now = json_integer_value(json_object_get(page, "edition"));
	bool is_other = now != listing->edition && listing->edition >= 0;
	bool is_some = json_array_size(items) > 0;

	listing->edition = now;
	if (is_other && listing->reloads++ < RELOADS) {
		(void)json_array_clear(listing->list);
		listing->next = 0;
		return true;
	}
	if (listing->next > 0)
		page_join(listing, items);
	(void)json_array_extend(listing->list, items);
	listing->next = number_of(
	    json_array_get(listing->list, json_array_size(listing->list) - 1),
	    "next");
	return is_some && (listing->next > 0 || (json_int_t)json_array_size(
						    listing->list) < total);
}

json_t *
control_ask_list(
    struct control_client *client, const char *method, struct problem *problem)
{
	struct listing listing = { .whole = deadline_in(client->list_ms),
		.list = json_array(),
		.edition = -1 };
	bool has_more;

	do {
		json_t *page = page_ask(client, &listing, method, problem);

		if (page == NULL) {
			json_decref(listing.list);
			return NULL;
		}
		has_more = page_take(&listing, page);
		json_decref(page);
	} while (has_more);
	return listing.list;
}

/* Ask for the part behind `whole`; false with `problem`: no answer came. */
static bool
part_ask(struct control_client *client, const struct deadline *all,
    json_t *parameters, json_t *whole, struct problem *problem)
{
	const struct deadline deadline = deadline_within(
	    all, client->answer_ms);
	json_int_t next = number_of(whole, "next");
	size_t len;
	json_t *list;
	const json_t *part;

	(void)json_object_set(
	    parameters, "source", json_object_get(whole, "source"));
	(void)json_object_set_new(parameters, "service", json_integer(next));
	list = ask(client, &deadline, "safety", json_incref(parameters), &len,
	    problem);
	if (list == NULL) {
		blame_whole(client, all, problem);
		return false;
	}
	part = json_array_get(list, 0);
	if (part != NULL && parts_belong(whole, part)) {
		parts_join(whole, part);
	} else {
		(void)json_object_del(whole, "leaf");
		(void)json_object_del(whole, "next");
	}
	json_decref(list);
	return true;
}

json_t *
control_ask_safety(struct control_client *client, const char *lineage,
    json_t *see, struct problem *problem)
{
	const struct deadline deadline = deadline_in(client->list_ms);
	json_t *parameters = json_pack(
	    "{s:s,s:o*,s:i}", "lineage", lineage, "see", see, "parts", 1);
	json_t *list = control_ask(
	    client, "safety", json_incref(parameters), problem);
	bool is_good = list != NULL;

	for (size_t i = 0; is_good && i < json_array_size(list); i++) {
		json_t *whole = json_array_get(list, i);

		while (is_good && number_of(whole, "next") > 0)
			is_good = part_ask(
			    client, &deadline, parameters, whole, problem);
	}
	json_decref(parameters);
	if (is_good)
		return list;
	json_decref(list);
	return NULL;
}
