/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "keyring_world.h"

/* Both see what the other did, and nothing is lost between them. */
static void
test_two(void **state)
{
	struct keyring_world *world = *state;

	assert_false(keyring_file_is_changed(&world->files[0]));
	assert_int_equal(keyring_world_add(world, 0, "a", NULL), STATUS_OK);
	assert_false(keyring_file_is_changed(&world->files[0]));
	assert_true(keyring_file_is_changed(&world->files[1]));
	assert_int_equal(keyring_world_add(world, 1, "b", NULL), STATUS_OK);
	assert_int_equal(keyring_world_count(world, 1), 2);
	assert_int_equal(
	    keyring_file_read(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	assert_int_equal(keyring_world_count(world, 0), 2);
	assert_false(keyring_file_is_changed(&world->files[0]));
	assert_int_equal(keyring_world_add(world, 0, "c", NULL), STATUS_OK);
	assert_string_equal(
	    keyring_world_zone(&world->keyrings[0])->keys[2].content, "c");
}

static void
test_mode(void **state)
{
	struct keyring_world *world = *state;
	char *path = keyring_world_path(world, STATE_FILE);
	struct stat st;
	mode_t mask = umask(0);

	assert_int_equal(keyring_world_add(world, 0, "a", NULL), STATUS_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)umask(mask);
	free(path);
}

static void
test_lock(void **state)
{
	struct keyring_world *world = *state;
	struct problem problem = { "" };

	assert_int_equal(
	    keyring_file_begin(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	assert_int_equal(
	    keyring_world_add(world, 1, "b", &problem), STATUS_BUSY);
	assert_non_null(strstr(problem.text, "held by another process"));
	/* It says so as well. */
	keyring_file_cancel(&world->files[0]);
	assert_int_equal(keyring_world_add(world, 1, "b", NULL), STATUS_OK);
}

static void
remove_file(const struct keyring_world *world, const char *name)
{
	char *path = keyring_world_path(world, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

/* Somebody removes the file: what memory holds is written again. */
static void
test_removed(void **state)
{
	struct keyring_world *world = *state;
	struct keyring keyring;

	assert_int_equal(keyring_world_add(world, 0, "a", NULL), STATUS_OK);
	remove_file(world, STATE_FILE);
	assert_true(keyring_file_is_changed(&world->files[0]));
	assert_int_equal(
	    keyring_file_read(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	assert_int_equal(keyring_world_count(world, 0), 1);
	assert_int_equal(
	    keyring_file_look(world->directory, &keyring, NULL), STATUS_OK);
	assert_int_equal(keyring_world_zone(&keyring)->key_count, 1);
	keyring_fini(&keyring);
	remove_file(world, STATE_FILE);
	assert_int_equal(keyring_world_add(world, 0, "b", NULL), STATUS_OK);
	assert_int_equal(keyring_world_count(world, 0), 2);
	/* Who knew of none takes what is there. */
	assert_int_equal(
	    keyring_file_read(&world->files[1], &world->keyrings[1], NULL),
	    STATUS_OK);
	assert_int_equal(keyring_world_count(world, 1), 2);
}

/* What is deleted is not left to be found in the file. */
static void
test_deleted(void **state)
{
	struct keyring_world *world = *state;
	static const char secret[] = "SecretSecretSecretSecretSecretSecret";
	char *path = keyring_world_path(world, STATE_FILE);
	struct keyring_zone *zone;
	char text[1 << 18];
	size_t len;
	int fd;

	assert_int_equal(keyring_world_add(world, 0, secret, NULL), STATUS_OK);
	assert_int_equal(
	    keyring_file_begin(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	zone = keyring_world_zone(&world->keyrings[0]);
	assert_true(keyring_remove_key(zone, 1));
	assert_int_equal(
	    keyring_file_commit(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	for (size_t i = 0; i < 2; i++)
		keyring_file_close(&world->files[i]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	len = (size_t)read(fd, text, sizeof(text));
	assert_in_range(len, 4096, sizeof(text) - 1);
	assert_null(memmem(text, len, secret, strlen(secret)));
	(void)close(fd);
	free(path);
}

/* A full disk: what was there is there still. */
static void
test_full(void **state)
{
	struct keyring_world *world = *state;
	const struct rlimit none = { 0, RLIM_INFINITY };
	struct problem problem = { "" };
	struct rlimit before;

	assert_int_equal(keyring_world_add(world, 0, "a", NULL), STATUS_OK);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(keyring_world_add(world, 0, "b", &problem), STATUS_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	print_message("# %s\n", problem.text);
	assert_non_null(strstr(problem.text, "make room"));
	/* As the engine does: what could not be kept is not used. */
	assert_int_equal(
	    keyring_file_read(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	assert_int_equal(keyring_world_count(world, 0), 1);
	assert_int_equal(keyring_world_add(world, 0, "b", NULL), STATUS_OK);
	assert_int_equal(
	    keyring_file_read(&world->files[1], &world->keyrings[1], NULL),
	    STATUS_OK);
	assert_int_equal(keyring_world_count(world, 1), 2);
}

/* Killed at any moment, a writer leaves the old or the new one. */
static void
test_kill(void **state)
{
	struct keyring_world *world = *state;
	size_t before = 0;

	for (int i = 0; i < 40; i++) {
		pid_t child;
		size_t now;

		child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			/* A connection does not outlive a fork. */
			if (keyring_file_open(world->directory,
				&world->files[0], NULL) != STATUS_OK)
				_exit(1);
			while (keyring_world_add(world, 0, "a", NULL) ==
			       STATUS_OK) {
				struct keyring_zone *zone = keyring_world_zone(
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
		now = keyring_world_count(world, 1);
		assert_true(now >= before);
		before = now;
	}
	assert_int_equal(keyring_world_add(world, 1, "b", NULL), STATUS_OK);
}

static void
remove_all(const struct keyring_world *world)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < LENGTH(ends); i++) {
		char *path = mem_format(
		    "%s/" STATE_FILE "%s", world->directory, ends[i]);

		(void)unlink(path);
		free(path);
	}
}

#define ZONES(text) "{\"version\":1,\"zones\":{" text "}}"
#define KEYS(next, text)                                                       \
	ZONES("\"a.\":{\"next_id\":" next ",\"keys\":[" text                   \
	      "],\"metadata\":{}}")
#define METADATA(text)                                                         \
	ZONES("\"a.\":{\"next_id\":1,\"keys\":[],\"metadata\":" text "}")
#define KEY(id, flags)                                                         \
	"{\"id\":" id ",\"flags\":" flags                                      \
	",\"active\":true,\"published\":true,\"content\":\"x\"}"

#define TSIG(text) "{\"version\":2,\"zones\":{},\"tsig\":[" text "]}"
#define TSIG_KEY(name, algorithm, secret)                                      \
	"{\"name\":\"" name "\",\"algorithm\":\"" algorithm                    \
	"\",\"secret\":\"" secret "\"}"

static const struct {
	const char *text;
	enum status status;
	const char *piece;
} imports[] = {
	{ "{\"version\":1,\"zones\":{}}", STATUS_OK, "" },
	{ KEYS("2", KEY("1", "257")), STATUS_OK, "" },
	{ METADATA("{\"X\":[\"a\",\"b\"]}"), STATUS_OK, "" },
	{ "", STATUS_MALFORMED, "line 1" },
	{ "{\"version\":1,\"zones\":{}", STATUS_MALFORMED, "line 1" },
	{ "[]", STATUS_MALFORMED, "no version" },
	{ "{}", STATUS_MALFORMED, "no version" },
	{ "{\"version\":0,\"zones\":{}}", STATUS_MALFORMED, "no version" },
	{ "{\"version\":3,\"zones\":[]}", STATUS_REFUSED, "later version" },
	{ "{\"version\":2,\"zones\":{}}", STATUS_OK, "" },
	{ TSIG(""), STATUS_OK, "" },
	{ TSIG(TSIG_KEY("k.", "hmac-sha256.", "c2VjcmV0")), STATUS_OK, "" },
	{ TSIG(TSIG_KEY("k", "hmac-sha256", "c2VjcmV0") "," TSIG_KEY(
	      "K.", "a.", "YQ==")),
	    STATUS_MALFORMED, "a TSIG key" },
	{ TSIG(TSIG_KEY("k..", "hmac-sha256.", "c2VjcmV0")), STATUS_MALFORMED,
	    "a TSIG key" },
	{ TSIG(TSIG_KEY("k.", "", "c2VjcmV0")), STATUS_MALFORMED,
	    "a TSIG key" },
	{ TSIG(TSIG_KEY("k.", "hmac-sha256.", "secret?")), STATUS_MALFORMED,
	    "a TSIG key" },
	{ TSIG("{\"name\":\"k.\",\"algorithm\":\"a.\"}"), STATUS_MALFORMED,
	    "a TSIG key" },
	{ TSIG("1"), STATUS_MALFORMED, "a TSIG key" },
	{ ZONES("\"a..b\":{}"), STATUS_MALFORMED, "'a..b'" },
	{ ZONES("\"a\":[]"), STATUS_MALFORMED, "'a'" },
	{ ZONES("\"a\":{\"next_id\":1,\"keys\":[],\"metadata\":{}},"
		"\"A.\":{\"next_id\":1,\"keys\":[],\"metadata\":{}}"),
	    STATUS_MALFORMED, "'A.'" },
	{ KEYS("0", ""), STATUS_MALFORMED, "'a.'" },
	{ KEYS("2147483648", ""), STATUS_MALFORMED, "'a.'" },
	{ KEYS("1", KEY("1", "257")), STATUS_MALFORMED, "a key" },
	{ KEYS("3", KEY("1", "257") "," KEY("1", "257")), STATUS_MALFORMED,
	    "a key" },
	{ KEYS("3", KEY("0", "257")), STATUS_MALFORMED, "a key" },
	{ KEYS("3", KEY("1", "65536")), STATUS_MALFORMED, "a key" },
	{ KEYS("3", "{}"), STATUS_MALFORMED, "a key" },
	{ KEYS("3", "1"), STATUS_MALFORMED, "a key" },
	{ METADATA("{\"X\":\"a\"}"), STATUS_MALFORMED, "metadata" },
	{ METADATA("{\"X\":[1]}"), STATUS_MALFORMED, "metadata" },
	{ METADATA("{\"\":[\"a\"]}"), STATUS_MALFORMED, "metadata" },
};

/* Keys of an earlier version: all of them, or none, and then it is said. */
static void
test_import(void **state)
{
	struct keyring_world *world = *state;
	char *path = keyring_world_path(world, "dnssec.json");
	char *old = keyring_world_path(world, "dnssec.json.old");

	for (size_t i = 0; i < LENGTH(imports); i++) {
		struct problem problem = { "" };
		struct keyring keyring;
		enum status status;
		int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		size_t len = strlen(imports[i].text);

		print_message("# %s\n", imports[i].text);
		assert_int_equal(write(fd, imports[i].text, len), (ssize_t)len);
		assert_int_equal(close(fd), 0);
		for (size_t k = 0; k < 2; k++)
			keyring_file_close(&world->files[k]);
		(void)unlink(old);
		remove_all(world);
		keyring_init(&keyring);
		status = keyring_file_open(
		    world->directory, &world->files[0], &problem);
		if (status == STATUS_OK)
			status = keyring_file_read(
			    &world->files[0], &keyring, &problem);
		assert_int_equal(
		    status == STATUS_OK, imports[i].status == STATUS_OK);
		assert_int_equal(status == STATUS_REFUSED,
		    imports[i].status == STATUS_REFUSED);
		assert_int_equal(
		    problem.text[0] == '\0', imports[i].status == STATUS_OK);
		assert_int_equal(
		    access(path, F_OK) == 0, !world->files[0].is_open);
		keyring_fini(&keyring);
		(void)unlink(path);
	}
	free(path);
	free(old);
}

static void
test_look(void **state)
{
	struct keyring_world *world = *state;
	struct problem problem = { "" };
	struct keyring keyring;

	assert_int_equal(
	    keyring_file_look("/nowhere", &keyring, &problem), STATUS_OK);
	assert_int_equal(keyring.zones.count, 0);
	keyring_fini(&keyring);
	assert_int_equal(keyring_world_add(world, 0, "a", NULL), STATUS_OK);
	assert_int_equal(
	    keyring_file_look(world->directory, &keyring, &problem), STATUS_OK);
	assert_int_equal(keyring_world_zone(&keyring)->key_count, 1);
	keyring_fini(&keyring);
}

#define WORLD_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, keyring_world_setup, keyring_world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_two),
		WORLD_TEST(test_mode),
		WORLD_TEST(test_lock),
		WORLD_TEST(test_removed),
		WORLD_TEST(test_deleted),
		WORLD_TEST(test_full),
		WORLD_TEST(test_kill),
		WORLD_TEST(test_import),
		WORLD_TEST(test_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
