/* SPDX-License-Identifier: MIT */
/* Alarms of a month with faults and restarts; and of chance, by a model. */
#include "unit.h"

#include "alarm/alarms.h"
#include "base/buf.h"
#include "looks.h"

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
	trie_init(&kept, looks_free);
	for (int64_t now = 0; now < 31 * DAY; now += 30) {
		for (; next < LENGTH(month) && month[next].at <= now; next++)
			if (month[next].stand != NULL)
				stand = month[next].stand;
			else
				looks_restart(&alarms, &kept);
		looks_once(&alarms, stand, 1000 + now, true, &said);
		alarms_walk_changed(&alarms, looks_put, &kept);
	}
	assert_string_equal(buf_text(&said), month_told);
	buf_fini(&said);
	trie_fini(&kept);
	alarms_fini(&alarms);
}

/* ---- chance, against a model ---- */

enum { STEPS = 400, ROUNDS = 3000 };

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
	for (unsigned i = 0; i < LOOKS_NAMES; i++, model++) {
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
	for (unsigned i = 0; i < LOOKS_NAMES; i++, model++) {
		if (!model->is_there)
			continue;
		if (!model->is_told && now - model->since >= LOOKS_AFTER)
			model->word = '+';
		if (model->is_told && model->gone != 0 &&
		    now - model->gone >= LOOKS_AFTER)
			model->word = '-';
		if (model->word != 0)
			buf_add_format(said, "%c%u ", model->word, i);
	}
}

static void
model_told(struct model *model, bool is_good, int64_t now)
{
	for (unsigned i = 0; i < LOOKS_NAMES; i++, model++) {
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
	struct model model[LOOKS_NAMES] = { { 0 } };
	struct alarms alarms;
	struct trie kept;
	unsigned stand = 0;
	bool is_running = false;
	int64_t now = 1000;

	alarms_init(&alarms);
	trie_init(&kept, looks_free);
	for (unsigned step = 0; step < STEPS; step++) {
		struct buf said = { 0 };
		struct buf expected = { 0 };
		unsigned chance;

		seed = seed * UINT64_C(6364136223846793005) + 1;
		chance = (unsigned)(seed >> 33);
		now += chance % 97;
		if (chance % 5 == 0)
			stand ^= 1u << (chance / 5 % LOOKS_NAMES);
		looks_bits(&alarms, stand, now);
		model_look(model, stand, now);
		if (!is_running) {
			is_running = alarms_tell(&alarms, now, LOOKS_AFTER,
					 looks_note, &said) > 0;
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
		alarms_walk_changed(&alarms, looks_put, &kept);
		assert_false(alarms_has_changed(&alarms));
		if (chance % 29 == 0) {
			looks_restart(&alarms, &kept);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_month),
		cmocka_unit_test(test_chance),
	};

	return cmocka_run_group_tests_name("month", tests, NULL, NULL);
}
