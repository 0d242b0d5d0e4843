/* SPDX-License-Identifier: MIT */
#include "timeline/timeline.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

enum {
	DAY = 86400,
	LIFE_USUAL = 90 * DAY,    /* of a leaf, where none says another */
	LIFE_LONGEST = 400 * DAY, /* that is drawn to scale */
	FEW_DAYS = 6 * DAY,       /* a date would be there twice */
};

static const char *const class_words[] = {
#define X(id, word) [id] = word,
	TIMELINE_CLASS_TABLE(X)
#undef X
};

static const struct {
	const char *word;
	const char *text;
} events[] = {
#define X(id, word, text) [id] = { word, text },
	TIMELINE_MARK_TABLE(X)
#undef X
};

const char *timeline_class_word(enum timeline_class class)
{
	return class_words[class];
}

const char *
timeline_event_word(enum timeline_event event)
{
	return events[event].word;
}

const char *
timeline_event_text(enum timeline_event event)
{
	return events[event].text;
}

/* ---- from when to when ---- */

/* The life of the leaf that lives for the shortest time counts. */
static int64_t
life_find(const struct service_view *view)
{
	int64_t life = 0;

	for (size_t i = 0; i < view->readable; i++) {
		const struct cert *leaf = lineage_current(view->lineages[i])
					      ->leaf;
		int64_t own = leaf->not_after - leaf->not_before;

		if (own > 0 && (life == 0 || own < life))
			life = own;
	}
	return life == 0 || life > LIFE_LONGEST ? LIFE_USUAL : life;
}

/* ---- bars ---- */

static enum timeline_class
class_of(const struct association *association)
{
	if (association == NULL)
		return TIMELINE_KEPT;
	switch (association->provenance) {
	case PROVENANCE_LEAF:
	case PROVENANCE_CHAIN:
		return TIMELINE_SERVED;
	case PROVENANCE_OLD_LEAF:
	case PROVENANCE_OLD_ISSUER:
		return TIMELINE_OLD;
	default:
		return TIMELINE_NEXT;
	}
}

void
timeline_add_bar(struct timeline *timeline, const char *rdata, const char *why,
    const struct timeline_bar *times)
{
	struct timeline_bar *bar;

	timeline->bars = mem_resize(
	    timeline->bars, timeline->bar_count + 1, sizeof(*timeline->bars));
	bar = &timeline->bars[timeline->bar_count++];
	*bar = *times;
	bar->rdata = mem_string(rdata);
	bar->why = mem_string(why);
}

static void
owner_bar(
    struct timeline *timeline, const struct service_view *view, size_t number)
{
	const struct tlsa *tlsa = view->owner->rdata[number];
	const struct association *association = associations_find(
	    &view->set, tlsa);
	int64_t since = view->owner->times[number].since;
	const struct timeline_bar times = {
		.class = class_of(association),
		.since = since,
		.hold = since + view->service->config->policy.propagation,
		.until = association != NULL ? association->until : INT64_MAX,
	};

	timeline_add_bar(timeline, tlsa->text,
	    association != NULL ? provenance_word(association->provenance)
				: "kept",
	    &times);
}

/* ---- marks ---- */

void
timeline_add_mark(
    struct timeline *timeline, enum timeline_event event, int64_t when)
{
	if (when < timeline->from || when > timeline->to)
		return;
	timeline->marks = mem_resize(timeline->marks, timeline->mark_count + 1,
	    sizeof(*timeline->marks));
	timeline->marks[timeline->mark_count++] = (struct timeline_mark){ event,
		when };
}

/*
 * What the client wrote counts while it can be meant for this leaf: some write
 * it behind the chain.  Else they renew when a third of the life is left.
 */
static int64_t
renewal_expected(const struct lineage *lineage, const struct cert *leaf)
{
	int64_t told = lineage->plan.renews;

	if (told > leaf->not_before && told <= leaf->not_after)
		return told;
	return leaf->not_after - (leaf->not_after - leaf->not_before) / 3;
}

static void
lineage_marks(struct timeline *timeline, const struct lineage *lineage)
{
	const struct cert *leaf = lineage_current(lineage)->leaf;
	int64_t next = renewal_expected(lineage, leaf);

	/* The last one is what was there when we first looked. */
	for (size_t i = 0; i + 1 < lineage->generation_count; i++)
		timeline_add_mark(
		    timeline, TIMELINE_RENEWED, lineage->generations[i].since);
	if (next > timeline->now)
		timeline_add_mark(timeline, TIMELINE_EXPECTED, next);
	timeline_add_mark(timeline, TIMELINE_EXPIRY, leaf->not_after);
}

/* ---- all of it ---- */

void
timeline_init(
    struct timeline *timeline, const struct service_view *view, int64_t now)
{
	const struct owner *owner = view->owner;
	int64_t life = life_find(view);

	/* A third of it is past. */
	*timeline = (struct timeline){
		.now = now, .from = now - life / 2, .to = now + life
	};
	if (owner == NULL || owner->is_unknown)
		return;
	for (size_t i = 0; i < owner->count; i++)
		owner_bar(timeline, view, i);
	for (size_t i = 0; i < view->readable; i++)
		lineage_marks(timeline, view->lineages[i]);
}

void
timeline_fini(struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->bar_count; i++) {
		free(timeline->bars[i].rdata);
		free(timeline->bars[i].why);
	}
	free(timeline->bars);
	free(timeline->marks);
	*timeline = (struct timeline){ 0 };
}

int
timeline_at(const struct timeline *timeline, int64_t when, int width)
{
	int64_t span = timeline->to - timeline->from;

	if (when < timeline->from)
		when = timeline->from;
	if (when > timeline->to)
		when = timeline->to;
	return (int)((when - timeline->from) * width / span);
}

int64_t
timeline_tick(
    const struct timeline *timeline, int i, char text[TIMELINE_TICK_SIZE])
{
	int64_t span = timeline->to - timeline->from;
	int64_t when = timeline->from + span * i / TIMELINE_TICKS;
	time_t seconds = (time_t)when;
	struct tm tm;

	if (i == TIMELINE_TICK_NOW) {
		memcpy(text, "now", sizeof("now"));
		return timeline->now;
	}
	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, TIMELINE_TICK_SIZE,
		span < FEW_DAYS ? "%H:%M" : "%m-%d", &tm) == 0)
		text[0] = '\0';
	return when;
}
