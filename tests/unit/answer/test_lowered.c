/* SPDX-License-Identifier: MIT */
/* What a TTL that was made shorter leaves behind. */
#include "unit.h"

#include "answer/zone.h"

/* An answer with the TTL of before may be in a cache until that is over. */
static void
test_lowered_table(void **state)
{
	static const struct {
		const char *why;
		struct lowered lowered;
		int64_t since;
		int64_t hold; /* wanted; 120 by the TTL of today */
	} rows[] = {
		{ "never", { 0, 0 }, 1000, 120 },
		{ "published at that moment", { 86400, 1000 }, 1000, 86400 },
		{ "or later", { 86400, 1000 }, 1100, 86300 },
		{ "or when hardly any of it is left", { 86400, 1000 }, 87300,
		    120 },
		{ "or before", { 86400, 5000 }, 1000, 86400 },
		{ "a shorter one says nothing", { 60, 1000 }, 1000, 120 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("# %s\n", rows[i].why);
		assert_int_equal(
		    lowered_hold(&rows[i].lowered, rows[i].since, 120),
		    rows[i].hold);
	}
}

static void
assert_follows(uint32_t last_ttl, struct lowered last_lowered, uint32_t ttl,
    struct lowered wanted)
{
	struct owner *last = owner_new(last_ttl, 0);
	struct owner *owner = owner_new(ttl, 0);

	last->lowered = last_lowered;
	owner_follow(owner, last, 10000);
	assert_int_equal(owner->lowered.ttl, wanted.ttl);
	assert_int_equal(owner->lowered.at, wanted.at);
	owner_free(last);
	owner_free(owner);
}

static void
test_follow(void **state)
{
	const struct lowered none = { 0, 0 };

	(void)state;
	print_message("# a longer one, or the same\n");
	assert_follows(60, none, 3600, none);
	assert_follows(60, none, 60, none);
	print_message("# a shorter one\n");
	assert_follows(3600, none, 60, (struct lowered){ 3600, 10000 });
	print_message("# it goes on with the next RRset, until it is over\n");
	assert_follows(60, (struct lowered){ 3600, 9000 }, 60,
	    (struct lowered){ 3600, 9000 });
	assert_follows(60, (struct lowered){ 3600, 6000 }, 60, none);
	print_message("# twice: what ends last counts\n");
	assert_follows(3600, (struct lowered){ 86400, 9000 }, 60,
	    (struct lowered){ 86400, 9000 });
	assert_follows(3600, (struct lowered){ 4000, 7000 }, 60,
	    (struct lowered){ 3600, 10000 });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lowered_table),
		cmocka_unit_test(test_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
