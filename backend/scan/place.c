/* SPDX-License-Identifier: MIT */
#include "place.h"

#include "loop/log.h"
#include "pace.h"

enum { COUNTED = 200 }; /* milliseconds that a count of what is there holds */

void
place_tell(struct place *place, const char *problem)
{
	struct scan *scan = place->scan;

	place->has_problem = problem != NULL;
	scan->hooks.source(place->number, problem, scan->hooks.arg);
}

/* Whoever named the source expects something in it. */
void
place_note_empty(struct place *place)
{
	bool is_empty = !place->is_absent && !place->has_problem &&
			place->known == 0;

	if (is_empty && !place->is_empty)
		log_line(LOG_LEVEL_WARNING,
		    "source '%s': no lineage of type '%s' is in it; %s",
		    place->path, source_type_text(place->source->type),
		    source_empty_mend(place->source));
	place->is_empty = is_empty;
}

void
place_count(const char *name, void *arg)
{
	struct place *place = arg;

	(void)name;
	place->found++;
}

enum status
place_discover(struct place *place, void (*found)(const char *name, void *arg),
    struct problem *problem)
{
	enum status status;

	place->found = 0;
	status = place->ops->discover(place->source, found, place, problem);
	/* What takes long holds no shorter for that. */
	place->counted_at = loop_now();
	return status;
}

bool
place_is_emptied(struct place *place)
{
	if (loop_now() - place->counted_at > COUNTED &&
	    place_discover(place, place_count, NULL) != STATUS_OK)
		return false;
	return place->found == 0 && place->there > 1;
}

void
place_hurry(struct place *place)
{
	loop_timer_set(place->scan->loop, &place->timer, loop_now() + SETTLE);
}

void
place_recovered(struct place *place)
{
	place->is_recovering = false;
	place_tell(place, NULL);
}

void
place_judged(struct place *place)
{
	if (--place->awaited == 0 && place->is_recovering)
		place_recovered(place);
}

void
scan_first_done(struct scan *scan)
{
	if (--scan->waiting > 0 || scan->loader.is_complete)
		return;
	scan->loader.is_complete = true;
	for (size_t i = 0; i < scan->loader.reading->source_count; i++)
		place_note_empty(&scan->places[i]);
	scan->hooks.complete(scan->hooks.arg);
}

void
scan_watch(
    struct scan *scan, struct subject *subject, const struct paths *paths)
{
	struct problem problem;

	/* What we may not read is reported by who tries to read it. */
	if (watch_set(scan->watch, &subject->watch, paths, &problem) !=
		STATUS_LIMIT ||
	    scan->is_limited)
		return;
	scan->is_limited = true;
	log_line(LOG_LEVEL_WARNING,
	    "%s; until then changes are found by looking again and again",
	    problem.text);
}
