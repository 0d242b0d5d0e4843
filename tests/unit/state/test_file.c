/* SPDX-License-Identifier: MIT */
/* The file: deleted, replaced, of a later version, of an earlier one. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "state/file.h"
#include "state_sample.h"
#include "state_world.h"

static void
remove_name(const struct state_world *world, const char *name)
{
	char *path = mem_format("%s/%s", world->directory, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

/* Somebody deletes the file: what memory holds is asked for, by each. */
static void
test_deleted(void **state)
{
	struct state_world *world = *state;

	sample_put_all(world);
	state_world_hear(world, 1);
	world->told[1].told = 0;
	assert_false(state_wants_all(world->state[0]));
	remove_name(world, STATE_FILE);
	assert_true(state_has_news(world->state[0]));
	state_begun(world->state[0]);
	assert_true(state_wants_all(world->state[0]));
	state_committed(world->state[0]);
	assert_false(state_has_news(world->state[0]));
	sample_put_all(world);
	state_world_check(world);
	assert_true(state_has_news(world->state[1]));
	state_begun(world->state[1]);
	assert_true(state_wants_all(world->state[1]));
	put_serial(world->state[1], "a.example", 1);
	state_committed(world->state[1]);
	state_world_hear(world, 0);
	assert_int_equal(world->told[0].told, 1);
	ledger_zone(
	    &(struct state_zone){
		.name = "a.example", .id = 0x40000000, .serial = 1 },
	    &world->expected);
	state_world_check(world);
}

/* An older copy in its place is read, and what memory holds is asked for. */
static void
test_older_copy(void **state)
{
	struct state_world *world = *state;
	char *from = mem_format("%s/copy", world->directory);
	char *to = mem_format("%s/" STATE_FILE, world->directory);
	struct database reader;

	state_begun(world->state[0]);
	put_serial(world->state[0], "a.example", 1);
	state_committed(world->state[0]);
	for (size_t i = 0; i < 2; i++)
		state_close(world->state[i]);
	file_copy(world->directory, STATE_FILE, "copy");
	for (size_t i = 0; i < 2; i++)
		world->state[i] = state_opened(
		    world->directory, &world->told[i]);
	/* Who reads keeps what is written from leaving the -wal. */
	assert_int_equal(
	    database_open(&reader, to, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(database_do(&reader, "BEGIN"), SQLITE_OK);
	assert_true(database_number(&reader, STAMP) > 0);
	state_begun(world->state[0]);
	put_serial(world->state[0], "a.example", 2);
	put_serial(world->state[0], "b.example", 2);
	state_committed(world->state[0]);
	world->told[0].told = 0;
	assert_int_equal(rename(from, to), 0);
	state_begun(world->state[0]);
	database_close(&reader);
	assert_int_equal(world->told[0].told, 1);
	assert_true(state_wants_all(world->state[0]));
	put_serial(world->state[0], "a.example", 3);
	put_serial(world->state[0], "b.example", 2);
	state_committed(world->state[0]);
	/* The other one finds the same file, by its own begin. */
	world->told[1].told = 0;
	state_begun(world->state[1]);
	assert_true(state_wants_all(world->state[1]));
	assert_int_equal(world->told[1].told, 2);
	state_committed(world->state[1]);
	assert_int_equal(
	    state_number(world->directory, "SELECT serial FROM zone"
					   " WHERE name = 'a.example'"),
	    3);
	free(from);
	free(to);
}

/* A file of a later version is left alone, also when it comes meanwhile. */
static void
test_later_version(void **state)
{
	struct state_world *world = *state;
	const struct state_hooks hooks = { 0 };
	char *path = mem_format("%s/" STATE_FILE, world->directory);
	struct problem problem = { "" };
	struct state *opened = NULL;
	char *warning = NULL;
	struct database database;

	remove_name(world, STATE_FILE);
	state_close(state_opened(world->directory, NULL));
	assert_int_equal(
	    database_open(&database, path, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    database_do(&database, "PRAGMA user_version = 2"), SQLITE_OK);
	database_close(&database);
	assert_int_equal(state_open(world->directory, true, &hooks, &opened,
			     &warning, &problem),
	    STATUS_REFUSED);
	assert_non_null(strstr(problem.text, "later version"));
	assert_non_null(strstr(problem.text, world->directory));
	assert_null(opened);
	for (int i = 0; i < 2; i++) {
		problem.text[0] = '\0';
		assert_int_equal(
		    state_begin(world->state[0], &problem), STATUS_IO);
		assert_non_null(strstr(problem.text, "later version"));
	}
	put_serial(world->state[0], "a.example", 1);
	assert_int_equal(state_commit(world->state[0], &problem), STATUS_IO);
	assert_int_equal(
	    state_number(world->directory, "PRAGMA user_version"), 2);
	/* It goes: then the record goes on. */
	state_remove(world->directory);
	state_begun(world->state[0]);
	state_committed(world->state[0]);
	ledger_zone(
	    &(struct state_zone){
		.name = "a.example", .id = 0x40000000, .serial = 1 },
	    &world->expected);
	state_world_check(world);
	free(path);
}

static mode_t
mode_of(const char *directory, const char *name)
{
	char *path = mem_format("%s/%s", directory, name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return st.st_mode & 07777;
}

static const char *const files[] = { STATE_FILE, STATE_FILE "-wal",
	STATE_FILE "-shm", "state.lock" };

static void
test_modes(void **state)
{
	struct state_world *world = *state;
	char *directory = mem_format("%s/new", world->directory);
	struct state *made;

	(void)umask(022);
	made = state_opened(directory, NULL);
	state_begun(made);
	put_serial(made, "a.example", 1);
	state_committed(made);
	assert_int_equal(mode_of(directory, "."), 0750);
	for (size_t i = 0; i < LENGTH(files); i++)
		assert_int_equal(mode_of(directory, files[i]), 0600);
	state_close(made);
	temporary_remove(directory);
}

/* What root makes belongs to whom the directory belongs to. */
static void
test_owner_of_files(void **state)
{
	struct state_world *world = *state;
	char *directory = mem_format("%s/new", world->directory);
	struct state *made;

	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(directory, 0750), 0);
	assert_int_equal(chown(directory, 4321, 1234), 0);
	made = state_opened(directory, NULL);
	state_begun(made);
	put_serial(made, "a.example", 1);
	state_committed(made);
	for (size_t i = 0; i < LENGTH(files); i++) {
		char *path = mem_format("%s/%s", directory, files[i]);
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_uid, 4321);
		assert_int_equal(st.st_gid, 1234);
		free(path);
	}
	state_close(made);
	temporary_remove(directory);
}

#define ZEROS  "00000000000000000000000000000000"
#define DIGEST ZEROS ZEROS
#define CERT                                                                   \
	"\"cert\":\"" DIGEST "\",\"spki\":\"" DIGEST "\",\"subject\":\"a\","   \
	"\"issuer\":\"b\",\"names\":[\"mx.example\"],\"key\":\"RSA\","         \
	"\"bits\":1,\"from\":1,\"until\":2"

/* What a version with a journal left, and what is to be known of it. */
static const char journal[] =
    "{\"sum\":\"0123456789abcdef\",\"version\":1}\n"
    "{\"sum\":\"0\",\"zone\":\"a.example\",\"id\":5,\"serial\":1,"
    "\"notified\":0,\"content\":\"" ZEROS "\"}\n"
    "{\"sum\":\"0\",\"ca\":\"" DIGEST "\"," CERT ",\"is_ca\":true}\n"
    "{\"sum\":\"0\",\"owner\":\"o%25%E9.example\",\"ttl\":60,\"list\":"
    "[[\"3 1 1 00\",100,200],[\"3 1 1 01\",300]]}\n"
    "{\"sum\":\"0\",\"owner\":\"gone.example\",\"gone\":12}\n"
    "not JSON at all\n"
    "{\"sum\":\"0\",\"moon\":\"full\"}\n"
    "{\"sum\":\"0\",\"ca\":\"a CA of which nothing is said\"}\n"
    "{\"sum\":\"0\",\"lineage\":[\"s%E9\",\"n\"],\"file\":\"f\",\"print\":"
    "[1,2,3,4,5],\"remark\":\"r\",\"deleted\":9,\"deployed\":\"" DIGEST
    "\",\"list\":[{\"since\":7,\"leaf\":{" CERT "},\"ca\":[\"" DIGEST
    "\"]},{\"since\":3,\"replaced\":7,\"leaf\":{" CERT "}}]}\n"
    "{\"sum\":\"0\",\"zone\":\"a.example\",\"id\":5,\"serial\":2,"
    "\"notified\":1,\"content\":\"" ZEROS "\"}\n"
    "{\"sum\":\"0\",\"zone\":\"cut.exa";

static void
test_import(void **state)
{
	struct state_world *world = *state;
	struct ledger told;
	struct state *opened;
	const char *line;

	for (size_t i = 0; i < 2; i++) {
		state_close(world->state[i]);
		world->state[i] = NULL;
	}
	state_remove(world->directory);
	file_fill(
	    world->directory, "state.jsonl", journal, sizeof(journal) - 1);
	ledger_init(&told);
	opened = state_opened(world->directory, &told);
	assert_int_equal(told.told, 3);
	line = trie_get(&told.lines, "zone a.example", 14);
	assert_string_equal(line, "zone a.example 5 2 1 " ZEROS);
	line = trie_get(&told.lines, "owner o%\xe9.example", 17);
	assert_string_equal(line, "owner o%\xe9.example 60 [3 1 1 00 100 200]"
				  " [3 1 1 01 300 0]");
	line = trie_get(&told.lines, "lineage s\xe9 n", 12);
	assert_non_null(line);
	assert_non_null(strstr(line, " f (1 2 3 4 5) 9 <7 0 {000 0 1 1 2"));
	assert_non_null(strstr(line, "{100 0 1 1 2"));
	assert_non_null(strstr(line, "<3 7 {000"));
	state_close(opened);
	/* Once: what it was made of lies aside, and is not read any more. */
	remove_name(world, "state.jsonl.old");
	file_fill(
	    world->directory, "state.jsonl", journal, sizeof(journal) - 1);
	opened = state_opened(world->directory, NULL);
	state_begun(opened);
	put_serial(opened, "a.example", 3);
	state_committed(opened);
	state_close(opened);
	opened = state_opened(world->directory, &told);
	line = trie_get(&told.lines, "zone a.example", 14);
	assert_string_equal(line, "zone a.example 1073741824 3 0 " ZEROS);
	state_close(opened);
	ledger_fini(&told);
}

/* A journal of a later version is refused, and nothing is made. */
static void
test_import_later(void **state)
{
	struct state_world *world = *state;
	const struct state_hooks hooks = { 0 };
	static const char later[] = "{\"version\":2}\n";
	struct problem problem = { "" };
	struct state *opened = NULL;
	char *warning = NULL;
	char *path = mem_format("%s/" STATE_FILE, world->directory);

	for (size_t i = 0; i < 2; i++) {
		state_close(world->state[i]);
		world->state[i] = NULL;
	}
	state_remove(world->directory);
	file_fill(world->directory, "state.jsonl", later, strlen(later));
	assert_int_equal(state_open(world->directory, true, &hooks, &opened,
			     &warning, &problem),
	    STATUS_REFUSED);
	assert_non_null(strstr(problem.text, "state.jsonl: was written by"));
	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

/* Read-only: what is there is told, with what a killed process left. */
static void
test_look(void **state)
{
	struct state_world *world = *state;
	struct problem problem = { "" };
	struct ledger told;
	struct state_hooks hooks;

	sample_put_all(world);
	ledger_init(&told);
	hooks = ledger_hooks(&told);
	assert_int_equal(
	    state_look(world->directory, &hooks, &problem), STATUS_OK);
	ledger_must_equal(&told, &world->expected);
	assert_int_equal(
	    state_look("/nowhere", &hooks, &problem), STATUS_ABSENT);
	/* What was never opened is not closed. */
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	ledger_fini(&told);
}

/* A file of a version that had no alarms is read, and has them then. */
static void
test_without_alarms(void **state)
{
	struct state_world *world = *state;
	char *path = mem_format("%s/" STATE_FILE, world->directory);
	const struct state_alarm alarm = { "a", "facts", 1, 0, true };
	struct problem problem = { "" };
	struct database file;
	struct ledger told;
	struct state_hooks hooks;

	sample_put_all(world);
	for (size_t i = 0; i < 2; i++) {
		state_close(world->state[i]);
		world->state[i] = NULL;
	}
	assert_int_equal(
	    database_open(&file, path, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(database_do(&file, "DROP TABLE alarm"), SQLITE_OK);
	database_close(&file);
	ledger_init(&told);
	hooks = ledger_hooks(&told);
	assert_int_equal(
	    state_look(world->directory, &hooks, &problem), STATUS_OK);
	assert_int_equal(told.told, 3 * SAMPLE_NAMES);
	ledger_fini(&told);
	world->state[0] = state_opened(world->directory, &world->told[0]);
	assert_int_equal(world->told[0].told, 3 * SAMPLE_NAMES);
	state_begun(world->state[0]);
	state_put_alarm(world->state[0], &alarm);
	state_committed(world->state[0]);
	assert_int_equal(
	    state_number(world->directory, "SELECT told FROM alarm"), 1);
	free(path);
}

#define WORLD_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, state_world_setup, state_world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_deleted),
		WORLD_TEST(test_older_copy),
		WORLD_TEST(test_later_version),
		WORLD_TEST(test_modes),
		WORLD_TEST(test_owner_of_files),
		WORLD_TEST(test_import),
		WORLD_TEST(test_import_later),
		WORLD_TEST(test_look),
		WORLD_TEST(test_without_alarms),
	};

	return cmocka_run_group_tests_name("state_file", tests, NULL, NULL);
}
