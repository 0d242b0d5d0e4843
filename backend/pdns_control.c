/* SPDX-License-Identifier: MIT */
#include "pdns_control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "buf.h"
#include "log.h"
#include "mem.h"
#include "trie.h"

enum {
	PATIENCE = 5000,    /* milliseconds for one command */
	COMMAND_MAX = 8192, /* octets; PowerDNS takes 1024000 */
	REPLY_MAX = 4096,
};

struct pdns_control {
	struct loop *loop;
	char *path; /* NULL: none */
	struct trie purges;
	struct trie notifies;
	struct loop_timer timer; /* to begin, or to give up */
	struct loop_io io;       /* fd -1: no command is under way */
	struct buf command;      /* what is not yet sent of it */
	struct buf reply;
	bool is_notify;
	bool is_failing; /* the log knows */
	bool is_refused; /* likewise, of a notification */
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

static void
fail(struct pdns_control *control, const char *what)
{
	command_end(control);
	if (!control->is_failing)
		log_line(LOG_LEVEL_WARNING,
		    "PowerDNS's control socket '%s': %s; caches are not "
		    "purged and secondaries not notified at once",
		    control->path, what);
	control->is_failing = true;
	trie_empty(&control->purges);
	trie_empty(&control->notifies);
}

static void command_begin(struct pdns_control *control);

/* PowerDNS ends each command by closing the connection. */
static void
command_done(struct pdns_control *control)
{
	const char *reply = buf_text(&control->reply);

	command_end(control);
	if (control->is_failing)
		log_line(LOG_LEVEL_NOTICE,
		    "PowerDNS's control socket '%s': answers again",
		    control->path);
	control->is_failing = false;
	if (control->is_notify && strncmp(reply, "Added", 5) != 0) {
		if (!control->is_refused)
			log_line(LOG_LEVEL_WARNING,
			    "PowerDNS does not notify secondaries: %.*s",
			    (int)strcspn(reply, "\n"), reply);
		control->is_refused = true;
	}
	command_begin(control);
}

static bool
command_send(struct pdns_control *control)
{
	while (control->command.len > 0) {
		ssize_t sent = send(control->io.fd, control->command.data,
		    control->command.len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN;
		buf_consume(&control->command, (size_t)sent);
	}
	loop_change(control->loop, &control->io, EPOLLIN);
	return true;
}

static void
control_ready(void *arg, uint32_t events)
{
	struct pdns_control *control = arg;
	char octets[1024];
	ssize_t got;

	if (control->command.len > 0 && (events & EPOLLOUT) != 0) {
		if (!command_send(control))
			fail(control, strerror(errno));
		return;
	}
	got = recv(control->io.fd, octets, sizeof(octets), 0);
	if (got == 0 && control->command.len == 0)
		command_done(control);
	else if (got == 0)
		fail(control, "the connection was closed");
	else if (got > 0 && control->reply.len < REPLY_MAX)
		buf_add(&control->reply, octets, (size_t)got);
	else if (got < 0 && errno != EAGAIN && errno != EINTR)
		fail(control, strerror(errno));
}

/* Take names until the command is long enough. */
static void
purge_format(struct pdns_control *control)
{
	struct trie_entry entry;

	buf_add_string(&control->command, "PURGE");
	while (control->command.len < COMMAND_MAX &&
	       trie_first(&control->purges, &entry)) {
		buf_add_string(&control->command, " ");
		buf_add(&control->command, entry.key, entry.len);
		(void)trie_remove(&control->purges, entry.key, entry.len);
	}
}

static bool
command_format(struct pdns_control *control)
{
	struct trie_entry entry;

	buf_clear(&control->command);
	buf_clear(&control->reply);
	control->is_notify = false;
	if (control->purges.count > 0) {
		purge_format(control);
	} else if (trie_first(&control->notifies, &entry)) {
		control->is_notify = true;
		buf_add_string(&control->command, "NOTIFY ");
		buf_add(&control->command, entry.key, entry.len);
		(void)trie_remove(&control->notifies, entry.key, entry.len);
	} else {
		return false;
	}
	buf_add_string(&control->command, "\n");
	return true;
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
command_begin(struct pdns_control *control)
{
	if (control->path == NULL || !command_format(control))
		return;
	if (!control_connect(control)) {
		fail(control, strerror(errno));
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

struct pdns_control *
pdns_control_new(struct loop *loop, const char *path)
{
	struct pdns_control *control = mem_new(sizeof(*control));

	control->loop = loop;
	control->io = (struct loop_io){ -1, control_ready, control };
	control->timer.due = control_due;
	control->timer.arg = control;
	trie_init(&control->purges, NULL);
	trie_init(&control->notifies, NULL);
	pdns_control_set_path(control, path);
	return control;
}

void
pdns_control_free(struct pdns_control *control)
{
	if (control == NULL)
		return;
	command_end(control);
	trie_fini(&control->purges);
	trie_fini(&control->notifies);
	buf_fini(&control->command);
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
}

static void
control_queue(
    struct pdns_control *control, struct trie *queue, const char *name)
{
	if (control->path == NULL)
		return;
	trie_set(queue, name, strlen(name), control);
	if (control->io.fd < 0)
		loop_timer_set(control->loop, &control->timer, loop_now());
}

void
pdns_control_purge(struct pdns_control *control, const char *name)
{
	control_queue(control, &control->purges, name);
}

void
pdns_control_notify(struct pdns_control *control, const char *zone)
{
	control_queue(control, &control->notifies, zone);
}
