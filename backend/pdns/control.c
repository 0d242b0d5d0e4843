/* SPDX-License-Identifier: MIT */
#include "pdns/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limit.h"
#include "base/mem.h"
#include "loop/log.h"
#include "sets/trie.h"

enum {
	PATIENCE = 5000,    /* milliseconds for one command */
	AGAIN = 1000,       /* milliseconds until names are purged again */
	COMMAND_MAX = 8192, /* octets; PowerDNS takes 1024000 */
};

enum command { REDISCOVER, PURGE, PURGE_AGAIN, NOTIFY };

/* A PURGE that PowerDNS has heard once. */
struct again {
	struct again *next;
	int64_t due; /* loop_now() */
	char *text;
	size_t len;
};

struct pdns_control {
	struct loop *loop;
	char *path; /* NULL: none */
	struct trie purges;
	struct trie notifies;
	struct again *first; /* the earliest */
	struct again **last; /* where the next one goes */
	bool is_rediscovery_due;
	bool is_greeting;
	struct loop_timer timer; /* to begin, or to give up */
	struct loop_io io;       /* fd -1: no command is under way */
	enum command command;
	struct buf text; /* of the command, whole */
	size_t sent;     /* octets of it */
	struct buf reply;
	bool is_alone;   /* see pdns_control_notify_alone() */
	bool is_failing; /* the log knows */
	bool is_refused; /* likewise, of a notification */
	bool is_blind;   /* likewise, of a new list of zones */
	int64_t *late;   /* see pdns_control_new(); borrowed */
};

static void
command_end(struct pdns_control *control)
{
	if (control->io.fd >= 0) {
		loop_remove(control->loop, &control->io);
		(void)close(control->io.fd);
	}
	control->io.fd = -1;
	loop_timer_clear(control->loop, &control->timer);
}

static void
trie_empty(struct trie *trie)
{
	trie_fini(trie);
	trie_init(trie, NULL);
}

static struct again *
again_take(struct pdns_control *control)
{
	struct again *again = control->first;

	control->first = again->next;
	if (control->first == NULL)
		control->last = &control->first;
	return again;
}

static void
again_free(struct again *again)
{
	free(again->text);
	free(again);
}

static void
again_add(struct pdns_control *control)
{
	struct again *again = mem_new(sizeof(*again));

	again->due = loop_now() + AGAIN;
	again->text = mem_copy(control->text.data, control->text.len);
	again->len = control->text.len;
	*control->last = again;
	control->last = &again->next;
}

static void
forget(struct pdns_control *control)
{
	trie_empty(&control->purges);
	trie_empty(&control->notifies);
	control->is_rediscovery_due = false;
	while (control->first != NULL)
		again_free(again_take(control));
}

static void
fail(struct pdns_control *control, const char *what)
{
	command_end(control);
	control->is_greeting = false;
	if (!control->is_failing)
		log_line(LOG_LEVEL_WARNING,
		    "PowerDNS's control socket '%s': %s; caches are not "
		    "purged and secondaries not notified at once",
		    control->path, what);
	control->is_failing = true;
	*control->late = (int64_t)time(NULL);
	forget(control);
}

static void command_begin(struct pdns_control *control);

/* Say once what PowerDNS did not do. */
static void
command_check(struct pdns_control *control, const char *good, const char *what,
    bool *is_known)
{
	const char *reply = buf_text(&control->reply);

	if (strncmp(reply, good, strlen(good)) == 0)
		return;
	if (!*is_known)
		log_line(LOG_LEVEL_WARNING, "PowerDNS does not %s: %.*s", what,
		    (int)strcspn(reply, "\n"), reply);
	*is_known = true;
}

static bool
is_no_primary(const char *reply)
{
	static const char text[] = "PowerDNS not configured as primary";

	return strncmp(reply, text, sizeof(text) - 1) == 0;
}

/* PowerDNS ends each command by closing the connection. */
static void
command_done(struct pdns_control *control)
{
	command_end(control);
	control->is_greeting = false;
	if (control->is_failing)
		log_line(LOG_LEVEL_NOTICE,
		    "PowerDNS's control socket '%s': answers again",
		    control->path);
	control->is_failing = false;
	if (control->command == NOTIFY &&
	    !(control->is_alone && is_no_primary(buf_text(&control->reply))))
		command_check(control, "Added", "notify secondaries",
		    &control->is_refused);
	else if (control->command == REDISCOVER)
		command_check(control, "Ok", "ask for our zones anew",
		    &control->is_blind);
	else if (control->command == PURGE)
		again_add(control);
	command_begin(control);
}

static bool
command_send(struct pdns_control *control)
{
	while (control->sent < control->text.len) {
		ssize_t sent = send(control->io.fd,
		    control->text.data + control->sent,
		    control->text.len - control->sent, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN;
		control->sent += (size_t)sent;
	}
	loop_change(control->loop, &control->io, EPOLLIN);
	return true;
}

static void
control_ready(void *arg, uint32_t events)
{
	struct pdns_control *control = arg;
	bool is_sent = control->sent == control->text.len;
	char octets[1024];
	ssize_t got;

	if (!is_sent && (events & EPOLLOUT) != 0) {
		if (!command_send(control))
			fail(control, strerror(errno));
		return;
	}
	got = recv(control->io.fd, octets, sizeof(octets), 0);
	if (got == 0 && is_sent)
		command_done(control);
	else if (got == 0)
		fail(control, "the connection was closed");
	else if (got > 0 && control->reply.len + (size_t)got > LIMIT_PDNS_REPLY)
		fail(control, "an answer is longer than 4096 octets");
	else if (got > 0)
		buf_add(&control->reply, octets, (size_t)got);
	else if (got < 0 && errno != EAGAIN && errno != EINTR)
		fail(control, strerror(errno));
}

/* Take names until the command is long enough. */
static void
purge_format(struct pdns_control *control)
{
	struct trie_entry entry;

	control->command = PURGE;
	buf_add_string(&control->text, "PURGE");
	while (control->text.len < COMMAND_MAX &&
	       trie_first(&control->purges, &entry)) {
		buf_add_string(&control->text, " ");
		buf_add(&control->text, entry.key, entry.len);
		(void)trie_remove(&control->purges, entry.key, entry.len);
	}
	buf_add_string(&control->text, "\n");
}

static void
notify_format(struct pdns_control *control)
{
	struct trie_entry entry;

	control->command = NOTIFY;
	(void)trie_first(&control->notifies, &entry);
	control->is_alone = entry.value != control;
	buf_add_string(&control->text, "NOTIFY ");
	buf_add(&control->text, entry.key, entry.len);
	(void)trie_remove(&control->notifies, entry.key, entry.len);
	buf_add_string(&control->text, "\n");
}

static void
again_format(struct pdns_control *control)
{
	struct again *again = again_take(control);

	control->command = PURGE_AGAIN;
	buf_add(&control->text, again->text, again->len);
	again_free(again);
}

static bool
command_format(struct pdns_control *control)
{
	buf_clear(&control->text);
	control->sent = 0;
	buf_clear(&control->reply);
	if (control->is_rediscovery_due) {
		control->is_rediscovery_due = false;
		control->command = REDISCOVER;
		buf_add_string(&control->text, "REDISCOVER\n");
	} else if (control->purges.count > 0) {
		purge_format(control);
	} else if (control->notifies.count > 0) {
		notify_format(control);
	} else if (control->first != NULL &&
		   control->first->due <= loop_now()) {
		again_format(control);
	}
	return control->text.len > 0;
}

static bool
control_connect(struct pdns_control *control)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	/* The configuration knows how long a socket's path may be. */
	memcpy(address.sun_path, control->path, strlen(control->path) + 1);
	control->io.fd = socket(
	    AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (control->io.fd < 0)
		return false;
	if (connect(control->io.fd, (struct sockaddr *)&address,
		sizeof(address)) != 0 ||
	    !loop_add(control->loop, &control->io, EPOLLIN | EPOLLOUT)) {
		int error = errno;

		(void)close(control->io.fd);
		control->io.fd = -1;
		errno = error;
		return false;
	}
	return true;
}

static void
connect_failed(struct pdns_control *control, int error)
{
	if (control->is_greeting &&
	    (error == ENOENT || error == ECONNREFUSED)) {
		control->is_greeting = false;
		forget(control);
	} else {
		fail(control, strerror(error));
	}
}

static void
command_begin(struct pdns_control *control)
{
	if (control->path == NULL)
		return;
	if (!command_format(control)) {
		if (control->first != NULL)
			loop_timer_set(control->loop, &control->timer,
			    control->first->due);
		return;
	}
	if (!control_connect(control)) {
		connect_failed(control, errno);
		return;
	}
	loop_timer_set(control->loop, &control->timer, loop_now() + PATIENCE);
}

static void
control_due(void *arg)
{
	struct pdns_control *control = arg;

	if (control->io.fd >= 0)
		fail(control, "no answer within 5 seconds");
	else
		command_begin(control);
}

static void
control_wake(struct pdns_control *control)
{
	if (control->io.fd < 0)
		loop_timer_set(control->loop, &control->timer, loop_now());
}

struct pdns_control *
pdns_control_new(struct loop *loop, int64_t *ret_late)
{
	struct pdns_control *control = mem_new(sizeof(*control));

	control->loop = loop;
	control->io = (struct loop_io){ -1, control_ready, control };
	control->timer.due = control_due;
	control->timer.arg = control;
	trie_init(&control->purges, NULL);
	trie_init(&control->notifies, NULL);
	control->last = &control->first;
	control->late = ret_late;
	*ret_late = INT64_MAX;
	return control;
}

void
pdns_control_free(struct pdns_control *control)
{
	if (control == NULL)
		return;
	command_end(control);
	forget(control);
	trie_fini(&control->purges);
	trie_fini(&control->notifies);
	buf_fini(&control->text);
	buf_fini(&control->reply);
	free(control->path);
	free(control);
}

void
pdns_control_set_path(struct pdns_control *control, const char *path)
{
	if (path != NULL && control->path != NULL &&
	    strcmp(path, control->path) == 0)
		return;
	command_end(control);
	free(control->path);
	control->path = path != NULL ? mem_string(path) : NULL;
	control->is_failing = false;
	control->is_refused = false;
	control->is_blind = false;
	if (path == NULL) {
		*control->late = INT64_MAX;
		forget(control);
		return;
	}
	/* Whoever ran before us told of what he changed. */
	*control->late = 0;
	control_wake(control);
}

static void
control_queue(struct pdns_control *control, struct trie *queue,
    const char *name, void *value)
{
	if (control->path == NULL)
		return;
	trie_set(queue, name, strlen(name), value);
	control_wake(control);
}

void
pdns_control_rediscover(struct pdns_control *control)
{
	if (control->path == NULL)
		return;
	control->is_rediscovery_due = true;
	control_wake(control);
}

void
pdns_control_greet(struct pdns_control *control)
{
	control->is_greeting = control->path != NULL;
}

void
pdns_control_purge(struct pdns_control *control, const char *name)
{
	control_queue(control, &control->purges, name, control);
}

void
pdns_control_notify(struct pdns_control *control, const char *zone)
{
	control_queue(control, &control->notifies, zone, control);
}

void
pdns_control_notify_alone(struct pdns_control *control, const char *zone)
{
	/* The value tells them apart. */
	control_queue(control, &control->notifies, zone, &control->notifies);
}
