/* SPDX-License-Identifier: MIT */
/* A link that leads to another chain now: when that is looked at. */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "pki.h"
#include "scan/scan.h"
#include "tree.h"

/* Milliseconds. */
enum {
	SOON = 12,  /* between two flips that are too near to each other */
	LATE = 3000 /* whatever it waits for, it is seen by then */
};

/* Seconds: no file has this date but by chain_date(). */
enum { START = 2000000000 };

static int64_t passed; /* milliseconds that the test let pass */

/*
 * In place of that of the C library: what is quick, and what takes long, is the
 * test's to say, and not the machine's, which may be busy.
 */
int
clock_gettime(clockid_t id, struct timespec *now)
{
	switch (id) {
	case CLOCK_MONOTONIC:
	case CLOCK_REALTIME:
		*now = (struct timespec){ START + passed / 1000,
			passed % 1000 * 1000000 };
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*now = (struct timespec){ 0 };
		return 0;
	default:
		return (int)syscall(SYS_clock_gettime, id, now);
	}
}

/* certbot's store with one lineage, of which two generations are there. */
struct world {
	struct tree tree;
	struct loop loop;
	struct watch *watch;
	struct reading *reading;
	struct ca_pool cas;
	struct scan *scan;
	struct pki ca;
	struct pki leaf[2];
	unsigned looks;
	char subject[64]; /* of the last leaf */
};

static const char *const names[] = { "one", "two" };
static const char *const files[] = { "archive/mail/fullchain1.pem",
	"archive/mail/fullchain2.pem" };
static const char *const targets[] = { "../../archive/mail/fullchain1.pem",
	"../../archive/mail/fullchain2.pem" };
static const char live[] = "live/mail/fullchain.pem";

static void
looked(struct report *report, void *arg)
{
	struct world *world = arg;

	world->looks++;
	assert_int_equal(report->verdict, VERDICT_GOOD);
	if (report->chain != NULL)
		(void)strncpy(world->subject, report->chain->leaf->subject,
		    sizeof(world->subject) - 1);
}

static void
source(unsigned number, const char *problem, void *arg)
{
	(void)number;
	(void)arg;
	assert_null(problem);
}

static void
complete(void *arg)
{
	(void)arg;
}

static void
chain_write(struct world *world, int file)
{
	struct buf text = { 0 };

	pki_add_pem(&world->leaf[file], &text);
	pki_add_pem(&world->ca, &text);
	tree_write(&world->tree, files[file], buf_text(&text));
	buf_fini(&text);
}

/* It was changed long ago, or now. */
static void
chain_date(struct world *world, int file, bool is_fresh)
{
	struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	char *path = tree_path(&world->tree, files[file]);

	if (is_fresh)
		(void)clock_gettime(CLOCK_REALTIME, &times[1]);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	free(path);
}

/* As certbot does: whoever listens hears that it was closed. */
static void
chain_renew(struct world *world, int file)
{
	chain_write(world, file);
	chain_date(world, file, true);
}

/* Nobody can tell who wrote it, and whether he has done. */
static void
chain_bring(struct world *world, int file)
{
	chain_renew(world, file);
	tree_rename(&world->tree, files[file], "archive/mail/other");
	tree_rename(&world->tree, "archive/mail/other", files[file]);
}

/* What is due at once, and nothing that waits. */
static void
turn(struct world *world)
{
	watch_read(world->watch);
	loop_turn(&world->loop, 0);
}

/* As long as something may be due. */
static void
rest(struct world *world)
{
	for (int i = 0; i < 60; i++) {
		turn(world);
		passed++;
	}
	world->looks = 0;
}

static int
world_make(void **state)
{
	static struct world world;
	const struct scan_hooks hooks = { NULL, NULL, looked, source, complete,
		&world };
	struct problem problem = { "" };

	world = (struct world){ .reading = reading_empty() };
	tree_init(&world.tree);
	tree_make(&world.tree, "live/mail");
	tree_make(&world.tree, "archive/mail");
	tree_make(&world.tree, "renewal");
	pki_make_ca("CA", NULL, &world.ca);
	for (int i = 0; i < 2; i++) {
		pki_make_leaf(names[i], &world.ca, &world.leaf[i]);
		chain_write(&world, i);
		chain_date(&world, i, false);
	}
	tree_link(&world.tree, targets[0], live);
	world.reading->sources = mem_array(1, sizeof(*world.reading->sources));
	world.reading->source_count = 1;
	world.reading->sources[0] = (struct config_source){
		.type = SOURCE_CERTBOT,
		.path = mem_string(world.tree.root),
		.hosts = mem_array(0, sizeof(char *)),
	};
	loop_init(&world.loop);
	ca_pool_init(&world.cas);
	world.watch = watch_new(&problem);
	if (watch_fd(world.watch) < 0)
		fail_msg("%s", problem.text);
	world.scan = scan_new(
	    &world.loop, world.watch, world.reading, &world.cas, &hooks);
	scan_start(world.scan, false);
	rest(&world);
	assert_string_equal(world.subject, "one");
	*state = &world;
	return 0;
}

static int
world_end(void **state)
{
	struct world *world = *state;

	scan_free(world->scan);
	watch_free(world->watch);
	ca_pool_fini(&world->cas);
	loop_fini(&world->loop);
	reading_free(world->reading);
	pki_fini(&world->ca);
	pki_fini(&world->leaf[0]);
	pki_fini(&world->leaf[1]);
	tree_fini(&world->tree);
	return 0;
}

/* As certbot does it. */
static void
flip(const struct world *world, int file)
{
	tree_remove(&world->tree, live);
	tree_link(&world->tree, targets[file], live);
}

static void
expect(struct world *world, const char *subject)
{
	for (int i = 0; i < LATE && strcmp(world->subject, subject) != 0; i++) {
		passed++;
		turn(world);
	}
	assert_string_equal(world->subject, subject);
}

/* It is published without waiting for quiet, however it got there. */
static void
test_whole(void **state)
{
	struct world *world = *state;

	flip(world, 1);
	turn(world);
	assert_int_equal(world->looks, 1);
	assert_string_equal(world->subject, "two");
	rest(world);
	tree_link(&world->tree, targets[0], "live/mail/next");
	tree_rename(&world->tree, "live/mail/next", live);
	turn(world);
	assert_int_equal(world->looks, 1);
	assert_string_equal(world->subject, "one");
}

/* What else is done to it does not put that off. */
static void
test_tidied_up(void **state)
{
	struct world *world = *state;

	flip(world, 1);
	tree_chmod(&world->tree, files[0], 0600);
	turn(world);
	assert_int_equal(world->looks, 1);
	assert_string_equal(world->subject, "two");
}

/* But that something is written to does. */
static void
test_written_to(void **state)
{
	struct world *world = *state;
	char *path = tree_path(&world->tree, files[0]);
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	flip(world, 1);
	assert_int_equal(write(fd, "\n", 1), 1);
	turn(world);
	assert_int_equal(world->looks, 0);
	(void)close(fd);
	expect(world, "two");
	free(path);
}

/* Also if it was written just now, as certbot does: it was closed since. */
static void
test_closed(void **state)
{
	struct world *world = *state;

	chain_renew(world, 1);
	flip(world, 1);
	turn(world);
	assert_int_equal(world->looks, 1);
	assert_string_equal(world->subject, "two");
}

/* What was written a moment ago, and more of it is not known, may be half. */
static void
test_fresh(void **state)
{
	struct world *world = *state;

	chain_bring(world, 1);
	flip(world, 1);
	turn(world);
	assert_int_equal(world->looks, 0);
	expect(world, "two");
}

/* Who flips without end has no more of it than others. */
static void
test_without_end(void **state)
{
	struct world *world = *state;

	flip(world, 1);
	turn(world);
	assert_string_equal(world->subject, "two");
	passed += SOON;
	flip(world, 0);
	turn(world);
	assert_string_equal(world->subject, "two");
	expect(world, "one");
}

/* Likewise who writes without end. */
static void
test_written_without_end(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 20; i++)
		tree_write(&world->tree, "archive/mail/other", "");
	chain_renew(world, 1);
	flip(world, 1);
	turn(world);
	assert_int_equal(world->looks, 0);
	expect(world, "two");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_end)
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		TEST(test_tidied_up),
		TEST(test_written_to),
		TEST(test_closed),
		TEST(test_fresh),
		TEST(test_without_end),
		TEST(test_written_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
