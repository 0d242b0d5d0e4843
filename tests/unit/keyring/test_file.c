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

	struct problem problem = { "" };

	tree_init(&world->tree);
	world->directory = tree_path(&world->tree, "state");
	for (size_t i = 0; i < 2; i++) {
		if (keyring_file_open(world->directory, &world->files[i],
			&problem) != STATUS_OK)
			fail_msg("%s", problem.text);
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
	char *path = path_of(world, STATE_FILE);
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
	/* It says so as well. */
	keyring_file_cancel(&world->files[0]);
	assert_int_equal(add_key(world, 1, "b", NULL), STATUS_OK);
}

/* What a row makes no sense in is not used, and what is known stays. */
static void
test_damage(void **state)
{
	struct world *world = *state;
	char *path = path_of(world, STATE_FILE);
	struct problem problem = { "" };
	struct database database;

	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
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
	assert_int_equal(key_count(world, 0), 1);
	assert_int_equal(add_key(world, 0, "b", &problem), STATUS_MALFORMED);
	assert_int_equal(key_count(world, 0), 1);
	/* Nothing is held: the other one fails for the same reason. */
	assert_int_equal(add_key(world, 1, "b", &problem), STATUS_MALFORMED);
	assert_int_equal(database_do(&database, "DELETE FROM key_zone;"
						"UPDATE meta SET value = 100"
						" WHERE name = 'keys'"),
	    SQLITE_OK);
	database_close(&database);
	assert_int_equal(add_key(world, 1, "b", NULL), STATUS_OK);
	assert_int_equal(key_count(world, 1), 1);
	free(path);
}

/* Write nonsense over the page where this begins, or over all of it. */
static void
spoil(const struct world *world, const char *table)
{
	char *path = path_of(world, STATE_FILE);
	char nonsense[4096];
	struct database database;
	struct stat st;
	off_t at = 0;
	int fd;

	assert_int_equal(
	    database_open(&database, path, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    database_do(&database, "PRAGMA wal_checkpoint(TRUNCATE)"),
	    SQLITE_OK);
	if (table != NULL) {
		char *sql = mem_format(
		    "SELECT rootpage FROM sqlite_schema WHERE name = '%s'",
		    table);

		at = (off_t)(database_number(&database, sql) - 1) *
		     (off_t)sizeof(nonsense);
		assert_true(at > 0);
		database_close(&database);
		free(sql);
	} else {
		database_close(&database);
	}
	memset(nonsense, 0xff, sizeof(nonsense));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	do {
		assert_int_equal(
		    pwrite(fd, nonsense, sizeof(nonsense), at), 4096);
		at += (off_t)sizeof(nonsense);
	} while (table == NULL && at < st.st_size);
	(void)close(fd);
	free(path);
}

static void
reopen(struct world *world)
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
lost_is_told(struct world *world, const char *table)
{
	struct problem problem = { "" };
	struct keyring keyring;

	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	keyring_file_close(&world->files[0]);
	keyring_file_close(&world->files[1]);
	spoil(world, table);
	reopen(world);
	/* Where the record's thread finds it out, that mends it. */
	if (table != NULL) {
		assert_int_equal(keyring_file_read(&world->files[0],
				     &world->keyrings[0], &problem),
		    STATUS_MALFORMED);
		assert_int_equal(
		    add_key(world, 0, "b", NULL), STATUS_MALFORMED);
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
		    add_key(world, 0, "b", NULL), STATUS_MALFORMED);
		assert_int_equal(
		    keyring_file_look(world->directory, &keyring, NULL),
		    STATUS_MALFORMED);
	}
	/* The administrator says so. */
	assert_int_equal(
	    database_do(&world->files[1].file.database,
		"UPDATE meta SET value = 0 WHERE name = 'keys_lost'"),
	    SQLITE_OK);
	assert_int_equal(add_key(world, 0, "b", NULL), STATUS_OK);
	reopen(world);
	assert_int_equal(add_key(world, 0, "c", NULL), STATUS_OK);
	assert_int_equal(key_count(world, 0), 2);
}

static void
test_keys_lost(void **state)
{
	lost_is_told(*state, "key_zone");
}

static void
test_all_lost(void **state)
{
	lost_is_told(*state, NULL);
}

/* What else is damaged, keys stay. */
static void
test_keys_saved(void **state)
{
	struct world *world = *state;

	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	keyring_file_close(&world->files[0]);
	keyring_file_close(&world->files[1]);
	spoil(world, "owner");
	reopen(world);
	assert_int_equal(state_file_renew(&world->files[0].file, true,
			     &world->files[0].warning, NULL),
	    STATUS_OK);
	assert_non_null(world->files[0].warning);
	assert_int_equal(add_key(world, 0, "b", NULL), STATUS_OK);
	assert_int_equal(key_count(world, 0), 2);
}

static void
remove_file(const struct world *world, const char *name)
{
	char *path = path_of(world, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

/* Somebody removes the file: what memory holds is written again. */
static void
test_removed(void **state)
{
	struct world *world = *state;
	struct keyring keyring;

	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	remove_file(world, STATE_FILE);
	assert_true(keyring_file_is_changed(&world->files[0]));
	assert_int_equal(
	    keyring_file_read(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	assert_int_equal(key_count(world, 0), 1);
	assert_int_equal(
	    keyring_file_look(world->directory, &keyring, NULL), STATUS_OK);
	assert_int_equal(zone_of(&keyring)->key_count, 1);
	keyring_fini(&keyring);
	remove_file(world, STATE_FILE);
	assert_int_equal(add_key(world, 0, "b", NULL), STATUS_OK);
	assert_int_equal(key_count(world, 0), 2);
	/* Who knew of none takes what is there. */
	assert_int_equal(
	    keyring_file_read(&world->files[1], &world->keyrings[1], NULL),
	    STATUS_OK);
	assert_int_equal(key_count(world, 1), 2);
}

/* What is deleted is not left to be found in the file. */
static void
test_deleted(void **state)
{
	struct world *world = *state;
	static const char secret[] = "SecretSecretSecretSecretSecretSecret";
	char *path = path_of(world, STATE_FILE);
	struct keyring_zone *zone;
	char text[1 << 18];
	size_t len;
	int fd;

	assert_int_equal(add_key(world, 0, secret, NULL), STATUS_OK);
	assert_int_equal(
	    keyring_file_begin(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	zone = zone_of(&world->keyrings[0]);
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
	struct world *world = *state;
	const struct rlimit none = { 0, RLIM_INFINITY };
	struct problem problem = { "" };
	struct rlimit before;

	assert_int_equal(add_key(world, 0, "a", NULL), STATUS_OK);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(add_key(world, 0, "b", &problem), STATUS_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	print_message("# %s\n", problem.text);
	assert_non_null(strstr(problem.text, "make room"));
	/* As the engine does: what could not be kept is not used. */
	assert_int_equal(
	    keyring_file_read(&world->files[0], &world->keyrings[0], NULL),
	    STATUS_OK);
	assert_int_equal(key_count(world, 0), 1);
	assert_int_equal(add_key(world, 0, "b", NULL), STATUS_OK);
	assert_int_equal(
	    keyring_file_read(&world->files[1], &world->keyrings[1], NULL),
	    STATUS_OK);
	assert_int_equal(key_count(world, 1), 2);
}

/* Killed at any moment, a writer leaves the old or the new one. */
static void
test_kill(void **state)
{
	struct world *world = *state;
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
remove_all(const struct world *world)
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
	struct world *world = *state;
	char *path = path_of(world, "dnssec.json");
	char *old = path_of(world, "dnssec.json.old");

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
		cmocka_unit_test_setup_teardown(test_damage, begin, end),
		cmocka_unit_test_setup_teardown(test_keys_lost, begin, end),
		cmocka_unit_test_setup_teardown(test_all_lost, begin, end),
		cmocka_unit_test_setup_teardown(test_keys_saved, begin, end),
		cmocka_unit_test_setup_teardown(test_removed, begin, end),
		cmocka_unit_test_setup_teardown(test_deleted, begin, end),
		cmocka_unit_test_setup_teardown(test_full, begin, end),
		cmocka_unit_test_setup_teardown(test_kill, begin, end),
		cmocka_unit_test_setup_teardown(test_import, begin, end),
		cmocka_unit_test_setup_teardown(test_look, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
