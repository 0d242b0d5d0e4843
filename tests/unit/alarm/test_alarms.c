/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "alarm/alarms.h"
#include "base/buf.h"
#include "base/limit.h"
#include "base/mem.h"
#include "looks.h"

/* Looks a minute apart, each at what stands; "!" first: the run fails. */
static const struct row {
	const char *why;
	const char *looks[20];
	const char *told;
} rows[] = {
	{ "what stands is told once",
	    { "a", "a", "a", "a", "a", "a", "a", "a", "a", "a" }, "+a " },
	{ "what does not stand long enough is not",
	    { "a", "a", "a", "a", "a", "", "a", "a" }, "" },
	{ "the end, as long after it",
	    { "a", "a", "a", "a", "a", "a", "", "", "", "", "", "" },
	    "+a -a " },
	{ "no end before that",
	    { "a", "a", "a", "a", "a", "a", "", "", "", "", "", "a" }, "+a " },
	{ "a run that fails is made again",
	    { "a", "a", "a", "a", "a", "!a", "!a", "a", "a" }, "+a +a +a " },
	{ "what was told by no run that went well does not end",
	    { "a", "a", "a", "a", "a", "!a", "", "", "", "", "", "" }, "+a " },
	{ "an end that fails is told again, unless it is back",
	    { "a", "a", "a", "a", "a", "a", "", "", "", "", "", "!", "!", "a" },
	    "+a -a -a " },
	{ "several at once, by name",
	    { "b a", "a b", "a b c", "a b c", "b a", "a b", "b", "b", "b", "b",
		"b", "b" },
	    "+a +b -a " },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct buf said = { 0 };
		struct alarms alarms;

		alarms_init(&alarms);
		for (size_t k = 0; rows[i].looks[k] != NULL; k++) {
			const char *text = rows[i].looks[k];
			bool is_good = text[0] != '!';

			looks_once(&alarms, text + !is_good,
			    1000 + 60 * (int64_t)k, is_good, &said);
		}
		if (strcmp(said.len > 0 ? buf_text(&said) : "", rows[i].told) !=
		    0)
			fail_msg("%s: told '%s'", rows[i].why,
			    said.len > 0 ? buf_text(&said) : "");
		buf_fini(&said);
		alarms_fini(&alarms);
	}
}

/* While a run is under way, what it tells of comes and goes. */
static void
test_under_way(void **state)
{
	struct buf said = { 0 };
	struct alarms alarms;

	(void)state;
	alarms_init(&alarms);
	looks_once(&alarms, "a", 1000, true, &said);
	alarms_look(&alarms, 1300);
	alarms_see(&alarms, "a", "a");
	alarms_looked(&alarms, 1300);
	assert_int_equal(
	    alarms_tell(&alarms, 1300, LOOKS_AFTER, looks_note, &said), 1);
	/* Gone before it was told: the end has to be told as well. */
	looks_bits(&alarms, 0, 1310);
	alarms_told(&alarms, true, 1320);
	looks_once(&alarms, "", 1609, true, &said);
	assert_string_equal(buf_text(&said), "+a ");
	looks_bits(&alarms, 0, 1610);
	assert_int_equal(
	    alarms_tell(&alarms, 1610, LOOKS_AFTER, looks_note, &said), 1);
	/* Back while that is told: it begins anew. */
	alarms_look(&alarms, 1615);
	alarms_see(&alarms, "a", "a");
	alarms_looked(&alarms, 1615);
	alarms_told(&alarms, true, 1620);
	looks_once(&alarms, "a", 1919, true, &said);
	assert_string_equal(buf_text(&said), "+a -a ");
	looks_once(&alarms, "a", 1920, true, &said);
	assert_string_equal(buf_text(&said), "+a -a +a ");
	buf_fini(&said);
	alarms_fini(&alarms);
}

/* A look that is not over ends nothing. */
static void
test_part_of_a_look(void **state)
{
	struct buf said = { 0 };
	struct alarms alarms;

	(void)state;
	alarms_init(&alarms);
	looks_once(&alarms, "a b", 1000, true, &said);
	looks_once(&alarms, "a b", 1300, true, &said);
	for (int64_t now = 1301; now < 3000; now += 10) {
		alarms_look(&alarms, now);
		alarms_see(&alarms, "a", "a");
	}
	looks_once(&alarms, "a b", 3000, true, &said);
	assert_string_equal(buf_text(&said), "+a +b ");
	buf_fini(&said);
	alarms_fini(&alarms);
}

/* However long a look takes, and whatever was left, it is told together. */
static void
test_together(void **state)
{
	struct buf said = { 0 };
	struct alarms alarms;

	(void)state;
	alarms_init(&alarms);
	alarms_look(&alarms, 1000);
	alarms_see(&alarms, "a", "a");
	alarms_look(&alarms, 1030);
	alarms_see(&alarms, "a", "a");
	alarms_see(&alarms, "b", "b");
	alarms_looked(&alarms, 1050);
	looks_once(&alarms, "a b", 1030 + LOOKS_AFTER - 1, true, &said);
	assert_int_equal(said.len, 0);
	looks_once(&alarms, "a b", 1030 + LOOKS_AFTER, true, &said);
	assert_string_equal(buf_text(&said), "+a +b ");
	/* What had begun before goes on over a look that is left. */
	looks_once(&alarms, "a b c", 2000, true, &said);
	alarms_look(&alarms, 2010);
	alarms_see(&alarms, "c", "c");
	looks_once(&alarms, "a b c", 2000 + LOOKS_AFTER, true, &said);
	assert_string_equal(buf_text(&said), "+a +b +c ");
	buf_fini(&said);
	alarms_fini(&alarms);
}

static void
test_clock(void **state)
{
	struct buf said = { 0 };
	struct alarms alarms;

	(void)state;
	alarms_init(&alarms);
	looks_once(&alarms, "a", 100000, true, &said);
	/* With the step nothing is older than before. */
	alarms_shift(&alarms, 50000);
	looks_once(&alarms, "a", 150299, true, &said);
	assert_int_equal(said.len, 0);
	/* A time of the future begins now. */
	looks_once(&alarms, "a", 90000, true, &said);
	looks_once(&alarms, "a", 90299, true, &said);
	assert_int_equal(said.len, 0);
	looks_once(&alarms, "a", 90300, true, &said);
	assert_string_equal(buf_text(&said), "+a ");
	buf_fini(&said);
	alarms_fini(&alarms);
}

/* In a storm as many are followed as there is room for. */
static void
test_storm(void **state)
{
	struct buf said = { 0 };
	struct buf names = { 0 };
	struct alarms alarms;

	(void)state;
	alarms_init(&alarms);
	for (int i = 0; i < LIMIT_ALARMS + 7; i++)
		buf_add_format(&names, "%05d ", i);
	looks_once(&alarms, buf_text(&names), 1000, true, &said);
	looks_once(&alarms, buf_text(&names), 1300, true, &said);
	assert_int_equal(said.len, LIMIT_ALARMS * strlen("+00000 "));
	assert_int_equal(alarms.more, 7);
	assert_int_equal(alarms_standing(&alarms), LIMIT_ALARMS);
	/* When others have ended, there is. */
	for (int64_t now = 1400; now < 3000; now += 100) {
		buf_fini(&said);
		looks_once(&alarms, "01000 01006", now, true, &said);
	}
	assert_int_equal(alarms_standing(&alarms), 2);
	assert_int_equal(alarms.more, 0);
	buf_fini(&said);
	buf_fini(&names);
	alarms_fini(&alarms);
}

/* What is known late counts as of the earlier time. */
static void
test_remember_late(void **state)
{
	struct alarm told = {
		.facts = mem_string("a"), .since = 500, .is_told = true
	};
	struct buf said = { 0 };
	struct alarms alarms;

	(void)state;
	alarms_init(&alarms);
	looks_once(&alarms, "a b", 1000, true, &said);
	alarms_remember(&alarms, "a", &told);
	looks_once(&alarms, "a b", 1300, true, &said);
	assert_string_equal(buf_text(&said), "+b ");
	assert_int_equal(alarms_standing(&alarms), 2);
	buf_fini(&said);
	alarms_fini(&alarms);
	/* Who does not look leaves the record to who does. */
	alarms_init(&alarms);
	alarms_remember(&alarms, "a", &told);
	told.since = 400;
	alarms_remember(&alarms, "a", &told);
	alarms_note_all(&alarms);
	assert_false(alarms_has_changed(&alarms));
	alarms_fini(&alarms);
	free(told.facts);
}

static void
ignore(const char *name, const struct alarm *alarm, void *arg)
{
	(void)name;
	(void)alarm;
	(void)arg;
}

/*
 * Lineages of one name in two sources are one finding, and each of their
 * services says something else of it; it stands unchanged all the same.
 */
static void
test_seen_twice(void **state)
{
	struct alarms alarms;

	(void)state;
	alarms_init(&alarms);
	for (int64_t now = 1000; now < 1300; now += 30) {
		alarms_look(&alarms, now);
		alarms_see(&alarms, "a", "of this one");
		alarms_see(&alarms, "a", "of that one");
		alarms_looked(&alarms, now);
		assert_int_equal(alarms_has_changed(&alarms), now == 1000);
		alarms_walk_changed(&alarms, ignore, NULL);
	}
	alarms_look(&alarms, 1300);
	alarms_see(&alarms, "a", "of that one");
	alarms_looked(&alarms, 1300);
	assert_true(alarms_has_changed(&alarms));
	alarms_fini(&alarms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_part_of_a_look),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_remember_late),
		cmocka_unit_test(test_seen_twice),
	};

	return cmocka_run_group_tests_name("alarms", tests, NULL, NULL);
}
