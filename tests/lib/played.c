/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "played.h"

#include <sys/mman.h>

static void
closed(void *arg)
{
	struct played *played = arg;

	loop_stop(&played->loop);
}

void
played_run(
    int fd, bool (*take)(enum message message, json_t *object, void *played))
{
	struct played played = { .channel = {
				     .take = take, .closed = closed } };

	played.channel.arg = &played;
	loop_init(&played.loop);
	channel_open(&played.channel, &played.loop, fd);
	loop_run(&played.loop);
	loop_fini(&played.loop);
}

void *
played_shared(size_t size)
{
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(shared, MAP_FAILED);
	return shared;
}
