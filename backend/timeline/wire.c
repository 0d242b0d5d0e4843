/* SPDX-License-Identifier: MIT */
#include "timeline/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/plain.h"

/* The year 4147: no sum of such times is too large for anything. */
#define TIME_MAX ((int64_t)1 << 36)

static json_t *
bar_json(const struct timeline_bar *bar)
{
	return json_pack("{s:s,s:s,s:s,s:I,s:I,s:o}", "data", bar->rdata, "why",
	    bar->why, "class", timeline_class_word(bar->class), "since",
	    (json_int_t)bar->since, "hold", (json_int_t)bar->hold, "until",
	    bar->until != INT64_MAX ? json_integer((json_int_t)bar->until)
				    : json_null());
}

json_t *
timeline_json(const struct timeline *timeline)
{
	json_t *bars = json_array();
	json_t *marks = json_array();

	for (size_t i = 0; i < timeline->bar_count; i++)
		(void)json_array_append_new(bars, bar_json(&timeline->bars[i]));
	for (size_t i = 0; i < timeline->mark_count; i++)
		(void)json_array_append_new(
		    marks, json_pack("{s:s,s:I}", "event",
			       timeline_event_word(timeline->marks[i].event),
			       "when", (json_int_t)timeline->marks[i].when));
	return json_pack("{s:I,s:I,s:I,s:o,s:o}", "now",
	    (json_int_t)timeline->now, "from", (json_int_t)timeline->from, "to",
	    (json_int_t)timeline->to, "bars", bars, "marks", marks);
}

static bool
time_read(const json_t *object, const char *name, int64_t *ret)
{
	const json_t *value = json_object_get(object, name);

	*ret = (int64_t)json_integer_value(value);
	return json_is_integer(value) && *ret >= -TIME_MAX && *ret <= TIME_MAX;
}

static char *
text_read(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? plain_text(text, strlen(text)) : NULL;
}

/* The number of a word that `word_of` says; `count` if it is none. */
static int
word_read(const json_t *object, const char *name, int count,
    const char *(*word_of)(int number))
{
	const char *text = json_string_value(json_object_get(object, name));
	int number = 0;

	while (text != NULL && number < count &&
	       strcmp(word_of(number), text) != 0)
		number++;
	return text != NULL ? number : count;
}

static const char *
class_word(int number)
{
	return timeline_class_word((enum timeline_class)number);
}

static const char *
event_word(int number)
{
	return timeline_event_word((enum timeline_event)number);
}

static bool
bar_read(const json_t *json, struct timeline *timeline)
{
	int class = word_read(json, "class", TIMELINE_CLASSES, class_word);
	struct timeline_bar times = { .class = (enum timeline_class) class,
		.until = INT64_MAX };
	char *rdata = text_read(json, "data");
	char *why = text_read(json, "why");
	bool is_good = rdata != NULL && why != NULL &&
		       class < TIMELINE_CLASSES &&
		       time_read(json, "since", &times.since) &&
		       time_read(json, "hold", &times.hold) &&
		       (json_is_null(json_object_get(json, "until")) ||
			   time_read(json, "until", &times.until));

	if (is_good)
		timeline_add_bar(timeline, rdata, why, &times);
	free(rdata);
	free(why);
	return is_good;
}

static bool
mark_read(const json_t *json, struct timeline *timeline)
{
	int event = word_read(json, "event", TIMELINE_EVENTS, event_word);
	int64_t when;

	if (event == TIMELINE_EVENTS || !time_read(json, "when", &when))
		return false;
	timeline_add_mark(timeline, (enum timeline_event)event, when);
	return true;
}

static bool
lists_read(const json_t *json, struct timeline *timeline)
{
	const json_t *bars = json_object_get(json, "bars");
	const json_t *marks = json_object_get(json, "marks");

	if (!json_is_array(bars) || json_array_size(bars) > LIMIT_RECORDS ||
	    !json_is_array(marks))
		return false;
	for (size_t i = 0; i < json_array_size(bars); i++)
		if (!bar_read(json_array_get(bars, i), timeline))
			return false;
	for (size_t i = 0; i < json_array_size(marks); i++)
		if (!mark_read(json_array_get(marks, i), timeline))
			return false;
	return true;
}

bool
timeline_read(const json_t *json, struct timeline *ret_timeline)
{
	struct timeline timeline = { 0 };

	if (time_read(json, "now", &timeline.now) &&
	    time_read(json, "from", &timeline.from) &&
	    time_read(json, "to", &timeline.to) &&
	    timeline.from < timeline.to && timeline.now >= timeline.from &&
	    timeline.now <= timeline.to && lists_read(json, &timeline)) {
		*ret_timeline = timeline;
		return true;
	}
	timeline_fini(&timeline);
	return false;
}
