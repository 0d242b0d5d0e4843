/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/wire.h"
#include "played.h"
#include "report/codec.h"
#include "wall/reader.h"

/* What the processes that are made do with the one file that there is. */
enum manner {
	DIES,     /* while it reads it */
	SURVIVES, /* once, and dies when it reads it again */
	LIES,     /* says of it what makes no sense */
	MUTE,     /* says nothing at all */
	OUTGROWN, /* has not the rights that another one has */
};

/* Shared by all processes. */
struct page {
	enum manner manner;
	_Atomic unsigned starts;
	_Atomic unsigned banned; /* messages that it is */
	_Atomic unsigned again;  /* that another one looked before */
};

static struct page *page;

/* ---- the process that is made ---- */

static const struct fingerprint print = { .inode = 7 };

/* Of whoever reads now. */
static struct focus *focus;

/* It was read; `is_odd`: and what is said of it makes no sense. */
static void
tell_looked(struct played *played, bool is_odd)
{
	struct report report = { .name = mem_string("mail"),
		.verdict = VERDICT_PASSED };
	json_t *object = report_encode(&report);

	wire_set(object, "print", wire_print(&print));
	if (is_odd)
		wire_set(object, "verdict", json_integer(VERDICTS));
	(void)channel_put(&played->channel, MESSAGE_LOOKED, object);
	report_fini(&report);
}

static void
go(struct played *played)
{
	switch (page->manner) {
	case MUTE:
		return;
	case LIES:
		tell_looked(played, true);
		return;
	case SURVIVES:
		tell_looked(played, false);
		break;
	case DIES:
	case OUTGROWN:
		break;
	}
	focus_begin(focus, 0, "mail", &print);
	if (page->manner != OUTGROWN)
		_exit(0);
	(void)channel_put(&played->channel, MESSAGE_OUTGROWN, json_object());
}

static bool
fake_take(enum message message, json_t *object, void *arg)
{
	if (message == MESSAGE_BANNED)
		page->banned++;
	if (message != MESSAGE_GO)
		return true;
	page->again += json_is_true(json_object_get(object, "again"));
	page->starts++;
	go(arg);
	return true;
}

static void
fake_run(int fd, enum ward ward, struct focus *shared)
{
	assert_int_equal(ward, WARD_FILES);
	focus = shared;
	played_run(fd, fake_take);
}

/* ---- who answers ---- */

struct world {
	struct loop loop;
	struct warden warden;
	struct reading *reading;
	struct reader *reader;
	unsigned reports;
	unsigned problems; /* of sources */
	unsigned completions;
};

static void
looked(struct report *report, void *arg)
{
	struct world *world = arg;

	(void)report;
	world->reports++;
}

static void
source(unsigned number, const char *problem, void *arg)
{
	struct world *world = arg;

	assert_int_equal(number, 0);
	world->problems += problem != NULL;
}

/* Before that it is said that nobody knows. */
static void
complete(void *arg)
{
	struct world *world = arg;

	assert_int_equal(world->problems, 1);
	world->completions++;
}

static void
tell(void *arg)
{
	const struct world *world = arg;

	reader_set_memory(world->reader, true);
}

static void
world_begin(struct world *world, enum manner manner)
{
	/* Of all others only the machine can be so slow. */
	const struct reader_hooks hooks = { { NULL, NULL, looked, source,
						complete, world },
		tell, manner == MUTE ? 300 : 60000 };

	page = played_shared(sizeof(*page));
	page->manner = manner;
	*world = (struct world){ .reading = reading_empty() };
	world->reading->sources = mem_array(
	    1, sizeof(*world->reading->sources));
	world->reading->source_count = 1;
	world->reading->sources[0].path = mem_string("/nowhere");
	assert_true(warden_begin(&world->warden, fake_run));
	loop_init(&world->loop);
	world->reader = reader_new(
	    &world->loop, &world->warden, NULL, NULL, world->reading, &hooks);
	reader_start(world->reader);
}

static void
world_end(struct world *world)
{
	reader_free(world->reader);
	loop_fini(&world->loop);
	warden_end(&world->warden);
	reading_free(world->reading);
	(void)munmap(page, sizeof(*page));
}

/* Until so many were made; after each end the next one waits longer. */
static void
await(struct world *world, unsigned starts)
{
	for (int i = 0; i < 3000 && page->starts < starts; i++)
		loop_turn(&world->loop, 20);
	assert_in_range(page->starts, starts, starts + 1);
}

static void
test_second_death(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, DIES);
	await(&world, 2);
	assert_int_equal(page->banned, 0);
	await(&world, 3);
	assert_int_equal(page->banned, 1);
	world_end(&world);
}

/* Whatever ended them did not come of the file. */
static void
test_innocent(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, SURVIVES);
	await(&world, 4);
	assert_int_equal(page->banned, 0);
	world_end(&world);
}

static void
test_nonsense(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, LIES);
	await(&world, 3);
	assert_int_equal(page->banned, 1);
	assert_int_equal(world.reports, 0);
	world_end(&world);
}

/* It is begun again, and after three nobody waits for the first look. */
static void
test_silence(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, MUTE);
	await(&world, 3);
	assert_int_equal(page->again, 0);
	await(&world, 4);
	assert_int_equal(world.completions, 1);
	assert_int_equal(page->again, 1);
	world_end(&world);
}

/* It is no death, however often: nobody is told that nobody knows. */
static void
test_outgrown(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, OUTGROWN);
	/* The pauses are longer than a silence may be, then. */
	await(&world, 9);
	assert_int_equal(page->banned, 0);
	assert_int_equal(world.problems, 0);
	assert_int_equal(world.completions, 0);
	world_end(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_death),
		cmocka_unit_test(test_innocent),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_outgrown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
