/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "keyring/file.h"
#include "tree.h"

#define ZONE "tlsa.example.net."

/* A directory, and two processes' views of it. */
struct world {
	struct tree tree;
	char *directory;
	struct keyring_file files[2];
	struct keyring keyrings[2];
};

static struct keyring_zone *
zone_of(struct keyring *keyring)
{
	struct dname apex;

	assert_int_equal(dname_parse(ZONE, strlen(ZONE), &apex), STATUS_OK);
	return keyring_zone(keyring, &apex, true);
}

static int
begin(void **state)
{
	struct world *world = mem_new(sizeof(*world));

	tree_init(&world->tree);
	world->directory = tree_path(&world->tree, "state");
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
		    keyring_file_open(world->directory, &world->files[i], NULL),
		    STATUS_OK);
		keyring_init(&world->keyrings[i]);
	}
	*state = world;
	return 0;
}

static int
end(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < 2; i++) {
		keyring_file_close(&world->files[i]);
		keyring_fini(&world->keyrings[i]);
	}
	tree_fini(&world->tree);
	free(world->directory);
	free(world);
	return 0;
}

static char *
path_of(const struct world *world, const char *name)
{
	return mem_format("%s/%s", world->directory, name);
}

static enum status
add_key(struct world *world, size_t who, const char *content,
    struct problem *problem)
{
	enum status status = keyring_file_begin(
	    &world->files[who], &world->keyrings[who], problem);

	if (status != STATUS_OK)
		return status;
	(void)keyring_add_key(
	    zone_of(&world->keyrings[who]), 257, true, true, content);
	return keyring_file_commit(
	    &world->files[who], &world->keyrings[who], problem);
}

static size_t
key_count(struct world *world, size_t who)
{
	return zone_of(&world->keyrings[who])->key_count;
}

/* Both see what the other did, and nothing is lost between them. */
static void
test_two(void **state)
{
	struct world *world = *state;

	assert_false(keyring_file_is_changed(&world->files[0]));
	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	assert_false(keyring_file_is_changed(&world->files[0]));
	assert_true(keyring_file_is_changed(&world->files[1]));
	assert_int_equal(add_key(world, 1, "b", NULL), STATUS_OK);
	assert_int_equal(key_count(world, 1), 2);
	assert_int_equal(
	    keyring_file_read(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	assert_int_equal(key_count(world, 0), 2);
	assert_false(keyring_file_is_changed(&world->files[0]));
	assert_int_equal(add_key(world, 0, "c", NULL), STATUS_OK);
	assert_string_equal(zone_of(&world->keyrings[0])->keys[2].content, "c");
}

static void
test_mode(void **state)
{
	struct world *world = *state;
	char *path = path_of(world, KEYRING_FILE);
	struct stat st;
	mode_t mask = umask(0);

	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)umask(mask);
	free(path);
}

static void
test_lock(void **state)
{
	struct world *world = *state;
	struct problem problem = { "" };

	assert_int_equal(
	    keyring_file_begin(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	assert_int_equal(add_key(world, 1, "b", &problem), STATUS_BUSY);
	assert_non_null(strstr(problem.text, "held by another process"));
	keyring_file_cancel(&world->files[0]);
	assert_int_equal(add_key(world, 1, "b", NULL), STATUS_OK);
}

/* Who may look at the directory cannot hold us up. */
static void
test_lock_of_others(void **state)
{
	struct world *world = *state;
	int fd = open(world->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *path = path_of(world, "keys.lock");
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)close(fd);
	free(path);
}

static void
text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

/* What cannot be read is not replaced, and what is known stays. */
static void
test_damage(void **state)
{
	struct world *world = *state;
	char *path = path_of(world, KEYRING_FILE);
	struct problem problem = { "" };
	struct stat st;

	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	text_write(path, "{\"version\":1,\"zo");
	assert_true(keyring_file_is_changed(&world->files[0]));
	assert_int_equal(
	    keyring_file_read(&world->files[0], &world->keyrings[0], &problem),
	    STATUS_MALFORMED);
	assert_non_null(strstr(problem.text, path));
	assert_int_equal(key_count(world, 0), 1);
	assert_int_equal(add_key(world, 0, "b", &problem), STATUS_MALFORMED);
	assert_int_equal(key_count(world, 0), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, strlen("{\"version\":1,\"zo"));
	/* The lock was given up: the other one fails for the same reason. */
	assert_int_equal(add_key(world, 1, "b", &problem), STATUS_MALFORMED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(add_key(world, 1, "b", NULL), STATUS_OK);
	free(path);
}

/* What a killed process left behind is in nobody's way. */
static void
test_leftover(void **state)
{
	struct world *world = *state;
	char *path = path_of(world, KEYRING_FILE_NEW);

	text_write(path, "half of it");
	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

/* A full disk: what was there is there still. */
static void
test_full(void **state)
{
	struct world *world = *state;
	const struct rlimit none = { 0, RLIM_INFINITY };
	char *path = path_of(world, KEYRING_FILE_NEW);
	struct problem problem = { "" };
	struct rlimit before;

	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(add_key(world, 0, "b", &problem), STATUS_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(problem.text, "make room"));
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(
	    keyring_file_read(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	assert_int_equal(key_count(world, 0), 1);
	assert_int_equal(add_key(world, 0, "b", NULL), STATUS_OK);
	free(path);
}

/* Killed at any moment, a writer leaves the old or the new one. */
static void
test_kill(void **state)
{
	struct world *world = *state;
	size_t before = 0;

	for (int i = 0; i < 40; i++) {
		pid_t child = fork();
		size_t now;

		assert_true(child >= 0);
		if (child == 0) {
			/* A lock belongs to who opened the file. */
			if (keyring_file_open(world->directory,
				&world->files[0], NULL) != STATUS_OK)
				_exit(1);
			while (add_key(world, 0, "a", NULL) == STATUS_OK) {
				struct keyring_zone *zone = zone_of(
				    &world->keyrings[0]);

				if (zone->key_count == 60)
					_exit(0);
			}
			_exit(1);
		}
		(void)usleep((useconds_t)(i * 97 % 3000));
		(void)kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_int_equal(keyring_file_read(&world->files[1],
				     &world->keyrings[1], NULL),
		    STATUS_OK);
		now = key_count(world, 1);
		assert_true(now >= before);
		before = now;
	}
	assert_int_equal(add_key(world, 1, "b", NULL), STATUS_OK);
}

static void
test_look(void **state)
{
	struct world *world = *state;
	struct problem problem = { "" };
	struct keyring keyring;

	assert_int_equal(
	    keyring_file_look("/nowhere", &keyring, &problem), STATUS_OK);
	assert_int_equal(keyring.zones.count, 0);
	keyring_fini(&keyring);
	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	assert_int_equal(
	    keyring_file_look(world->directory, &keyring, &problem), STATUS_OK);
	assert_int_equal(zone_of(&keyring)->key_count, 1);
	keyring_fini(&keyring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_two, begin, end),
		cmocka_unit_test_setup_teardown(test_mode, begin, end),
		cmocka_unit_test_setup_teardown(test_lock, begin, end),
		cmocka_unit_test_setup_teardown(
		    test_lock_of_others, begin, end),
		cmocka_unit_test_setup_teardown(test_damage, begin, end),
		cmocka_unit_test_setup_teardown(test_leftover, begin, end),
		cmocka_unit_test_setup_teardown(test_full, begin, end),
		cmocka_unit_test_setup_teardown(test_kill, begin, end),
		cmocka_unit_test_setup_teardown(test_look, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
