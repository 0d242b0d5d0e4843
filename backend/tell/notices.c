/* SPDX-License-Identifier: MIT */
#include "notices.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/output.h"
#include "control/member.h"
#include "loop/log.h"

void
notices_add(const struct alarm *alarm, void *arg)
{
	struct notices *notices = arg;

	if (notices->count < NOTICES_MAX) {
		struct alarm *copy = &notices->list[notices->count];

		*copy = *alarm;
		copy->facts = mem_string(alarm->facts);
	}
	notices->count++;
}

static void
notice_log(const struct alarm *alarm)
{
	bool is_end = alarm->word == ALARM_END;
	char *whole = mem_format("%s}", alarm->facts);
	json_t *facts = json_loads(whole, 0, NULL);
	char since[OUTPUT_DATE_SIZE];
	char until[OUTPUT_DATE_SIZE];
	const struct event event = {
		.kind = is_end ? EVENT_ALARM_ENDED : EVENT_ALARM_BEGUN,
		.field = { [EVENT_CODE] = text_of(facts, "kind"),
		    [EVENT_SEVERITY] = text_of(facts, "severity"),
		    [EVENT_SUBJECT] = text_of(facts, "subject"),
		    [EVENT_SINCE] = since,
		    [EVENT_UNTIL] = is_end ? until : NULL,
		    [EVENT_WHAT] = text_of(facts, "what") },
	};

	output_date(alarm->since, since, sizeof(since));
	output_date(alarm->ended, until, sizeof(until));
	log_event(LOG_LEVEL_NOTICE, &event, "%s: alarm %s, %s: %s",
	    event.field[EVENT_SUBJECT], is_end ? "ended" : "begun",
	    event.field[EVENT_SEVERITY], event.field[EVENT_WHAT]);
	json_decref(facts);
	free(whole);
}

void
notices_log(struct notices *notices)
{
	if (notices->count <= NOTICES_MAX)
		for (size_t i = 0; i < notices->count; i++)
			notice_log(&notices->list[i]);
	notices_drop(notices);
}

void
notices_drop(struct notices *notices)
{
	for (size_t i = 0; i < notices->count && i < NOTICES_MAX; i++)
		free(notices->list[i].facts);
	notices->count = 0;
}
