/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "channel_pair.h"

/* What is put into a channel, to a peer that reads as it likes. */

struct head {
	uint32_t message;
	uint32_t len;
};

struct world {
	struct loop loop;
	struct channel channel;
	int peer;
	size_t closed; /* calls */
};

static void
closed(void *arg)
{
	struct world *world = arg;

	world->closed++;
}

static void
world_begin(struct world *world)
{
	*world = (struct world){ .channel = { .closed = closed } };
	world->channel.arg = world;
	world->peer = channel_pair(&world->channel, &world->loop);
}

static void
world_end(struct world *world)
{
	channel_close(&world->channel);
	if (world->peer >= 0)
		(void)close(world->peer);
	loop_fini(&world->loop);
}

struct reading_end {
	int fd;
	struct buf got;
	size_t total;
	size_t pace; /* octets a millisecond; 0: as fast as can be */
};

static void *
read_all(void *arg)
{
	struct reading_end *end = arg;
	const struct timespec pause = { 0, 1000000 };
	ssize_t count;

	do {
		size_t part = end->pace > 0 ? end->pace : 65536;

		buf_reserve(&end->got, part);
		count = recv(end->fd, end->got.data + end->got.len, part, 0);
		end->got.len += count > 0 ? (size_t)count : 0;
		if (end->pace > 0)
			(void)nanosleep(&pause, NULL);
	} while (count > 0 && end->got.len < end->total);
	return NULL;
}

/* Number `n`, with 60 KiB of text. */
static json_t *
large(size_t n)
{
	char *text = mem_new(60 * 1024 + 1);
	json_t *object = json_object();

	memset(text, 'a' + (int)(n % 26), 60 * 1024);
	json_object_set_new(object, "n", json_integer((json_int_t)n));
	json_object_set_new(object, "text", json_string(text));
	free(text);
	return object;
}

static void
check_large(const struct buf *got, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		json_t *object = large(i);
		char *text = json_dumps(object, JSON_COMPACT);
		struct head head;

		memcpy(&head, got->data + at, sizeof(head));
		at += sizeof(head);
		assert_int_equal(head.message, MESSAGE_LOOKED);
		assert_int_equal(head.len, strlen(text));
		assert_memory_equal(got->data + at, text, head.len);
		at += head.len;
		json_decref(object);
		free(text);
	}
	assert_int_equal(at, got->len);
}

/* 12 MB to who reads 64 KiB a millisecond. */
static void
test_full(void **state)
{
	enum { COUNT = 200 };

	(void)state;
	for (int is_patient = 0; is_patient < 2; is_patient++) {
		struct reading_end end = { .pace = 65536 };
		json_t *first = large(0);
		char *text = json_dumps(first, JSON_COMPACT);
		size_t room = 0;
		struct world world;
		pthread_t thread;

		world_begin(&world);
		world.channel.is_patient = is_patient;
		end.fd = world.peer;
		for (size_t i = 0; i < COUNT; i++)
			end.total += sizeof(struct head) + strlen(text) +
				     (i > 9) + (i > 99);
		assert_int_equal(
		    pthread_create(&thread, NULL, read_all, &end), 0);
		for (size_t i = 0; i < COUNT; i++) {
			assert_true(channel_put(
			    &world.channel, MESSAGE_LOOKED, large(i)));
			if (world.channel.out.room > room)
				room = world.channel.out.room;
		}
		while (world.channel.out.len > 0)
			loop_turn(&world.loop, 10);
		assert_int_equal(pthread_join(thread, NULL), 0);
		check_large(&end.got, COUNT);
		/* Who waits for the peer holds a megabyte or two, or four; who
		 * does not gives back what it took. */
		if (is_patient)
			assert_true(room <= 4 * 1024 * 1024);
		assert_true(world.channel.out.room <= 1024 * 1024);
		assert_int_equal(world.closed, 0);
		buf_fini(&end.got);
		free(text);
		json_decref(first);
		world_end(&world);
	}
}

/* What who hears it would refuse is not sent. */
static void
test_too_long(void **state)
{
	struct world world;
	json_t *object = json_object();
	json_t *list = json_array();
	char *text = mem_new(LIMIT_MESSAGE + 1);

	(void)state;
	world_begin(&world);
	memset(text, 'a', LIMIT_MESSAGE);
	json_object_set_new(object, "text", json_string(text));
	assert_false(channel_put(&world.channel, MESSAGE_NOTE, object));
	for (size_t i = 0; i <= LIMIT_MESSAGE_LISTS; i++)
		json_array_append_new(list, json_array());
	object = json_object();
	json_object_set_new(object, "list", list);
	assert_false(channel_put(&world.channel, MESSAGE_NOTE, object));
	assert_int_equal(world.channel.out.len, 0);
	assert_int_equal(recv(world.peer, text, 1, MSG_DONTWAIT), -1);
	free(text);
	world_end(&world);
}

/* Who waits for a peer that goes does not wait for ever. */
static void
test_patient_peer_closes(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world);
	world.channel.is_patient = true;
	(void)close(world.peer);
	world.peer = -1;
	for (size_t i = 0; i < 50; i++)
		assert_true(
		    channel_put(&world.channel, MESSAGE_LOOKED, large(i)));
	loop_turn(&world.loop, 0);
	assert_int_equal(world.closed, 1);
	world_end(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_patient_peer_closes),
	};

	return cmocka_run_group_tests_name("channel put", tests, NULL, NULL);
}
