/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "keyring_world.h"

/* What a row makes no sense in is not used, and what is known stays. */
static void
test_damage(void **state)
{
	struct keyring_world *world = *state;
	char *path = keyring_world_path(world, STATE_FILE);
	struct problem problem = { "" };
	struct database database;

	assert_int_equal(keyring_world_add(world, 0, "a", NULL), STATUS_OK);
	assert_int_equal(
	    database_open(&database, path, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    database_do(&database, "UPDATE key_zone SET content = '{}';"
				   "UPDATE meta SET value = 99"
				   " WHERE name = 'keys'"),
	    SQLITE_OK);
	assert_true(keyring_file_is_changed(&world->files[0]));
	assert_int_equal(
	    keyring_file_read(&world->files[0], &world->keyrings[0], &problem),
	    STATUS_MALFORMED);
	assert_non_null(strstr(problem.text, path));
	assert_int_equal(keyring_world_count(world, 0), 1);
	assert_int_equal(
	    keyring_world_add(world, 0, "b", &problem), STATUS_MALFORMED);
	assert_int_equal(keyring_world_count(world, 0), 1);
	/* Nothing is held: the other one fails for the same reason. */
	assert_int_equal(
	    keyring_world_add(world, 1, "b", &problem), STATUS_MALFORMED);
	assert_int_equal(database_do(&database, "DELETE FROM key_zone;"
						"UPDATE meta SET value = 100"
						" WHERE name = 'keys'"),
	    SQLITE_OK);
	database_close(&database);
	assert_int_equal(keyring_world_add(world, 1, "b", NULL), STATUS_OK);
	assert_int_equal(keyring_world_count(world, 1), 1);
	free(path);
}

/* Where the damage is. */
enum spoilt { SPOILT_TABLE, SPOILT_ALL, SPOILT_EMPTIED };

/* Write nonsense over the page where this table begins, or over all. */
static void
spoil(const struct keyring_world *world, enum spoilt spoilt, const char *table)
{
	char *path = keyring_world_path(world, STATE_FILE);
	char *sql = mem_format(
	    "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", table);
	char nonsense[4096];
	struct database database;
	struct stat st;
	off_t from;
	int fd;

	assert_int_equal(
	    database_open(&database, path, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    database_do(&database, "PRAGMA wal_checkpoint(TRUNCATE)"),
	    SQLITE_OK);
	from = (off_t)(database_number(&database, sql) - 1) * 4096;
	assert_true(from > 0);
	database_close(&database);
	memset(nonsense, 0xff, sizeof(nonsense));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 0; at < st.st_size; at += 4096)
		if (spoilt == SPOILT_ALL || at == from)
			assert_int_equal(
			    pwrite(fd, nonsense, sizeof(nonsense), at), 4096);
	if (spoilt == SPOILT_EMPTIED)
		assert_int_equal(ftruncate(fd, 0), 0);
	(void)close(fd);
	free(sql);
	free(path);
}

static void
reopen(struct keyring_world *world)
{
	struct problem problem = { "" };

	for (size_t i = 0; i < 2; i++) {
		keyring_file_close(&world->files[i]);
		keyring_fini(&world->keyrings[i]);
		keyring_init(&world->keyrings[i]);
	}
	for (size_t i = 0; i < 2; i++)
		if (keyring_file_open(world->directory, &world->files[i],
			&problem) != STATUS_OK)
			fail_msg("%s", problem.text);
}

/* Zones without keys would get new ones, and the DS in their parents lie. */
static void
lost_is_told(struct keyring_world *world, enum spoilt spoilt)
{
	struct problem problem = { "" };
	struct keyring keyring;

	assert_int_equal(keyring_world_add(world, 0, "a", NULL), STATUS_OK);
	keyring_file_close(&world->files[0]);
	keyring_file_close(&world->files[1]);
	spoil(world, spoilt, "key_zone");
	reopen(world);
	/* Where the record's thread finds it out, that mends it. */
	if (spoilt == SPOILT_TABLE) {
		assert_int_equal(keyring_file_read(&world->files[0],
				     &world->keyrings[0], &problem),
		    STATUS_MALFORMED);
		assert_int_equal(
		    keyring_world_add(world, 0, "b", NULL), STATUS_MALFORMED);
		assert_int_equal(state_file_renew(&world->files[1].file, true,
				     &world->files[1].warning, NULL),
		    STATUS_OK);
	}
	for (int again = 0; again < 2; again++) {
		reopen(world);
		assert_int_equal(keyring_file_read(&world->files[0],
				     &world->keyrings[0], &problem),
		    STATUS_MALFORMED);
		assert_non_null(strstr(problem.text, "keys were lost"));
		assert_int_equal(
		    keyring_world_add(world, 0, "b", NULL), STATUS_MALFORMED);
		assert_int_equal(
		    keyring_file_look(world->directory, &keyring, NULL),
		    STATUS_MALFORMED);
	}
	/* The administrator says so. */
	assert_int_equal(
	    database_do(&world->files[1].file.database,
		"UPDATE meta SET value = 0 WHERE name = 'keys_lost'"),
	    SQLITE_OK);
	assert_int_equal(keyring_world_add(world, 0, "b", NULL), STATUS_OK);
	reopen(world);
	assert_int_equal(keyring_world_add(world, 0, "c", NULL), STATUS_OK);
	assert_int_equal(keyring_world_count(world, 0), 2);
}

static void
test_keys_lost(void **state)
{
	lost_is_told(*state, SPOILT_TABLE);
}

static void
test_all_lost(void **state)
{
	lost_is_told(*state, SPOILT_ALL);
}

/* None of ours ever is: it was no beginning. */
static void
test_emptied(void **state)
{
	lost_is_told(*state, SPOILT_EMPTIED);
}

/* What else is damaged, keys stay. */
static void
test_keys_saved(void **state)
{
	struct keyring_world *world = *state;

	assert_int_equal(keyring_world_add(world, 0, "a", NULL), STATUS_OK);
	keyring_file_close(&world->files[0]);
	keyring_file_close(&world->files[1]);
	spoil(world, SPOILT_TABLE, "owner");
	reopen(world);
	assert_int_equal(state_file_renew(&world->files[0].file, true,
			     &world->files[0].warning, NULL),
	    STATUS_OK);
	assert_non_null(world->files[0].warning);
	assert_int_equal(keyring_world_add(world, 0, "b", NULL), STATUS_OK);
	assert_int_equal(keyring_world_count(world, 0), 2);
}

#define WORLD_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, keyring_world_setup, keyring_world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_damage),
		WORLD_TEST(test_keys_lost),
		WORLD_TEST(test_all_lost),
		WORLD_TEST(test_emptied),
		WORLD_TEST(test_keys_saved),
	};

	return cmocka_run_group_tests_name("keyring_damage", tests, NULL, NULL);
}
