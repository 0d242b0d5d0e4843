/* SPDX-License-Identifier: MIT */
/* Files that are cut, spoilt, or something else. */
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "state_sample.h"
#include "state_world.h"

/* A file to spoil, and what is in it. */
struct spoil {
	struct state_world *world;
	char *directory; /* with nothing else in it */
	char *text;
	size_t len;
	struct ledger told;
};

enum { ZONES = 400, STRIDE = 1009 };

static int
setup(void **state)
{
	struct spoil *spoil = mem_new(sizeof(*spoil));
	void *world = NULL;

	if (state_world_setup(&world) != 0)
		return 1;
	spoil->world = world;
	spoil->directory = temporary_new();
	ledger_init(&spoil->told);
	sample_put_all(spoil->world);
	state_begun(spoil->world->state[0]);
	/* More than one page of each kind. */
	for (uint32_t i = 0; i < ZONES; i++) {
		char *name = mem_format("z%u.example", i);
		struct state_zone zone = {
			.name = name, .id = 0x40000000, .serial = i + 1
		};

		put_serial(spoil->world->state[0], name, i + 1);
		ledger_zone(&zone, &spoil->world->expected);
		free(name);
	}
	state_committed(spoil->world->state[0]);
	for (size_t i = 0; i < 2; i++) {
		state_close(spoil->world->state[i]);
		spoil->world->state[i] = NULL;
	}
	spoil->text = file_content(
	    spoil->world->directory, "state.db", &spoil->len);
	*state = spoil;
	return 0;
}

static int
teardown(void **state)
{
	struct spoil *spoil = *state;
	void *world = spoil->world;

	ledger_fini(&spoil->told);
	temporary_remove(spoil->directory);
	free(spoil->text);
	free(spoil);
	return state_world_teardown(&world);
}

/* Return the name of the file that was set aside, or NULL. */
static char *
aside_find(const char *directory)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;
	char *name = NULL;

	assert_non_null(stream);
	while ((entry = readdir(stream)) != NULL) {
		/* Never is anything left behind. */
		assert_string_not_equal(entry->d_name, "state.db.new");
		if (strncmp(entry->d_name, "state.db.damaged-", 17) == 0 &&
		    strstr(entry->d_name, "-wal") == NULL) {
			assert_null(name);
			name = mem_string(entry->d_name);
		}
	}
	(void)closedir(stream);
	return name;
}

/*
 * Open a file of these octets.  Returns whether it was damaged; then it must
 * have been kept, and the new one be in order.
 */
static bool
open_spoilt(struct spoil *spoil, const char *text, size_t len)
{
	struct state_hooks hooks = ledger_hooks(&spoil->told);
	struct problem problem = { "" };
	struct state *opened = NULL;
	char *warning = NULL;
	char *name;

	ledger_fini(&spoil->told);
	ledger_init(&spoil->told);
	temporary_remove(spoil->directory);
	spoil->directory = temporary_new();
	file_fill(spoil->directory, "state.db", text, len);
	if (state_open(spoil->directory, true, &hooks, &opened, &warning,
		&problem) != STATUS_OK)
		fail_msg("%s", problem.text);
	state_close(opened);
	name = aside_find(spoil->directory);
	assert_int_equal(name != NULL, warning != NULL);
	if (name != NULL) {
		size_t kept_len = 0;
		char *kept = file_content(spoil->directory, name, &kept_len);

		assert_non_null(strstr(warning, name));
		assert_int_equal(kept_len, len);
		assert_memory_equal(kept, text, len);
		free(kept);
	}
	state_close(state_opened(spoil->directory, NULL));
	free(warning);
	free(name);
	return warning != NULL;
}

/* How many of what is expected was told; all told must be as expected. */
struct count {
	const struct ledger *expected;
	size_t right;
};

static bool
line_count(const struct trie_entry *entry, void *arg)
{
	struct count *count = arg;
	const char *line = trie_get(
	    &count->expected->lines, entry->key, entry->len);

	/* A chain ends where a CA certificate was lost. */
	if (line != NULL && strncmp(line, "lineage ", 8) == 0)
		count->right++;
	else if (line != NULL && strcmp(line, entry->value) == 0)
		count->right++;
	else
		fail_msg("told: %s", (const char *)entry->value);
	return true;
}

static size_t
right_count(const struct spoil *spoil)
{
	struct count count = { &spoil->world->expected, 0 };

	(void)trie_walk(&spoil->told.lines, "", 0, line_count, &count);
	return count.right;
}

/* Any octet is another one: nothing wrong is told, and what is lost is said. */
static void
test_octets(void **state)
{
	struct spoil *spoil = *state;
	size_t all = spoil->world->expected.lines.count;
	size_t damaged = 0;

	for (size_t i = 0; i < spoil->len; i += STRIDE) {
		char *text = mem_copy(spoil->text, spoil->len);
		bool is_damaged;

		/* A later version, which is something else. */
		if (i >= 60 && i < 64)
			continue;
		text[i] ^= 0x55;
		is_damaged = open_spoilt(spoil, text, spoil->len);
		damaged += is_damaged;
		if (!is_damaged)
			assert_int_equal(right_count(spoil), all);
		free(text);
	}
	print_message("# damaged %zu times\n", damaged);
	assert_true(damaged > 20);
}

/* A page is lost: the rest of the table is not. */
static void
test_pages(void **state)
{
	struct spoil *spoil = *state;
	size_t all = spoil->world->expected.lines.count;

	for (size_t page = 4096; page < spoil->len; page += 4096) {
		char *text = mem_copy(spoil->text, spoil->len);
		bool is_damaged;
		size_t right;

		memset(text + page, 0, 4096);
		is_damaged = open_spoilt(spoil, text, spoil->len);
		right = right_count(spoil);
		print_message(
		    "# page %zu: %zu of %zu\n", page / 4096, right, all);
		if (!is_damaged)
			assert_int_equal(right, all);
		free(text);
	}
}

static void
test_foreign(void **state)
{
	struct spoil *spoil = *state;
	static const char zeros[8192];
	static const struct {
		const char *text;
		size_t len;
		bool damaged;
	} foreign[] = {
		{ "", 0, true },
		{ "x", 1, true },
		{ "{\"version\":1}\n", 14, true },
		{ zeros, sizeof(zeros), true },
		{ "SQLite format 3", 16, true },
	};

	for (size_t i = 0; i < LENGTH(foreign); i++) {
		assert_int_equal(
		    open_spoilt(spoil, foreign[i].text, foreign[i].len),
		    foreign[i].damaged);
		assert_int_equal(spoil->told.told, 0);
	}
	/* Cut in the middle. */
	assert_true(
	    open_spoilt(spoil, spoil->text, spoil->len / 2 / 4096 * 4096));
	assert_true(open_spoilt(spoil, spoil->text, spoil->len / 2 + 100));
	(void)right_count(spoil);
}

/* Damage that the thread finds is mended, reported once, and all asked for. */
static void
test_meanwhile(void **state)
{
	struct spoil *spoil = *state;
	struct state_hooks hooks = ledger_hooks(&spoil->told);
	struct problem problem = { "" };
	struct state *opened = NULL;
	char *warning = NULL;
	char *name = NULL;
	char *text = mem_copy(spoil->text, spoil->len);
	int64_t root;
	enum status status = STATUS_OK;

	/* Nothing reads the keys here. */
	root = state_number(spoil->world->directory,
	    "SELECT rootpage FROM sqlite_schema WHERE name = 'tsig'");
	memset(text + (root - 1) * 4096, 0xee, 4096);
	file_fill(spoil->directory, "state.db", text, spoil->len);
	assert_int_equal(state_open(spoil->directory, true, &hooks, &opened,
			     &warning, &problem),
	    STATUS_OK);
	assert_null(warning);
	for (int i = 0; name == NULL && i < 1000; i++) {
		status = STATUS_BUSY;
		while (status == STATUS_BUSY)
			status = state_begin(opened, &problem);
		if (status == STATUS_OK) {
			put_serial(opened, "a.example", (uint32_t)i + 5000);
			state_committed(opened);
		}
		name = aside_find(spoil->directory);
	}
	assert_int_equal(status, STATUS_IO);
	assert_non_null(name);
	assert_non_null(strstr(problem.text, name));
	state_begun(opened);
	assert_true(state_wants_all(opened));
	/* What was put last is there as well. */
	assert_true(trie_remove(&spoil->told.lines, "zone a.example", 14));
	assert_int_equal(
	    right_count(spoil), spoil->world->expected.lines.count);
	state_committed(opened);
	state_close(opened);
	free(name);
	free(text);
}

#define SPOIL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SPOIL_TEST(test_octets),
		SPOIL_TEST(test_pages),
		SPOIL_TEST(test_foreign),
		SPOIL_TEST(test_meanwhile),
	};

	return cmocka_run_group_tests_name("state_damage", tests, NULL, NULL);
}
