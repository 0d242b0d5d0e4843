/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json_cost.h"
#include "base/limit.h"

enum {
	READ_SIZE = 65536,
	PATIENCE = 1024 *
		   1024, /* octets under way before the peer is awaited */
	HELD = 65536,    /* octets that wait for more */
	TURN = 1,        /* milliseconds of messages in one turn of the loop */
};

struct head {
	uint32_t message;
	uint32_t len;
};

static void
end(struct channel *channel)
{
	channel_close(channel);
	channel->closed(channel->arg);
}

void
channel_close(struct channel *channel)
{
	loop_timer_clear(channel->loop, &channel->more);
	if (channel->io.fd >= 0) {
		loop_remove(channel->loop, &channel->io);
		(void)close(channel->io.fd);
	}
	channel->io.fd = -1;
	buf_fini(&channel->in);
	buf_fini(&channel->out);
	channel->sent = 0;
}

/* Send what can be sent now; false: the peer is gone. */
static bool
flush(struct channel *channel)
{
	while (channel->sent < channel->out.len) {
		ssize_t count = send(channel->io.fd,
		    channel->out.data + channel->sent,
		    channel->out.len - channel->sent,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count >= 0)
			channel->sent += (size_t)count;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			return false;
	}
	/*
	 * Who is always a little behind must not make it grow for ever; what
	 * is moved then is no more than what was sent.
	 */
	if (channel->sent == channel->out.len ||
	    (channel->sent > PATIENCE &&
		channel->sent >= channel->out.len / 2)) {
		buf_consume(&channel->out, channel->sent);
		channel->sent = 0;
	}
	if (channel->out.len == 0 && channel->out.room > 2 * HELD)
		buf_fini(&channel->out);
	return true;
}

static bool
is_waiting(const struct channel *channel)
{
	return channel->sent < channel->out.len;
}

static void
watch(struct channel *channel)
{
	uint32_t wanted = is_waiting(channel) ? EPOLLIN | EPOLLOUT : EPOLLIN;

	if (wanted != channel->events)
		loop_change(channel->loop, &channel->io, wanted);
	channel->events = wanted;
}

/* Neither end sends, or takes, what costs more to decode. */
static bool
is_modest(const char *text, size_t len)
{
	const struct json_cost most = { LIMIT_JSON_DEPTH, LIMIT_MESSAGE_LISTS,
		LIMIT_MESSAGE_VALUES };

	return json_cost_is_within(text, len, &most);
}

bool
channel_put(struct channel *channel, enum message message, json_t *object)
{
	struct head head = { .message = message };
	char *text;

	if (channel->io.fd < 0) {
		json_decref(object);
		return true;
	}
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (text == NULL || strlen(text) > LIMIT_MESSAGE ||
	    !is_modest(text, strlen(text))) {
		free(text);
		return false;
	}
	head.len = (uint32_t)strlen(text);
	buf_add(&channel->out, &head, sizeof(head));
	buf_add(&channel->out, text, head.len);
	free(text);
	if (!channel->is_held || channel->out.len - channel->sent >= HELD)
		channel_flush(channel);
	return true;
}

void
channel_flush(struct channel *channel)
{
	if (channel->io.fd < 0)
		return;
	/* That it is gone is seen when it is read. */
	(void)flush(channel);
	while (channel->is_patient &&
	       channel->out.len - channel->sent > PATIENCE) {
		struct pollfd poll_fd = { channel->io.fd, POLLOUT, 0 };

		if ((poll(&poll_fd, 1, -1) < 0 && errno != EINTR) ||
		    (poll_fd.revents & (POLLERR | POLLHUP)) != 0 ||
		    !flush(channel))
			break;
	}
	watch(channel);
}

/* Return the first message's octets behind its head, or NULL. */
static const char *
first(const struct channel *channel, struct head *ret_head)
{
	if (channel->in.len < sizeof(*ret_head))
		return NULL;
	memcpy(ret_head, channel->in.data, sizeof(*ret_head));
	return channel->in.len - sizeof(*ret_head) >= ret_head->len
		   ? channel->in.data + sizeof(*ret_head)
		   : NULL;
}

static bool
is_sane(const struct channel *channel)
{
	struct head head;

	if (channel->in.len < sizeof(head))
		return true;
	memcpy(&head, channel->in.data, sizeof(head));
	return head.message < MESSAGES && head.len <= LIMIT_MESSAGE;
}

/* The peer may have been closed by what it said. */
static bool
take_first(struct channel *channel, const struct head *head, const char *data)
{
	json_t *object = is_modest(data, head->len)
			     ? json_loadb(data, head->len,
				   JSON_REJECT_DUPLICATES, NULL)
			     : NULL;
	bool is_good = json_is_object(object);

	buf_consume(&channel->in, sizeof(*head) + head->len);
	if (channel->in.len == 0)
		buf_fini(&channel->in);
	is_good = is_good && channel->take((enum message)head->message, object,
				 channel->arg);
	json_decref(object);
	return is_good;
}

static void
take_all(struct channel *channel)
{
	int64_t until = loop_now() + TURN;
	struct head head;
	const char *data;

	while (channel->io.fd >= 0 && is_sane(channel)) {
		data = first(channel, &head);
		if (data == NULL)
			return;
		if (loop_now() > until) {
			loop_timer_set(
			    channel->loop, &channel->more, loop_now());
			return;
		}
		if (!take_first(channel, &head, data))
			break;
	}
	if (channel->io.fd >= 0)
		end(channel);
}

/* What came already is taken before more is read. */
static void
channel_ready(void *arg, uint32_t events)
{
	struct channel *channel = arg;
	struct head head;
	ssize_t count;

	if ((events & EPOLLOUT) != 0) {
		if (!flush(channel)) {
			end(channel);
			return;
		}
		watch(channel);
	}
	if (first(channel, &head) == NULL) {
		buf_reserve(&channel->in, READ_SIZE);
		count = recv(channel->io.fd, channel->in.data + channel->in.len,
		    READ_SIZE, MSG_DONTWAIT);
		if (count == 0 ||
		    (count < 0 && errno != EAGAIN && errno != EINTR)) {
			end(channel);
			return;
		}
		channel->in.len += count > 0 ? (size_t)count : 0;
	}
	take_all(channel);
}

static void
more_due(void *arg)
{
	take_all(arg);
}

void
channel_open(struct channel *channel, struct loop *loop, int fd)
{
	channel->loop = loop;
	channel->io = (struct loop_io){ fd, channel_ready, channel };
	channel->more = (struct loop_timer){ .due = more_due, .arg = channel };
	channel->events = EPOLLIN;
	(void)loop_add(loop, &channel->io, EPOLLIN);
}
