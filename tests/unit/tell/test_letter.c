/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tell/letter.h"

static char *
facts_of(enum finding_kind kind, const char *subject, const char *what)
{
	struct findings findings = { 0 };
	char *facts;

	finding_add(&findings, kind, subject, "mend it", "%s", what);
	facts = letter_facts(&findings.list[0]);
	findings_fini(&findings);
	return facts;
}

/* Add one that begins, or ends. */
static void
add(struct letter *letter, enum alarm_word word, enum finding_kind kind,
    const char *subject, const char *what)
{
	struct alarm alarm = { .facts = facts_of(kind, subject, what),
		.since = 0,
		.ended = word == ALARM_END ? 60 : 0,
		.word = word };

	letter_add(&alarm, letter);
	free(alarm.facts);
}

static json_t *
end(struct letter *letter)
{
	const struct letter_frame frame = { "h\"ost", 3600, 4, 5 };
	struct buf text = { 0 };
	json_t *json;

	letter_end(letter, &frame, &text);
	json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	buf_fini(&text);
	return json;
}

static const char *
text_at(const json_t *json, const char *list, size_t at, const char *name)
{
	const json_t *object = list != NULL
				   ? json_array_get(
					 json_object_get(json, list), at)
				   : json;
	const char *text = json_string_value(json_object_get(object, name));

	assert_non_null(text);
	return text;
}

static void
must_say(struct letter *letter, const char *summary)
{
	json_t *json = end(letter);

	assert_string_equal(text_at(json, NULL, 0, "summary"), summary);
	json_decref(json);
}

/* The first of the worst that begins speaks for all. */
static void
test_summary(void **state)
{
	struct letter letter = { .first = NULL };

	(void)state;
	add(&letter, ALARM_END, FINDING_EXPIRED, "x", "was");
	must_say(&letter, "h\"ost: ended: x: was");
	letter = (struct letter){ .first = NULL };
	add(&letter, ALARM_END, FINDING_EXPIRED, "x", "was");
	add(&letter, ALARM_BEGIN, FINDING_AT_RISK, "y", "is");
	add(&letter, ALARM_BEGIN, FINDING_AT_RISK, "z", "is too");
	must_say(&letter, "h\"ost: warning: y: is, and 2 more");
	letter = (struct letter){ .first = NULL };
	add(&letter, ALARM_BEGIN, FINDING_AT_RISK, "y", "is");
	add(&letter, ALARM_BEGIN, FINDING_EXPIRED, "z", "bad");
	add(&letter, ALARM_BEGIN, FINDING_EXPIRED, "a", "bad");
	add(&letter, ALARM_END, FINDING_EXPIRED, "x", "was");
	must_say(&letter, "h\"ost: critical: z: bad, and 3 more");
}

static void
test_members(void **state)
{
	struct letter letter = { .first = NULL };
	json_t *json;

	(void)state;
	add(&letter, ALARM_BEGIN, FINDING_EXPIRED, "x", "is");
	add(&letter, ALARM_END, FINDING_AT_RISK, "y", "was");
	json = end(&letter);
	assert_int_equal(
	    json_integer_value(json_object_get(json, "schema")), 1);
	assert_int_equal(
	    json_integer_value(json_object_get(json, "standing")), 4);
	assert_int_equal(json_integer_value(json_object_get(json, "more")), 5);
	assert_string_equal(
	    text_at(json, NULL, 0, "time"), "1970-01-01T01:00:00Z");
	assert_string_equal(text_at(json, "begun", 0, "kind"), "expired");
	assert_string_equal(
	    text_at(json, "begun", 0, "since"), "1970-01-01T00:00:00Z");
	assert_string_equal(text_at(json, "ended", 0, "kind"), "at-risk");
	assert_string_equal(
	    text_at(json, "ended", 0, "until"), "1970-01-01T00:01:00Z");
	json_decref(json);
}

/* Whatever others call their files, it is one line, and one object. */
static void
test_hostile(void **state)
{
	static const char *const names[] = { "\"},{\"severity\":\"x", "a\nb",
		"\\", "\\\"", "\xff\xfe", "\x1b[2J", "%s%n", "\xe2\x80\xae" };

	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++) {
		struct letter letter = { .first = NULL };
		char *facts = facts_of(FINDING_EXPIRED, names[i], names[i]);
		json_t *json;

		assert_null(strchr(facts, '\n'));
		free(facts);
		add(&letter, ALARM_BEGIN, FINDING_EXPIRED, names[i], names[i]);
		json = end(&letter);
		assert_int_equal(
		    json_array_size(json_object_get(json, "begun")), 1);
		assert_int_equal(json_object_size(json_array_get(
				     json_object_get(json, "begun"), 0)),
		    7);
		json_decref(json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("letter", tests, NULL, NULL);
}
