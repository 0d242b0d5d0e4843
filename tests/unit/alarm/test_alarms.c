/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "alarm/alarms.h"
#include "base/buf.h"
#include "base/limit.h"
#include "base/mem.h"

enum { AFTER = 300 };

/* What was told, one word after the other: "+name " and "-name ". */
static void
word_note(const struct alarm *alarm, void *arg)
{
	buf_add_format(
	    arg, "%c%s ", alarm->word == ALARM_BEGIN ? '+' : '-', alarm->facts);
}

/* One look at `names`, and a run that ends well (or not) if there is any. */
static void
look(struct alarms *alarms, const char *names, int64_t now, bool is_good,
    struct buf *said)
{
	char *copy = mem_string(names);
	char *rest = copy;

	alarms_look(alarms);
	for (char *name; (name = strsep(&rest, " ")) != NULL;)
		if (name[0] != '\0')
			alarms_see(alarms, name, name, now);
	alarms_looked(alarms, now);
	if (alarms_tell(alarms, now, AFTER, word_note, said) > 0)
		alarms_told(alarms, is_good, now);
	free(copy);
}

enum { NAMES = 6, STEPS = 400, ROUNDS = 3000 };

static void
look_at(struct alarms *alarms, unsigned stand, int64_t now)
{
	alarms_look(alarms);
	for (unsigned i = 0; i < NAMES; i++) {
		const char name[] = { (char)('0' + i), '\0' };

		if ((stand >> i & 1) != 0)
			alarms_see(alarms, name, name, now);
	}
	alarms_looked(alarms, now);
}

/* ---- the record ---- */

static void
record_put(const char *name, const struct alarm *alarm, void *arg)
{
	struct trie *kept = arg;
	struct alarm *copy;

	if (alarm == NULL) {
		(void)trie_remove(kept, name, strlen(name));
		return;
	}
	copy = mem_copy(alarm, sizeof(*alarm));
	copy->facts = mem_string(alarm->facts);
	copy->word = ALARM_NOTHING;
	copy->look = 0;
	copy->is_changed = false;
	trie_set(kept, name, strlen(name), copy);
}

static void
record_free(void *value)
{
	struct alarm *alarm = value;

	free(alarm->facts);
	free(alarm);
}

static bool
record_tell(const struct trie_entry *entry, void *arg)
{
	char *name = mem_copy(entry->key, entry->len);

	alarms_remember(arg, name, entry->value);
	free(name);
	return true;
}

static void
restart(struct alarms *alarms, const struct trie *kept)
{
	alarms_fini(alarms);
	alarms_init(alarms);
	(void)trie_walk(kept, "", 0, record_tell, alarms);
}

/* ---- a month ---- */

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* From a second on, these stand; or the daemon is restarted. */
static const struct event {
	int64_t at;
	const char *stand; /* NULL: a restart */
} month[] = {
	{ 0, "" },
	/* a renewal passes through a broken state */
	{ 2 * DAY, "problem:mail" },
	{ 2 * DAY + 2 * MINUTE, "" },
	/* a disk fails, and is mended on the other day */
	{ 5 * DAY, "source:/le" },
	{ 5 * DAY + HOUR, NULL },
	{ 5 * DAY + 2 * HOUR, NULL },
	{ 6 * DAY, "" },
	/* no renewal, which becomes worse, with a restart in between */
	{ 10 * DAY, "warning:mail" },
	{ 12 * DAY, NULL },
	{ 14 * DAY, "critical:mail" },
	{ 14 * DAY + 3 * MINUTE, NULL },
	{ 15 * DAY, "expired:mail" },
	{ 15 * DAY + 4 * MINUTE, "expired:mail risk:web" },
	{ 15 * DAY + 8 * MINUTE, "expired:mail" },
	{ 16 * DAY, "" },
	/* it comes and goes, and is told once */
	{ 20 * DAY, "problem:web" },
	{ 20 * DAY + 10 * MINUTE, "" },
	{ 20 * DAY + 12 * MINUTE, "problem:web" },
	{ 20 * DAY + 20 * MINUTE, "" },
	{ 20 * DAY + 23 * MINUTE, "problem:web" },
	{ 20 * DAY + 24 * MINUTE, NULL },
	{ 21 * DAY, "" },
	/* begun before a restart, told after it */
	{ 25 * DAY, "nothing:irc" },
	{ 25 * DAY + MINUTE, NULL },
	/* gone before a restart, told after it */
	{ 26 * DAY, "" },
	{ 26 * DAY + MINUTE, NULL },
	{ 30 * DAY, "" },
};

static const char month_told[] = "+source:/le -source:/le "
				 "+warning:mail +critical:mail -warning:mail "
				 "-critical:mail +expired:mail -expired:mail "
				 "+problem:web -problem:web "
				 "+nothing:irc -nothing:irc ";

static void
test_month(void **state)
{
	struct buf said = { 0 };
	struct alarms alarms;
	struct trie kept;
	const char *stand = "";
	size_t next = 0;

	(void)state;
	alarms_init(&alarms);
	trie_init(&kept, record_free);
	for (int64_t now = 0; now < 31 * DAY; now += 30) {
		for (; next < LENGTH(month) && month[next].at <= now; next++)
			if (month[next].stand != NULL)
				stand = month[next].stand;
			else
				restart(&alarms, &kept);
		look(&alarms, stand, 1000 + now, true, &said);
		alarms_walk_changed(&alarms, record_put, &kept);
	}
	assert_string_equal(buf_text(&said), month_told);
	buf_fini(&said);
	trie_fini(&kept);
	alarms_fini(&alarms);
}

/* ---- rows ---- */

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

			look(&alarms, text + !is_good, 1000 + 60 * (int64_t)k,
			    is_good, &said);
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
	look(&alarms, "a", 1000, true, &said);
	alarms_look(&alarms);
	alarms_see(&alarms, "a", "a", 1300);
	alarms_looked(&alarms, 1300);
	assert_int_equal(
	    alarms_tell(&alarms, 1300, AFTER, word_note, &said), 1);
	/* Gone before it was told: the end has to be told as well. */
	look_at(&alarms, 0, 1310);
	alarms_told(&alarms, true, 1320);
	look(&alarms, "", 1609, true, &said);
	assert_string_equal(buf_text(&said), "+a ");
	look_at(&alarms, 0, 1610);
	assert_int_equal(
	    alarms_tell(&alarms, 1610, AFTER, word_note, &said), 1);
	/* Back while that is told: it begins anew. */
	alarms_look(&alarms);
	alarms_see(&alarms, "a", "a", 1615);
	alarms_looked(&alarms, 1615);
	alarms_told(&alarms, true, 1620);
	look(&alarms, "a", 1919, true, &said);
	assert_string_equal(buf_text(&said), "+a -a ");
	look(&alarms, "a", 1920, true, &said);
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
	look(&alarms, "a b", 1000, true, &said);
	look(&alarms, "a b", 1300, true, &said);
	for (int64_t now = 1301; now < 3000; now += 10) {
		alarms_look(&alarms);
		alarms_see(&alarms, "a", "a", now);
	}
	look(&alarms, "a b", 3000, true, &said);
	assert_string_equal(buf_text(&said), "+a +b ");
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
	look(&alarms, "a", 100000, true, &said);
	/* With the step nothing is older than before. */
	alarms_shift(&alarms, 50000);
	look(&alarms, "a", 150299, true, &said);
	assert_int_equal(said.len, 0);
	/* A time of the future begins now. */
	look(&alarms, "a", 90000, true, &said);
	look(&alarms, "a", 90299, true, &said);
	assert_int_equal(said.len, 0);
	look(&alarms, "a", 90300, true, &said);
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
	look(&alarms, buf_text(&names), 1000, true, &said);
	look(&alarms, buf_text(&names), 1300, true, &said);
	assert_int_equal(said.len, LIMIT_ALARMS * strlen("+00000 "));
	assert_int_equal(alarms.more, 7);
	assert_int_equal(alarms_standing(&alarms), LIMIT_ALARMS);
	/* When others have ended, there is. */
	for (int64_t now = 1400; now < 3000; now += 100) {
		buf_fini(&said);
		look(&alarms, "01000 01006", now, true, &said);
	}
	assert_int_equal(alarms_standing(&alarms), 2);
	assert_int_equal(alarms.more, 0);
	buf_fini(&said);
	buf_fini(&names);
	alarms_fini(&alarms);
}

/* ---- chance, against a model ---- */

/* What is known of each, by the manual. */
struct model {
	bool is_there;
	int64_t since;
	int64_t gone;
	bool is_told;
	char word; /* '+' or '-' while it is being told */
};

static void
model_look(struct model *model, unsigned stand, int64_t now)
{
	for (unsigned i = 0; i < NAMES; i++, model++) {
		if ((stand >> i & 1) != 0) {
			if (!model->is_there)
				*model = (struct model){ .is_there = true,
					.since = now };
			model->gone = 0;
		} else if (model->is_there && model->gone == 0) {
			model->gone = now;
			if (!model->is_told && model->word == 0)
				model->is_there = false;
		}
	}
}

static void
model_tell(struct model *model, int64_t now, struct buf *said)
{
	for (unsigned i = 0; i < NAMES; i++, model++) {
		if (!model->is_there)
			continue;
		if (!model->is_told && now - model->since >= AFTER)
			model->word = '+';
		if (model->is_told && model->gone != 0 &&
		    now - model->gone >= AFTER)
			model->word = '-';
		if (model->word != 0)
			buf_add_format(said, "%c%u ", model->word, i);
	}
}

static void
model_told(struct model *model, bool is_good, int64_t now)
{
	for (unsigned i = 0; i < NAMES; i++, model++) {
		if (is_good && model->word == '+')
			model->is_told = true;
		if (is_good && model->word == '-') {
			model->is_told = false;
			model->since = now;
		}
		model->word = 0;
		if (model->is_there && !model->is_told && model->gone != 0)
			model->is_there = false;
	}
}

static void
chance_round(uint64_t seed)
{
	struct model model[NAMES] = { { 0 } };
	struct alarms alarms;
	struct trie kept;
	unsigned stand = 0;
	bool is_running = false;
	int64_t now = 1000;

	alarms_init(&alarms);
	trie_init(&kept, record_free);
	for (unsigned step = 0; step < STEPS; step++) {
		struct buf said = { 0 };
		struct buf expected = { 0 };
		unsigned chance;

		seed = seed * UINT64_C(6364136223846793005) + 1;
		chance = (unsigned)(seed >> 33);
		now += chance % 97;
		if (chance % 5 == 0)
			stand ^= 1u << (chance / 5 % NAMES);
		look_at(&alarms, stand, now);
		model_look(model, stand, now);
		if (!is_running) {
			is_running = alarms_tell(&alarms, now, AFTER, word_note,
					 &said) > 0;
			model_tell(model, now, &expected);
			assert_int_equal(said.len, expected.len);
			if (said.len > 0)
				assert_string_equal(
				    buf_text(&said), buf_text(&expected));
		} else if (chance % 3 == 0) {
			alarms_told(&alarms, chance % 2 == 0, now);
			model_told(model, chance % 2 == 0, now);
			is_running = false;
		}
		alarms_walk_changed(&alarms, record_put, &kept);
		assert_false(alarms_has_changed(&alarms));
		if (chance % 29 == 0) {
			restart(&alarms, &kept);
			model_told(model, false, now);
			is_running = false;
		}
		buf_fini(&said);
		buf_fini(&expected);
	}
	trie_fini(&kept);
	alarms_fini(&alarms);
}

static void
test_chance(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++)
		chance_round(seed);
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
	look(&alarms, "a b", 1000, true, &said);
	alarms_remember(&alarms, "a", &told);
	look(&alarms, "a b", 1300, true, &said);
	assert_string_equal(buf_text(&said), "+b ");
	assert_int_equal(alarms_standing(&alarms), 2);
	buf_fini(&said);
	alarms_fini(&alarms);
	free(told.facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_month),
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_part_of_a_look),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_remember_late),
		cmocka_unit_test(test_chance),
	};

	return cmocka_run_group_tests_name("alarms", tests, NULL, NULL);
}
