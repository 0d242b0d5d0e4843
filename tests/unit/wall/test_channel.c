/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "channel_pair.h"

/* One end is a channel, the other what writes octets as it likes. */

enum { TURNS = 10000, CLOSE = 1, REFUSE = 2, SLOW = 3 };

struct head {
	uint32_t message;
	uint32_t len;
};

struct world {
	struct loop loop;
	struct channel channel;
	int peer;
	size_t taken;  /* messages, numbered from 0 on by their "n" */
	size_t closed; /* calls */
	int special;   /* what to do with the message number `at` */
	size_t at;
	bool is_late; /* something was taken after `closed` */
	enum message last;
};

static bool
take(enum message message, json_t *object, void *arg)
{
	struct world *world = arg;
	const struct timespec pause = { 0, 3000000 };

	assert_true(json_is_object(object));
	world->is_late |= world->closed > 0 || world->channel.io.fd < 0;
	world->last = message;
	assert_int_equal(
	    json_integer_value(json_object_get(object, "n")), world->taken);
	world->taken++;
	if (world->special == SLOW)
		(void)nanosleep(&pause, NULL);
	if (world->special == CLOSE && world->at == world->taken)
		channel_close(&world->channel);
	return world->special != REFUSE || world->at != world->taken;
}

static void
closed(void *arg)
{
	struct world *world = arg;

	world->closed++;
	assert_int_equal(world->channel.io.fd, -1);
}

static void
world_begin(struct world *world)
{
	*world = (struct world){ .channel = {
				     .take = take, .closed = closed } };
	world->channel.arg = world;
	world->peer = channel_pair(&world->channel, &world->loop);
}

static void
world_end(struct world *world)
{
	assert_false(world->is_late);
	channel_close(&world->channel);
	channel_close(&world->channel);
	if (world->peer >= 0)
		(void)close(world->peer);
	loop_fini(&world->loop);
}

static void
turns(struct world *world, size_t count)
{
	while (count-- > 0)
		loop_turn(&world->loop, 0);
}

static void
frame_add(struct buf *frames, uint32_t message, const char *body, size_t len)
{
	struct head head = { message, (uint32_t)len };

	buf_add(frames, &head, sizeof(head));
	buf_add(frames, body, len);
}

/* Messages number `from` to `to` - 1. */
static void
frames_add(struct buf *frames, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		char *body = mem_format("{\"n\":%zu}", i);

		frame_add(frames, MESSAGE_NOTE, body, strlen(body));
		free(body);
	}
}

/* Write all, while the channel reads. */
static void
pour(struct world *world, const struct buf *data)
{
	size_t sent = 0;

	while (sent < data->len && world->closed == 0) {
		ssize_t count = send(world->peer, data->data + sent,
		    data->len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		sent += count > 0 ? (size_t)count : 0;
		turns(world, 1);
	}
}

static void
test_many(void **state)
{
	struct world world;
	struct buf data = { 0 };
	size_t turn = 0;

	(void)state;
	world_begin(&world);
	frames_add(&data, 0, 5000);
	pour(&world, &data);
	while (world.taken < 5000 && turn++ < TURNS)
		turns(&world, 1);
	assert_int_equal(world.taken, 5000);
	assert_int_equal(world.last, MESSAGE_NOTE);
	assert_int_equal(world.closed, 0);
	buf_fini(&data);
	world_end(&world);
}

static void
test_split(void **state)
{
	struct buf data = { 0 };

	(void)state;
	frames_add(&data, 0, 3);
	for (size_t cut = 0; cut <= data.len; cut++) {
		struct world world;

		world_begin(&world);
		assert_int_equal(
		    send(world.peer, data.data, cut, 0), (ssize_t)cut);
		turns(&world, 3);
		assert_int_equal(world.taken, cut * 3 / data.len);
		assert_int_equal(
		    send(world.peer, data.data + cut, data.len - cut, 0),
		    (ssize_t)(data.len - cut));
		turns(&world, 5);
		assert_int_equal(world.taken, 3);
		assert_int_equal(world.closed, 0);
		world_end(&world);
	}
	buf_fini(&data);
}

/* One octet at a time. */
static void
test_drops(void **state)
{
	struct world world;
	struct buf data = { 0 };

	(void)state;
	world_begin(&world);
	frames_add(&data, 0, 3);
	for (size_t i = 0; i < data.len; i++) {
		assert_int_equal(send(world.peer, data.data + i, 1, 0), 1);
		turns(&world, 2);
		assert_int_equal(world.taken, (i + 1) * 3 / data.len);
	}
	buf_fini(&data);
	world_end(&world);
}

static const struct row {
	const char *why;
	uint32_t message;
	uint32_t len; /* that the head says; 0: that of the text */
	const char *text;
} rows[] = {
	{ "too long", MESSAGE_NOTE, LIMIT_MESSAGE + 1, "{" },
	{ "far too long", MESSAGE_NOTE, UINT32_MAX, "{" },
	{ "a kind too many", MESSAGES, 0, "{\"n\":1}" },
	{ "no kind at all", UINT32_MAX, 0, "{\"n\":1}" },
	{ "empty", MESSAGE_NOTE, 0, "" },
	{ "cut", MESSAGE_NOTE, 0, "{\"n\":1" },
	{ "more than one", MESSAGE_NOTE, 0, "{\"n\":1}{}" },
	{ "no JSON", MESSAGE_NOTE, 0, "n=1" },
	{ "an array", MESSAGE_NOTE, 0, "[1]" },
	{ "a number", MESSAGE_NOTE, 0, "1" },
	{ "null", MESSAGE_NOTE, 0, "null" },
	{ "a member twice", MESSAGE_NOTE, 0, "{\"n\":1,\"n\":1}" },
	{ "a NUL", MESSAGE_NOTE, 0, "{\"n\":1,\"a\":\"\\u0000\"}" },
	{ "a NUL in a key", MESSAGE_NOTE, 0, "{\"n\":1,\"\\u0000\":1}" },
	{ "a NUL as it is", MESSAGE_NOTE, 15, "{\"n\":1,\"a\":\"\0\"}" },
	{ "a NUL behind", MESSAGE_NOTE, 8, "{\"n\":1}\0" },
	{ "no UTF-8", MESSAGE_NOTE, 0, "{\"n\":1,\"a\":\"\xff\"}" },
	{ "half a pair", MESSAGE_NOTE, 0, "{\"n\":1,\"a\":\"\\ud83d\"}" },
	{ "too large a number", MESSAGE_NOTE, 0,
	    "{\"n\":1,\"a\":9223372036854775808}" },
	{ "too large a real", MESSAGE_NOTE, 0, "{\"n\":1,\"a\":1e999}" },
};

/* Whatever is wrong ends it, once, and nothing behind it is taken. */
static void
test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct row *row = &rows[i];
		size_t text = strlen(row->text);
		struct head head = { row->message,
			row->len > 0 ? row->len : (uint32_t)text };
		size_t len = head.len <= LIMIT_MESSAGE ? head.len : text;
		struct buf data = { 0 };
		struct world world;

		world_begin(&world);
		frames_add(&data, 0, 1);
		buf_add(&data, &head, sizeof(head));
		buf_add(&data, row->text, len);
		frames_add(&data, 1, 3);
		pour(&world, &data);
		turns(&world, 5);
		if (world.taken != 1 || world.closed != 1)
			fail_msg("%s: %zu taken, closed %zu times", row->why,
			    world.taken, world.closed);
		buf_fini(&data);
		world_end(&world);
	}
}

/* Something at the beginning, the same again and again, and an end. */
static void
body_make(const char *begin, const char *again, size_t count, const char *end,
    struct buf *body)
{
	buf_add_string(body, begin);
	while (count-- > 0)
		buf_add_string(body, again);
	buf_add_string(body, end);
}

/* What is right, but would cost too much, and what costs just not that. */
static void
test_costly(void **state)
{
	static const struct {
		const char *begin, *again;
		size_t count;
		const char *end;
		bool is_good;
	} costs[] = {
		{ "{\"n\":0,\"a\":", "[", 100000, "", false },
		{ "{\"n\":0,\"a\":[1", ",1", LIMIT_MESSAGE_VALUES - 1, "]}",
		    true },
		{ "{\"n\":0,\"a\":[1", ",1", LIMIT_MESSAGE_VALUES, "]}",
		    false },
		{ "{\"n\":0,\"a\":[{}", ",{}", LIMIT_MESSAGE_LISTS - 3, "]}",
		    true },
		{ "{\"n\":0,\"a\":[{}", ",{}", LIMIT_MESSAGE_LISTS - 2, "]}",
		    false },
		{ "{\"n\":0,\"a\":\"", "[\\\"{,", 500000, "\"}", true },
		{ "{\"n\":0,\"a\":[[[[[[[[[[[[[[[", "", 0, "]]]]]]]]]]]]]]]}",
		    true },
		{ "{\"n\":0,\"a\":[[[[[[[[[[[[[[[[", "", 0, "]]]]]]]]]]]]]]]]}",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(costs); i++) {
		struct buf body = { 0 };
		struct buf data = { 0 };
		struct world world;

		world_begin(&world);
		body_make(costs[i].begin, costs[i].again, costs[i].count,
		    costs[i].end, &body);
		frame_add(&data, MESSAGE_NOTE, body.data, body.len);
		pour(&world, &data);
		turns(&world, 200);
		assert_int_equal(world.taken, costs[i].is_good);
		assert_int_equal(world.closed, !costs[i].is_good);
		buf_fini(&body);
		buf_fini(&data);
		world_end(&world);
	}
}

/* In the middle of a head, of a body, and between two. */
static void
test_peer_closes(void **state)
{
	struct buf data = { 0 };

	(void)state;
	frames_add(&data, 0, 2);
	for (size_t cut = 0; cut <= data.len; cut++) {
		struct world world;

		world_begin(&world);
		assert_int_equal(
		    send(world.peer, data.data, cut, 0), (ssize_t)cut);
		(void)close(world.peer);
		world.peer = -1;
		turns(&world, 6);
		assert_int_equal(world.taken, cut * 2 / data.len);
		assert_int_equal(world.closed, 1);
		world_end(&world);
	}
	buf_fini(&data);
}

static void
test_take_ends(void **state)
{
	(void)state;
	for (int special = CLOSE; special <= REFUSE; special++) {
		struct buf data = { 0 };
		struct world world;

		world_begin(&world);
		world.special = special;
		world.at = 2;
		frames_add(&data, 0, 4);
		assert_int_equal(send(world.peer, data.data, data.len, 0),
		    (ssize_t)data.len);
		turns(&world, 6);
		assert_int_equal(world.taken, 2);
		assert_int_equal(world.closed, special == REFUSE);
		assert_int_equal(world.channel.io.fd, -1);
		/* Closed is closed: nothing happens any more. */
		assert_true(
		    channel_put(&world.channel, MESSAGE_GO, json_object()));
		turns(&world, 2);
		buf_fini(&data);
		world_end(&world);
	}
}

/* Each takes 3 ms, more than a turn has: one a turn, whatever came. */
static void
test_turns(void **state)
{
	struct buf data = { 0 };
	struct world world;

	(void)state;
	world_begin(&world);
	world.special = SLOW;
	frames_add(&data, 0, 20);
	assert_int_equal(
	    send(world.peer, data.data, data.len, 0), (ssize_t)data.len);
	for (size_t i = 0; i < 40 && world.taken < 20; i++) {
		size_t before = world.taken;

		turns(&world, 1);
		/* By the descriptor, and by the timer. */
		assert_in_range(world.taken - before, 1, 2);
	}
	assert_int_equal(world.taken, 20);
	buf_fini(&data);
	world_end(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_costly),
		cmocka_unit_test(test_peer_closes),
		cmocka_unit_test(test_take_ends),
		cmocka_unit_test(test_turns),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
