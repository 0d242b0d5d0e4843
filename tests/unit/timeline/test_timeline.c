/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pki.h"
#include "timeline/timeline.h"
#include "timeline/wire.h"
#include "world.h"

enum { DAY = 86400, LIFE = 90, HOLD = 2 };

/* 2026-11-23, at noon; days count from here. */
#define BEGIN ((int64_t)1795435200)

static const char yaml[] =
    "state-directory: /nowhere\n"
    "listen: /nowhere/s\n"
    "sources: [{type: certbot, path: /nowhere/le}]\n"
    "defaults: {propagation: 2d, retain: 9d, records: [3 1 1, 2 1 1]}\n"
    "zones: [{name: example.com, nameservers: [ns1.example.net],\n"
    "  hostmaster: hostmaster.example.net}]\n"
    "services: [{host: mail.example.com, ports: [25]}]\n";

struct story {
	struct world world;
	struct pki ca;
};

static void
story_begin(struct story *story)
{
	world_init(&story->world, yaml);
	pki_make_ca("E1", NULL, &story->ca);
}

/* A day later there is another leaf with a key of its own. */
static void
story_renew(struct story *story, int day, int life)
{
	const struct pki_wish wish = { .subject = "mail.example.com",
		.names = "DNS:mail.example.com",
		.not_before = BEGIN + (int64_t)(day - 1) * DAY,
		.not_after = BEGIN + (int64_t)(day - 1 + life) * DAY };
	struct buf pem = { 0 };
	struct pki leaf;

	pki_make(&wish, &story->ca, &leaf);
	pki_add_pem(&leaf, &pem);
	pki_add_pem(&story->ca, &pem);
	world_renew(
	    &story->world, "mail", buf_text(&pem), BEGIN + (int64_t)day * DAY);
	world_publish(&story->world, BEGIN + (int64_t)day * DAY);
	buf_fini(&pem);
	pki_fini(&leaf);
}

static void
story_end(struct story *story)
{
	pki_fini(&story->ca);
	world_fini(&story->world);
}

static void
day_add(struct buf *text, int64_t when)
{
	if (when == INT64_MAX)
		buf_add_string(text, " open");
	else
		buf_add_format(text, " %lld", (long long)(when - BEGIN) / DAY);
}

static void
timeline_format(const struct timeline *timeline, struct buf *text)
{
	day_add(text, timeline->from);
	day_add(text, timeline->to);
	for (size_t i = 0; i < timeline->bar_count; i++) {
		const struct timeline_bar *bar = &timeline->bars[i];

		buf_add_format(text, "; %.5s %s %s", bar->rdata, bar->why,
		    timeline_class_word(bar->class));
		day_add(text, bar->since);
		day_add(text, bar->hold);
		day_add(text, bar->until);
	}
	for (size_t i = 0; i < timeline->mark_count; i++) {
		buf_add_format(text, "; %s",
		    timeline_event_word(timeline->marks[i].event));
		day_add(text, timeline->marks[i].when);
	}
}

/* What it is on a day, also after it went through JSON. */
static void
story_is(const struct story *story, int day, const char *expected)
{
	struct service_view view;
	struct timeline timeline;
	struct timeline other;
	struct buf text = { 0 };
	json_t *json;

	store_view(story->world.store, 0, BEGIN + (int64_t)day * DAY, &view);
	timeline_init(&timeline, &view, BEGIN + (int64_t)day * DAY);
	timeline_format(&timeline, &text);
	assert_string_equal(buf_text(&text), expected);
	json = timeline_json(&timeline);
	assert_true(timeline_read(json, &other));
	buf_clear(&text);
	timeline_format(&other, &text);
	assert_string_equal(buf_text(&text), expected);
	json_decref(json);
	timeline_fini(&other);
	timeline_fini(&timeline);
	service_view_fini(&view);
	buf_fini(&text);
}

/* The client has written when it will renew. */
static void
story_told(struct story *story, int day)
{
	struct renewal_plan plan = { .is_known = true,
		.renews = BEGIN + (int64_t)day * DAY };

	store_set_plan(story->world.store, 0, "mail", &plan);
}

/* When a renewal is expected, or -1: it is not. */
static void
story_expects(const struct story *story, int day, int expected)
{
	struct service_view view;
	struct timeline timeline;
	int found = -1;

	store_view(story->world.store, 0, BEGIN + (int64_t)day * DAY, &view);
	timeline_init(&timeline, &view, BEGIN + (int64_t)day * DAY);
	for (size_t i = 0; i < timeline.mark_count; i++)
		if (timeline.marks[i].event == TIMELINE_EXPECTED)
			found = (int)((timeline.marks[i].when - BEGIN) / DAY);
	assert_int_equal(found, expected);
	timeline_fini(&timeline);
	service_view_fini(&view);
}

static void
test_story(void **state)
{
	struct story story;

	(void)state;
	story_begin(&story);
	story_is(&story, 0, " -45 90");
	story_renew(&story, 0, LIFE);
	story_is(&story, 0,
	    " -45 90; "
	    "3 1 1 leaf served 0 2 open; "
	    "2 1 1 chain served 0 2 open; "
	    "expected 59; "
	    "expiry 89");
	story_renew(&story, 60, LIFE);
	story_is(&story, 61,
	    " 16 151; "
	    "3 1 1 leaf served 60 62 open; "
	    "2 1 1 chain served 0 2 open; "
	    "3 1 1 old-leaf old 0 2 69; "
	    "renewed 60; "
	    "expected 119; "
	    "expiry 149");
	story_told(&story, 110);
	story_is(&story, 61,
	    " 16 151; "
	    "3 1 1 leaf served 60 62 open; "
	    "2 1 1 chain served 0 2 open; "
	    "3 1 1 old-leaf old 0 2 69; "
	    "renewed 60; "
	    "expected 110; "
	    "expiry 149");
	/* What was meant for the leaf before, or is past its end, does not. */
	story_told(&story, 58);
	story_expects(&story, 61, 119);
	story_told(&story, 150);
	story_expects(&story, 61, 119);
	story_told(&story, 149);
	story_expects(&story, 61, 149);
	story_told(&story, 60);
	story_expects(&story, 61, -1);
	/* The shortest life counts, and one too long for a drawing does not. */
	story_renew(&story, 62, 6);
	story_is(&story, 62,
	    " 59 68; "
	    "3 1 1 leaf served 62 64 open; "
	    "2 1 1 chain served 0 2 open; "
	    "3 1 1 old-leaf old 60 62 71; "
	    "3 1 1 old-leaf old 0 2 69; "
	    "renewed 62; "
	    "renewed 60; "
	    "expected 65; "
	    "expiry 67");
	story_renew(&story, 63, 4000);
	story_is(&story, 63,
	    " 18 153; "
	    "3 1 1 leaf served 63 65 open; "
	    "2 1 1 chain served 0 2 open; "
	    "3 1 1 old-leaf old 62 64 72; "
	    "3 1 1 old-leaf old 60 62 71; "
	    "3 1 1 old-leaf old 0 2 69; "
	    "renewed 63; "
	    "renewed 62; "
	    "renewed 60");
	story_end(&story);
}

static void
test_at(void **state)
{
	const struct timeline timeline = { .now = 10, .from = 0, .to = 30 };
	static const struct {
		int64_t when;
		int at;
	} rows[] = { { INT64_MIN, 0 }, { -1, 0 }, { 0, 0 }, { 15, 50 },
		{ 29, 96 }, { 30, 100 }, { 31, 100 }, { INT64_MAX, 100 } };

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		assert_int_equal(
		    timeline_at(&timeline, rows[i].when, 100), rows[i].at);
}

static void
test_tick(void **state)
{
	static const struct {
		int days;
		int i;
		const char *text;
	} rows[] = {
		{ 90, 0, "10-09" },
		{ 90, 2, "now" },
		{ 90, 6, "02-21" },
		/* a date would be there more than once */
		{ 2, 0, "12:00" },
		{ 2, 1, "00:00" },
		{ 2, 2, "now" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		int64_t life = (int64_t)rows[i].days * DAY;
		const struct timeline timeline = { .now = BEGIN,
			.from = BEGIN - life / 2,
			.to = BEGIN + life };
		char text[TIMELINE_TICK_SIZE];

		(void)timeline_tick(&timeline, rows[i].i, text);
		assert_string_equal(text, rows[i].text);
	}
}

/* What another one than our daemon may say. */
static void
test_read(void **state)
{
#define BAR                                                                    \
	"{'data': '3 1 1 ab', 'why': 'leaf', 'class': 'served', 'since': 5, "  \
	"'hold': 6, 'until': null}"
#define HEAD "'now': 5, 'from': 0, 'to': 9"
	static const struct {
		bool is_good;
		const char *text;
	} rows[] = {
		{ true, "{" HEAD ", 'bars': [], 'marks': []}" },
		{ true, "{" HEAD ", 'bars': [" BAR "], 'marks': []}" },
		{ true, "{" HEAD ", 'bars': [], 'marks': [{'event': 'expiry', "
			"'when': 7}]}" },
		{ false, "{}" },
		{ false, "[]" },
		{ false, "{" HEAD ", 'bars': []}" },
		{ false, "{" HEAD ", 'bars': {}, 'marks': []}" },
		{ false, "{" HEAD ", 'bars': [{}], 'marks': []}" },
		{ false, "{" HEAD ", 'bars': [], 'marks': [7]}" },
		{ false, "{" HEAD ", 'bars': [], 'marks': [{'event': 'end', "
			 "'when': 7}]}" },
		/* nothing is between the ends, or now is not */
		{ false, "{'now': 5, 'from': 5, 'to': 5, 'bars': [], "
			 "'marks': []}" },
		{ false, "{'now': 10, 'from': 0, 'to': 9, 'bars': [], "
			 "'marks': []}" },
		{ false, "{'now': 5, 'from': -9223372036854775807, 'to': 9, "
			 "'bars': [], 'marks': []}" },
		{ false, "{'now': 5.5, 'from': 0, 'to': 9, 'bars': [], "
			 "'marks': []}" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char *text = mem_string(rows[i].text);
		struct timeline timeline;
		json_t *json;

		for (char *c = text; *c != '\0'; c++)
			*c = *c == '\'' ? '"' : *c;
		json = json_loads(text, 0, NULL);
		assert_non_null(json);
		if (timeline_read(json, &timeline) != rows[i].is_good)
			fail_msg("%s", rows[i].text);
		if (rows[i].is_good)
			timeline_fini(&timeline);
		json_decref(json);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_at),
		cmocka_unit_test(test_tick),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
