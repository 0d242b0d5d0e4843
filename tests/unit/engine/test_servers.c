/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "engine/servers.h"

/* Whoever serves the newest serial is current, by RFC 1982. */
static const struct {
	const char *why;
	uint32_t ours;
	uint32_t serials[3]; /* 0: it gave no answer */
	const char *states;
} rows[] = {
	{ "all have ours", 7, { 7, 7, 7 }, "current current current" },
	{ "one lags behind", 7, { 7, 6, 7 }, "current behind current" },
	{ "one is silent", 7, { 7, 0, 7 }, "current silent current" },
	{ "ours is newer than what was seen", 9, { 7, 7, 6 },
	    "behind behind behind" },
	{ "PowerDNS counts signatures as well", 7, { 12, 12, 11 },
	    "current current behind" },
	{ "over the end", 4294967290U, { 4294967290U, 3, 3 },
	    "behind current current" },
	{ "nobody answers", 7, { 0, 0, 0 }, "silent silent silent" },
};

static void
test_state_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct servers *servers = mem_new(sizeof(*servers));
		struct buf text = { 0 };
		uint32_t newest;

		print_message("# %s\n", rows[i].why);
		*servers = (struct servers){ .when = 1 };
		for (size_t s = 0; s < 3; s++)
			assert_true(
			    servers_add(servers, "ns.example.", "192.0.2.1",
				rows[i].serials[s] != 0, rows[i].serials[s]));
		newest = servers_newest(servers, rows[i].ours);
		for (size_t s = 0; s < 3; s++)
			buf_add_format(&text, "%s%s", s > 0 ? " " : "",
			    server_state_text(
				server_state(&servers->list[s], newest)));
		assert_string_equal(buf_text(&text), rows[i].states);
		buf_fini(&text);
		servers_free(servers);
	}
}

/* Whoever tells has no say in how much is kept. */
static void
test_most(void **state)
{
	struct servers *servers = mem_new(sizeof(*servers));

	(void)state;
	*servers = (struct servers){ .when = 1 };
	for (int i = 0; i < SERVERS_MAX; i++)
		assert_true(servers_add(servers, "a.", "192.0.2.1", false, 0));
	assert_false(servers_add(servers, "a.", "192.0.2.1", false, 0));
	assert_int_equal(servers->count, SERVERS_MAX);
	servers_free(servers);
	servers_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state_table),
		cmocka_unit_test(test_most),
	};

	return cmocka_run_group_tests_name("servers", tests, NULL, NULL);
}
