/* SPDX-License-Identifier: MIT */
#include "letter.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/output.h"
#include "control/member.h"

static const char critical[] = "{\"severity\":\"critical\"";

char *
letter_facts(const struct finding *finding)
{
	json_t *json = finding_json(finding);
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (text == NULL)
		abort();
	text[strlen(text) - 1] = '\0';
	return text;
}

char *
letter_name(const struct finding *finding)
{
	return mem_format(
	    "%s %s", finding_word(finding->kind), finding->subject);
}

static void
date_add(struct buf *list, const char *name, int64_t when)
{
	char date[OUTPUT_DATE_SIZE];

	output_date(when, date, sizeof(date));
	buf_add_format(list, ",\"%s\":\"%s\"", name, date);
}

/* The first of the worst that begin speaks for all; or the first that ends. */
static void
first_note(struct letter *letter, const struct alarm *alarm)
{
	bool is_critical = alarm->word == ALARM_BEGIN &&
			   strncmp(alarm->facts, critical,
			       sizeof(critical) - 1) == 0;
	bool is_better = alarm->word == ALARM_BEGIN
			     ? letter->begun_count == 0 ||
				   (is_critical && !letter->is_critical)
			     : letter->begun_count + letter->ended_count == 0;

	if (!is_better)
		return;
	free(letter->first);
	letter->first = mem_string(alarm->facts);
	letter->is_critical = is_critical;
}

void
letter_add(const struct alarm *alarm, void *arg)
{
	struct letter *letter = arg;
	bool is_end = alarm->word == ALARM_END;
	struct buf *list = is_end ? &letter->ended : &letter->begun;

	first_note(letter, alarm);
	buf_add_string(list, list->len > 0 ? ",\n" : "\n");
	buf_add_string(list, alarm->facts);
	date_add(list, "since", alarm->since);
	if (is_end)
		date_add(list, "until", alarm->ended);
	buf_add_string(list, "}");
	if (is_end)
		letter->ended_count++;
	else
		letter->begun_count++;
}

/* Append a text as JSON. */
static void
text_add(struct buf *text, const char *value)
{
	json_t *string = output_json_text(value);
	char *dumped = json_dumps(string, JSON_COMPACT | JSON_ENCODE_ANY);

	if (dumped == NULL)
		abort();
	buf_add_string(text, dumped);
	free(dumped);
	json_decref(string);
}

static void
summary_add(const struct letter *letter, const char *host, struct buf *text)
{
	char *whole = mem_format(
	    "%s}", letter->first != NULL ? letter->first : "{");
	json_t *facts = json_loads(whole, 0, NULL);
	size_t more = letter->begun_count + letter->ended_count - 1;
	struct buf line = { 0 };

	buf_add_format(&line, "%s: %s: %s: %s", host,
	    letter->begun_count > 0 ? text_of(facts, "severity") : "ended",
	    text_of(facts, "subject"), text_of(facts, "what"));
	if (more > 0)
		buf_add_format(&line, ", and %zu more", more);
	text_add(text, buf_text(&line));
	buf_fini(&line);
	json_decref(facts);
	free(whole);
}

static void
list_add(struct buf *text, const char *name, struct buf *list)
{
	buf_add_format(text, ",\n\"%s\":[", name);
	if (list->len > 0)
		buf_add(text, list->data, list->len);
	buf_add_string(text, "]");
	buf_fini(list);
}

void
letter_end(
    struct letter *letter, const struct letter_frame *frame, struct buf *text)
{
	buf_add_format(text, "{\"schema\":%d,\n\"summary\":", LETTER_SCHEMA);
	summary_add(letter, frame->host, text);
	buf_add_string(text, ",\n\"host\":");
	text_add(text, frame->host);
	date_add(text, "time", frame->now);
	buf_add_format(text, ",\"standing\":%zu,\"more\":%zu", frame->standing,
	    frame->more);
	list_add(text, "begun", &letter->begun);
	list_add(text, "ended", &letter->ended);
	buf_add_string(text, "}\n");
	free(letter->first);
	letter->first = NULL;
}
