/* SPDX-License-Identifier: MIT */
/*
 * Who has mail read by another process, which dies of a mail, lies, or sees
 * that another one arrived.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/wire.h"
#include "played.h"
#include "reports/postbox.h"

#define DIGEST                                                                 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* ---- who reads, played ---- */

enum manner {
	WELL,    /* tells that there is one report */
	KILLED,  /* by a mail, as long as it is not left alone */
	LIES,    /* tells what makes no sense */
	HURRIES, /* tells that something arrived before it has told all */
	ARRIVES, /* sees another one, the first time */
};

/* What the processes share with the test. */
static struct page {
	enum manner manner;
	unsigned looks;
	unsigned banned;
} * page;

static void
mail_tell(struct played *played)
{
	(void)channel_put(&played->channel, MESSAGE_MAIL,
	    json_pack("{s:o,s:i,s:s}", "path", wire_text("/box/1"), "number", 0,
		"digest", DIGEST));
}

static void
put(enum message message, json_t *object, void *arg)
{
	struct played *played = arg;

	(void)channel_put(&played->channel, message, object);
}

static void
all_tell(struct played *played)
{
	static const char json[] =
	    "{\"date-range\":{\"start-datetime\":0},\"policies\":[]}";
	struct collection collection = { .since = INT64_MIN };

	collection_add(&collection, "/box/1", json, sizeof(json) - 1);
	collection_end(&collection);
	hearsay_tell(&collection, put, played);
	collection_fini(&collection);
}

static bool
fake_take(enum message message, json_t *object, void *arg)
{
	struct played *played = arg;
	size_t banned = json_array_size(json_object_get(object, "banned"));

	assert_int_equal(message, MESSAGE_MAILBOX);
	page->looks++;
	page->banned = (unsigned)banned;
	mail_tell(played);
	if (page->manner == KILLED && banned == 0)
		_exit(0);
	if (page->manner == LIES)
		(void)channel_put(
		    &played->channel, MESSAGE_HEARD, json_object());
	if (page->manner == HURRIES)
		(void)channel_put(
		    &played->channel, MESSAGE_ARRIVED, json_object());
	all_tell(played);
	if (page->manner == ARRIVES && page->looks == 1)
		(void)channel_put(
		    &played->channel, MESSAGE_ARRIVED, json_object());
	return true;
}

static void
fake_run(int fd, enum ward ward, struct focus *focus)
{
	assert_int_equal(ward, WARD_MAIL);
	assert_null(focus);
	played_run(fd, fake_take);
}

/* ---- who answers ---- */

struct world {
	struct loop loop;
	struct warden warden;
	struct config config;
	struct postbox *postbox;
};

static char path[] = "/box";

static void
world_begin(struct world *world, enum manner manner)
{
	page = played_shared(sizeof(*page));
	page->manner = manner;
	*world = (struct world){ .config = { .reports_path = path,
				     .reports_since = 86400 } };
	assert_true(warden_begin(&world->warden, fake_run));
	loop_init(&world->loop);
	world->postbox = postbox_new(&world->loop, &world->warden);
	postbox_configure(world->postbox, &world->config);
	assert_false(postbox_is_settled(world->postbox));
}

static void
world_end(struct world *world)
{
	postbox_free(world->postbox);
	loop_fini(&world->loop);
	warden_end(&world->warden);
	(void)munmap(page, sizeof(*page));
}

static struct postbox_view
view_of(const struct world *world)
{
	struct postbox_view view;

	assert_true(postbox_view(world->postbox, &view));
	return view;
}

/* Until it was told all, after so many looks. */
static void
await(struct world *world, unsigned looks)
{
	for (int i = 0; i < 3000 && (page->looks < looks ||
					!postbox_is_settled(world->postbox));
	     i++)
		loop_turn(&world->loop, 20);
	assert_int_equal(page->looks, looks);
}

static void
test_well(void **state)
{
	struct postbox_view view;
	struct world world;

	(void)state;
	world_begin(&world, WELL);
	await(&world, 1);
	view = view_of(&world);
	assert_null(view.problem);
	assert_true(view.looked > 0);
	assert_int_equal(view.hearsay->collection.sums.reports, 1);
	world.config.reports_path = NULL;
	postbox_configure(world.postbox, &world.config);
	assert_false(postbox_view(world.postbox, &view));
	assert_true(postbox_is_settled(world.postbox));
	world_end(&world);
}

/* Twice, and then it is left alone, and the others are read. */
static void
test_killed(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, KILLED);
	await(&world, 3);
	assert_int_equal(page->banned, 1);
	assert_int_equal(view_of(&world).hearsay->collection.sums.reports, 1);
	/* After a reload it is tried again; what was seen stays. */
	postbox_configure(world.postbox, &world.config);
	await(&world, 4);
	assert_int_equal(page->banned, 0);
	assert_int_equal(view_of(&world).hearsay->collection.sums.reports, 1);
	world_end(&world);
}

/* It is begun again and again, and nobody waits for it. */
static void
lies(enum manner manner)
{
	struct findings findings = { 0 };
	struct world world;

	world_begin(&world, manner);
	/* Its mail is no reason: it is never left alone and still goes on. */
	for (int i = 0; i < 3000 && !postbox_is_settled(world.postbox); i++)
		loop_turn(&world.loop, 20);
	assert_true(page->looks >= 3);
	assert_int_equal(view_of(&world).looked, 0);
	postbox_find_problem(world.postbox, &findings);
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.list[0].kind, FINDING_REPORTS_CLOSED);
	findings_fini(&findings);
	world_end(&world);
}

static void
test_lies(void **state)
{
	(void)state;
	lies(LIES);
}

static void
test_hurries(void **state)
{
	(void)state;
	lies(HURRIES);
}

static void
test_arrives(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, ARRIVES);
	await(&world, 2);
	world_end(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_hurries),
		cmocka_unit_test(test_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
