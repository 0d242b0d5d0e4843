/* SPDX-License-Identifier: MIT */
/* The journal as a file: rewritten, deleted, replaced, of a later version. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "state_sample.h"
#include "state_world.h"

static void
test_rewrite(void **state)
{
	struct state_world *world = *state;
	const struct state_owner gone = { .name = "mail.example.org" };

	sample_put_all(world);
	state_world_hear(world, 1);
	state_begun(world->state[0]);
	state_put_owner(world->state[0], &gone);
	state_committed(world->state[0]);
	ledger_owner(&gone, &world->expected);
	world->told[1].told = 0;
	state_world_outdate(world, 0);
	state_world_expect_outdated(world);
	assert_true(state_has_news(world->state[1]));
	state_world_hear(world, 1);
	/* Only what differs, and what is gone all the same. */
	assert_int_equal(world->told[1].told, 3);
	ledger_must_equal(&world->told[1], &world->expected);
	assert_int_equal(world->told[0].told, 0);
	/* Both write into the new one. */
	state_begun(world->state[1]);
	put_serial(world->state[1], "from.example", 7);
	state_committed(world->state[1]);
	state_world_hear(world, 0);
	assert_int_equal(world->told[0].told, 1);
	trie_remove(&world->expected.lines, "owner mail.example.org", 22);
	ledger_zone(
	    &(struct state_zone){
		.name = "from.example", .id = 0x40000000, .serial = 7 },
	    &world->expected);
	state_world_check(world);
}

/* CA certificates that nobody refers to go with the next rewriting. */
static void
test_rewrite_drops_cas(void **state)
{
	struct state_world *world = *state;
	struct cert *ca[] = { sample_cert("Old CA", 1, false),
		sample_cert("New CA", 3, false) };
	char *text;

	state_begun(world->state[0]);
	sample_put_lineage(world->state[0], "one", &ca[0], 1);
	state_committed(world->state[0]);
	state_world_hear(world, 1);
	state_begun(world->state[0]);
	sample_put_lineage(world->state[0], "one", &ca[1], 1);
	state_committed(world->state[0]);
	state_world_outdate(world, 0);
	text = file_content(world->directory, "state.jsonl", NULL);
	assert_null(strstr(text, "Old CA"));
	assert_non_null(strstr(text, "New CA"));
	free(text);
	/* One who knew it writes it again. */
	state_begun(world->state[1]);
	sample_put_lineage(world->state[1], "two", &ca[0], 1);
	state_committed(world->state[1]);
	text = file_content(world->directory, "state.jsonl", NULL);
	assert_non_null(strstr(text, "Old CA"));
	free(text);
	world->told[0].told = 0;
	state_world_hear(world, 0);
	assert_int_equal(world->told[0].told, 1);
	cert_unref(ca[0]);
	cert_unref(ca[1]);
}

static void
append_line(const struct state_world *world, const char *rest)
{
	char *path = mem_format("%s/state.jsonl", world->directory);
	FILE *stream = fopen(path, "a");
	struct buf text = { 0 };

	assert_non_null(stream);
	add_line(&text, rest, strlen(rest));
	assert_int_equal(fwrite(text.data, 1, text.len, stream), text.len);
	assert_int_equal(fclose(stream), 0);
	buf_fini(&text);
	free(path);
}

static const char moon[] = "\"moon\":[\"full\"],\"since\":[1,{\"x\":\"%\"}]}";
static const char later_zone[] =
    "\"zone\":\"later.example\",\"id\":1,\"serial\":2,\"notified\":3,"
    "\"content\":\"000102030405060708090a0b0c0d0e0f\",\"mood\":\"50% good\"}";

/* What a later version wrote in this format is used as far as it is known. */
static void
test_later_lines(void **state)
{
	struct state_world *world = *state;
	struct state_zone zone = {
		.name = "later.example",
		.id = 1,
		.serial = 2,
		.notified = 3,
	};
	char *text;

	for (uint8_t i = 0; i < sizeof(zone.content); i++)
		zone.content[i] = i;
	append_line(world, moon);
	append_line(world, later_zone);
	state_world_hear(world, 0);
	ledger_zone(&zone, &world->expected);
	ledger_must_equal(&world->told[0], &world->expected);
	state_world_check(world);
	state_world_outdate(world, 0);
	state_world_expect_outdated(world);
	state_world_check(world);
	text = file_content(world->directory, "state.jsonl", NULL);
	assert_non_null(strstr(text, moon));
	assert_non_null(strstr(text, later_zone));
	free(text);
}

/* Somebody deletes the journal: what is known here is written again. */
static void
test_journal_deleted(void **state)
{
	struct state_world *world = *state;
	char *path = mem_format("%s/state.jsonl", world->directory);

	sample_put_all(world);
	state_world_hear(world, 1);
	world->told[1].told = 0;
	assert_int_equal(unlink(path), 0);
	state_world_hear(world, 1);
	assert_int_equal(world->told[1].told, 0);
	state_world_check(world);
	state_world_hear(world, 0);
	assert_int_equal(world->told[0].told, 0);
	state_begun(world->state[0]);
	put_serial(world->state[0], "a.example", 1);
	state_committed(world->state[0]);
	state_world_hear(world, 1);
	assert_int_equal(world->told[1].told, 1);
	free(path);
}

/* A file of an administrator in its place is read like any other. */
static void
test_journal_replaced(void **state)
{
	struct state_world *world = *state;
	size_t len = 0;
	char *before = file_content(world->directory, "state.jsonl", &len);
	char *path = mem_format("%s/state.jsonl", world->directory);

	sample_put_all(world);
	state_world_hear(world, 1);
	world->told[1].told = 0;
	assert_int_equal(unlink(path), 0);
	file_fill(world->directory, "state.jsonl", before, len);
	append_line(world, later_zone);
	state_world_hear(world, 1);
	assert_int_equal(world->told[1].told, 1);
	/* What is no longer there is written when it is put again. */
	state_world_hear(world, 0);
	sample_put_all(world);
	state_world_hear(world, 1);
	assert_int_equal(world->told[1].told, 1 + 3 * SAMPLE_NAMES);
	free(path);
	free(before);
}

static void
test_modes(void **state)
{
	struct state_world *world = *state;
	char *directory = mem_format("%s/new", world->directory);
	struct stat st;
	struct state *made;
	char *path;

	(void)umask(022);
	made = state_opened(directory, NULL);
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	path = mem_format("%s/state.jsonl", directory);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	state_close(made);
	free(path);
	temporary_remove(directory);
}

/* What root makes belongs to whom the directory belongs to. */
static void
test_owner_of_files(void **state)
{
	struct state_world *world = *state;
	char *directory = mem_format("%s/new", world->directory);
	static const char *const files[] = { "state.jsonl", "state.lock" };

	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(directory, 0750), 0);
	assert_int_equal(chown(directory, 4321, 1234), 0);
	state_close(state_opened(directory, NULL));
	for (size_t i = 0; i < LENGTH(files); i++) {
		char *path = mem_format("%s/%s", directory, files[i]);
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_uid, 4321);
		assert_int_equal(st.st_gid, 1234);
		free(path);
	}
	temporary_remove(directory);
}

#define WORLD_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, state_world_setup, state_world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_rewrite),
		WORLD_TEST(test_rewrite_drops_cas),
		WORLD_TEST(test_later_lines),
		WORLD_TEST(test_journal_deleted),
		WORLD_TEST(test_journal_replaced),
		WORLD_TEST(test_modes),
		WORLD_TEST(test_owner_of_files),
	};

	return cmocka_run_group_tests_name("state_journal", tests, NULL, NULL);
}
