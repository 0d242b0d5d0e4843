/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include <time.h>

/* So long, in nanoseconds, until those who ask have their turn. */
enum { SLICE = 700000 };

enum phase { PHASE_LINEAGES, PHASE_SERVICES, PHASE_ZONES, PHASES };

/* One turn. */
struct slice {
	struct sweep *sweep;
	struct timespec begin;
	int64_t now;
	size_t skip; /* lineages before those that are wanted */
};

static bool
slice_is_over(const struct slice *slice)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - slice->begin.tv_sec) * INT64_C(1000000000) +
		   now.tv_nsec - slice->begin.tv_nsec >
	       SLICE;
}

static bool
lineage_visit(const struct lineage *lineage, void *arg)
{
	struct slice *slice = arg;
	struct sweep *sweep = slice->sweep;

	if (slice->skip > 0) {
		slice->skip--;
		return true;
	}
	while (!sweep->hooks->lineage(sweep->hooks->arg, lineage, slice->now))
		if (slice_is_over(slice))
			return false;
	sweep->at++;
	return !slice_is_over(slice);
}

/* The next phase: false if there is none. */
static bool
phase_end(struct sweep *sweep)
{
	sweep->at = 0;
	return ++sweep->phase < PHASES;
}

/*
 * They are in no array, so that each turn goes past those before; what was
 * added or left meanwhile may be seen twice, or not.
 */
static bool
lineages_go(struct slice *slice)
{
	struct sweep *sweep = slice->sweep;
	const struct store *store = engine_store(sweep->control->engine);

	if (sweep->hooks->lineage == NULL)
		return phase_end(sweep);
	slice->skip = sweep->at;
	store_walk_lineages(store, lineage_visit, slice);
	return sweep->at < store_lineage_count(store) || phase_end(sweep);
}

static bool
services_go(struct slice *slice)
{
	struct sweep *sweep = slice->sweep;
	size_t count = store_service_count(
	    engine_store(sweep->control->engine));

	if (sweep->hooks->service == NULL)
		return phase_end(sweep);
	while (sweep->at < count && !slice_is_over(slice))
		sweep->hooks->service(
		    sweep->hooks->arg, sweep->at++, slice->now);
	return sweep->at < count || phase_end(sweep);
}

static bool
zones_go(struct slice *slice)
{
	struct sweep *sweep = slice->sweep;
	size_t count = engine_config(sweep->control->engine)->zone_count;

	if (sweep->hooks->zone == NULL)
		return phase_end(sweep);
	while (sweep->at < count && !slice_is_over(slice))
		sweep->hooks->zone(sweep->hooks->arg, sweep->at++);
	return sweep->at < count || phase_end(sweep);
}

static uint64_t
edition_now(const struct sweep *sweep)
{
	return engine_counters(sweep->control->engine)->reloads;
}

static void
sweep_due(void *arg)
{
	static bool (*const phases[])(
	    struct slice * slice) = { lineages_go, services_go, zones_go };
	struct sweep *sweep = arg;
	struct slice slice = { .sweep = sweep,
		.now = engine_now(sweep->control->engine) };
	bool is_whole = edition_now(sweep) == sweep->edition;

	(void)clock_gettime(CLOCK_MONOTONIC, &slice.begin);
	if (is_whole && phases[sweep->phase](&slice)) {
		loop_timer_set(sweep->loop, &sweep->timer, loop_now());
		return;
	}
	sweep->hooks = NULL;
	sweep->done(sweep->arg, is_whole);
}

void
sweep_init(struct sweep *sweep, struct loop *loop,
    const struct control *control, sweep_done_fn *done, void *arg)
{
	*sweep = (struct sweep){ .loop = loop,
		.control = control,
		.done = done,
		.arg = arg,
		.timer = { .due = sweep_due, .arg = sweep } };
}

void
sweep_begin(struct sweep *sweep, const struct sweep_hooks *hooks)
{
	sweep->hooks = hooks;
	sweep->phase = 0;
	sweep->at = 0;
	sweep->edition = edition_now(sweep);
	loop_timer_set(sweep->loop, &sweep->timer, loop_now());
}

bool
sweep_is_under_way(const struct sweep *sweep)
{
	return sweep->hooks != NULL;
}

void
sweep_fini(struct sweep *sweep)
{
	loop_timer_clear(sweep->loop, &sweep->timer);
	sweep->hooks = NULL;
}
