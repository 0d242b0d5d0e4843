/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "state/schema.h"
#include "state_sample.h"
#include "state_world.h"

static void
test_round_trip(void **state)
{
	struct state_world *world = *state;
	size_t count = SAMPLE_NAMES;

	sample_put_all(world);
	state_world_check(world);
	state_world_hear(world, 1);
	ledger_must_equal(&world->told[1], &world->expected);
	assert_int_equal(world->told[1].told, 4 * count);
	/* Zones, then owners, then lineages, then alarms. */
	for (size_t i = 0; i < 4 * count; i++)
		assert_int_equal(world->told[1].order[i], "zola"[i / count]);
	/* Who put them is not told of them. */
	state_world_hear(world, 0);
	assert_int_equal(world->told[0].told, 0);
}

static void
test_last_counts(void **state)
{
	struct state_world *world = *state;

	for (uint32_t i = 1; i <= 3; i++) {
		state_begun(world->state[i % 2]);
		put_serial(world->state[i % 2], "a.example", i);
		put_serial(world->state[i % 2], "a.example", 10 * i);
		put_serial(world->state[i % 2], "b.example", i);
		state_committed(world->state[i % 2]);
	}
	ledger_zone(
	    &(struct state_zone){
		.name = "a.example", .id = 0x40000000, .serial = 30 },
	    &world->expected);
	ledger_zone(
	    &(struct state_zone){
		.name = "b.example", .id = 0x40000000, .serial = 3 },
	    &world->expected);
	state_world_check(world);
	state_world_hear(world, 0);
	ledger_must_equal(&world->told[0], &world->expected);
	/* The first and the third commit, two zones each. */
	assert_int_equal(world->told[0].told, 4);
}

static void
test_nothing_new_writes_nothing(void **state)
{
	struct state_world *world = *state;
	int64_t stamp;

	sample_put_all(world);
	stamp = state_number(world->directory, STAMP);
	sample_put_all(world);
	assert_int_equal(state_number(world->directory, STAMP), stamp);
	state_begun(world->state[0]);
	state_committed(world->state[0]);
	assert_int_equal(state_number(world->directory, STAMP), stamp);
	state_world_hear(world, 1);
	world->told[1].told = 0;
	sample_put_all(world);
	state_world_hear(world, 1);
	assert_int_equal(world->told[1].told, 0);
}

static void
test_busy(void **state)
{
	struct state_world *world = *state;
	struct problem problem = { "" };

	state_begun(world->state[0]);
	assert_int_equal(state_begin(world->state[1], &problem), STATUS_BUSY);
	put_serial(world->state[0], "a.example", 1);
	assert_int_equal(state_begin(world->state[1], &problem), STATUS_BUSY);
	assert_int_equal(world->told[1].told, 0);
	state_committed(world->state[0]);
	assert_int_equal(state_begin(world->state[1], &problem), STATUS_OK);
	assert_int_equal(world->told[1].told, 1);
	state_committed(world->state[1]);
}

static void
test_news(void **state)
{
	struct state_world *world = *state;

	state_world_hear(world, 0);
	state_world_hear(world, 1);
	assert_false(state_has_news(world->state[0]));
	state_begun(world->state[0]);
	put_serial(world->state[0], "a.example", 1);
	assert_false(state_has_news(world->state[1]));
	state_committed(world->state[0]);
	assert_false(state_has_news(world->state[0]));
	assert_true(state_has_news(world->state[1]));
	state_world_hear(world, 1);
	assert_false(state_has_news(world->state[1]));
	assert_false(state_has_news(world->state[0]));
}

static void
test_gone(void **state)
{
	/* None of it counts: octets that are none come back as NULL. */
	static const struct deployed none;
	struct state_world *world = *state;
	const struct state_owner owner = { .name = "never.example" };
	const struct state_lineage lineage = {
		.source = sample_names[1],
		.name = sample_names[0],
		.file = "",
		.deployed = &none,
	};
	const struct state_owner first = { .name = sample_names[2] };

	sample_put_all(world);
	state_world_hear(world, 1);
	world->told[1].told = 0;
	state_begun(world->state[0]);
	state_put_owner(world->state[0], &first);
	state_put_owner(world->state[0], &owner);
	state_put_lineage(world->state[0], &lineage);
	state_committed(world->state[0]);
	ledger_owner(&first, &world->expected);
	ledger_owner(&owner, &world->expected);
	ledger_lineage(&lineage, &world->expected);
	state_world_hear(world, 1);
	ledger_must_equal(&world->told[1], &world->expected);
	assert_int_equal(world->told[1].told, 3);
	/* Who opens the state never knew of them. */
	trie_remove(&world->expected.lines, "owner mail.example.org", 22);
	trie_remove(&world->expected.lines, "owner never.example", 19);
	trie_remove(&world->expected.lines, "lineage a ", 10);
	state_world_check(world);
}

/* What several generations share is one object. */
static const struct cert *seen_ca;

static void
see_lineage(const struct state_lineage *lineage, void *arg)
{
	size_t *count = arg;

	for (size_t i = 0; i < lineage->count; i++) {
		const struct chain *chain = lineage->list[i].chain;

		if (seen_ca == NULL)
			seen_ca = chain->ca[1];
		assert_ptr_equal(seen_ca, chain->ca[1]);
		assert_null(chain->leaf->x509);
		assert_null(seen_ca->x509);
		(*count)++;
	}
}

static void
test_shared_cas(void **state)
{
	struct state_world *world = *state;
	size_t count = 0;
	const struct state_hooks hooks = {
		.lineage = see_lineage,
		.arg = &count,
	};
	struct cert *ca[] = { sample_cert("A", 1, false),
		sample_cert("B", 3, false) };
	struct state *other = NULL;
	char *warning = NULL;

	state_begun(world->state[0]);
	sample_put_lineage(world->state[0], "one", ca, 2);
	sample_put_lineage(world->state[0], "two", ca, 2);
	state_committed(world->state[0]);
	state_begun(world->state[0]);
	sample_put_lineage(world->state[0], "three", ca, 2);
	state_committed(world->state[0]);
	seen_ca = NULL;
	assert_int_equal(
	    state_open(world->directory, true, &hooks, &other, &warning, NULL),
	    STATUS_OK);
	assert_int_equal(count, 3);
	state_close(other);
	assert_int_equal(
	    state_number(world->directory, "SELECT count(*) FROM ca"), 2);
	cert_unref(ca[0]);
	cert_unref(ca[1]);
}

/* A CA certificate that comes with its DER later is recorded once more. */
static void
test_ca_gains_der(void **state)
{
	struct state_world *world = *state;
	struct cert *poor = sample_cert("A", 1, false);
	struct cert *rich = sample_cert("A", 1, true);
	struct ledger ledger;
	struct state *other;
	const char *line;

	state_begun(world->state[0]);
	sample_put_lineage(world->state[0], "one", &poor, 1);
	sample_put_lineage(world->state[0], "two", &rich, 1);
	state_committed(world->state[0]);
	ledger_init(&ledger);
	other = state_opened(world->directory, &ledger);
	/* The second octet of its SHA-512: what is said of one is its own. */
	line = trie_get(&ledger.lines, "lineage s one", 13);
	assert_non_null(line);
	assert_null(strstr(line, ":0102030405"));
	line = trie_get(&ledger.lines, "lineage s two", 13);
	assert_non_null(line);
	assert_non_null(strstr(line, ":0102030405"));
	state_close(other);
	ledger_fini(&ledger);
	cert_unref(poor);
	cert_unref(rich);
}

/* What is gone goes off the record after a day, and CAs that nobody names. */
static void
test_old(void **state)
{
	struct state_world *world = *state;
	const struct state_owner gone = { .name = "gone.example" };
	const struct state_lineage forgotten = { .source = "s", .name = "one" };
	struct cert *ca = sample_cert("CA", 1, false);
	char *path = mem_format("%s/state.db", world->directory);
	struct database database;

	state_begun(world->state[0]);
	put_owner(world->state[0], "here.example", "3 1 1 00");
	sample_put_lineage(world->state[0], "one", &ca, 1);
	state_committed(world->state[0]);
	state_begun(world->state[0]);
	state_put_owner(world->state[0], &gone);
	state_put_lineage(world->state[0], &forgotten);
	state_committed(world->state[0]);
	/* Wait for the thread. */
	state_close(world->state[0]);
	assert_int_equal(state_number(world->directory,
			     "SELECT count(*) FROM owner WHERE gone > 0"),
	    1);
	assert_int_equal(
	    database_open(&database, path, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    database_do(&database, "UPDATE owner SET gone = gone - 86402"
				   " WHERE gone > 0;"
				   "UPDATE lineage SET gone = gone - 86402"),
	    SQLITE_OK);
	database_close(&database);
	world->state[0] = state_opened(world->directory, NULL);
	state_begun(world->state[0]);
	put_serial(world->state[0], "a.example", 1);
	state_committed(world->state[0]);
	state_close(world->state[0]);
	world->state[0] = NULL;
	assert_int_equal(
	    state_number(world->directory, "SELECT count(*) FROM owner"), 1);
	assert_int_equal(
	    state_number(world->directory, "SELECT count(*) FROM lineage"), 0);
	assert_int_equal(
	    state_number(world->directory, "SELECT count(*) FROM ca"), 0);
	cert_unref(ca);
	free(path);
}

/* After each renewal: with 10,000 lineages all rows would be read. */
static void
test_forgets_by_index(void **state)
{
	static const char *const explain[] = {
		"EXPLAIN QUERY PLAN " SCHEMA_FORGET("owner"),
		"EXPLAIN QUERY PLAN " SCHEMA_FORGET("lineage"),
		"EXPLAIN QUERY PLAN " SCHEMA_FORGET("alarm"),
	};
	struct state_world *world = *state;
	char *path = mem_format("%s/state.db", world->directory);
	struct database database;

	assert_int_equal(
	    database_open(&database, path, SQLITE_OPEN_READONLY, NULL),
	    SQLITE_OK);
	for (size_t i = 0; i < LENGTH(explain); i++) {
		sqlite3_stmt *row = database_statement(&database, explain[i]);

		assert_int_equal(sqlite3_step(row), SQLITE_ROW);
		assert_memory_equal(
		    sqlite3_column_text(row, 3), "SEARCH", strlen("SEARCH"));
		(void)sqlite3_reset(row);
	}
	database_close(&database);
	free(path);
}

#define WORLD_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, state_world_setup, state_world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_round_trip),
		WORLD_TEST(test_last_counts),
		WORLD_TEST(test_nothing_new_writes_nothing),
		WORLD_TEST(test_busy),
		WORLD_TEST(test_news),
		WORLD_TEST(test_gone),
		WORLD_TEST(test_shared_cas),
		WORLD_TEST(test_ca_gains_der),
		WORLD_TEST(test_old),
		WORLD_TEST(test_forgets_by_index),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
