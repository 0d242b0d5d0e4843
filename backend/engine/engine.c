/* SPDX-License-Identifier: MIT */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "changes.h"
#include "inside.h"
#include "loop/log.h"

enum {
	LOCK_PATIENCE = 100, /* and after that it is not waited for */
	LOCK_PAUSE = 5, /* milliseconds until a busy record is tried again */
	LOOK_AT_LEAST = 60, /* seconds, for the clock may be set meanwhile */
	READER_SILENT = 120000, /* milliseconds; it says something every ten */
};

/* Keep what was published for an hour published for an hour. */
static void
clock_check(struct engine *engine)
{
	int64_t step = clock_step(&engine->clock);

	if (step == 0)
		return;
	store_shift_times(engine->edition.store, step);
	alarms_shift(&engine->alarms, step);
	if (!engine->is_observer)
		record_clock_set(&engine->record, step);
}

/* Else what is noted just behind a step would move as if it were before it. */
int64_t
engine_now(struct engine *engine)
{
	clock_check(engine);
	return clock_now(&engine->clock);
}

static void
owner_changed(const struct store_change *change, void *arg)
{
	struct engine *engine = arg;

	engine_log_change(change, engine->snapshot == NULL);
	engine->counters.rrsets++;
	/* Behind the first snapshot all of a zone is purged. */
	if (!engine->is_observer && engine->snapshot != NULL)
		caches_note_owner(&engine->caches, change->owner);
	if (!change->is_recorded)
		record_put_owner(&engine->record, change->owner, change->after);
}

static void
zone_changed(const struct zone *zone, void *arg)
{
	struct engine *engine = arg;

	record_put_zone(&engine->record, zone);
	if (!engine->is_observer)
		caches_note_zone(
		    &engine->caches, zone, engine->snapshot == NULL);
}

/* Those of the first snapshot come together, behind it. */
static void
concern_changed(const struct service *service, void *arg)
{
	const struct engine *engine = arg;

	if (engine->edition.has_begun)
		engine_log_concern(service);
}

static void
publish_schedule(struct engine *engine)
{
	int64_t wake = store_next_wake(engine->edition.store);
	int64_t left = wake - clock_now(&engine->clock);
	int64_t again = record_again(&engine->record);

	if (wake < 0 || left > LOOK_AT_LEAST)
		left = LOOK_AT_LEAST;
	if (again >= 0 && again < left)
		left = again;
	loop_timer_set(engine->loop, &engine->publish,
	    loop_now() + (left > 0 ? left * 1000 : 0));
}

/*
 * The record may be locked while it is rewritten and synced, which a slow disk
 * makes long.  Answers do not wait for a disk: what they change goes on record
 * later.
 */
static bool
is_impatient(struct engine *engine)
{
	if (engine->busy_since == 0)
		engine->busy_since = loop_now();
	return loop_now() - engine->busy_since >= LOCK_PATIENCE;
}

/* From here on `next` is what is answered. */
static void
snapshot_exchange(struct engine *engine, struct snapshot *next)
{
	struct snapshot *last = engine->snapshot;

	engine->counters.publications++;
	engine->snapshot = next;
	if (!engine->is_observer)
		caches_exchange(
		    &engine->caches, last, next, !engine->edition.has_begun);
	snapshot_unref(last);
}

static void
engine_publish(struct engine *engine)
{
	const struct store_report report = { owner_changed, zone_changed,
		concern_changed, engine_log_learned, engine };
	struct snapshot *next;
	bool is_back;

	clock_check(engine);
	if (!engine->is_observer && keys_refresh(&engine->keys))
		keys_apply(&engine->keys, engine->edition.store);
	if (!record_begin(&engine->record) && !is_impatient(engine)) {
		loop_timer_set(
		    engine->loop, &engine->publish, loop_now() + LOCK_PAUSE);
		return;
	}
	if (!engine->record.is_late)
		engine->busy_since = 0;
	next = store_publish(
	    engine->edition.store, clock_now(&engine->clock), &report);
	is_back = record_is_back(&engine->record);
	if (is_back)
		edition_tell(&engine->edition);
	if (is_back || engine->notified.is_changed) {
		engine->notified.is_changed = false;
		record_put_zones(&engine->record, next);
	}
	record_commit(&engine->record);
	snapshot_exchange(engine, next);
	publish_schedule(engine);
	if (engine->record.is_late)
		loop_timer_set(
		    engine->loop, &engine->publish, loop_now() + LOCK_PATIENCE);
}

/* The first snapshot of this edition is there. */
static void
engine_begin(struct engine *engine, bool first)
{
	engine_log_ready(engine->edition.store, engine->edition.config);
	engine_log_formers(engine->edition.store, clock_now(&engine->clock));
	engine->edition.has_begun = true;
	mem_trim();
	engine_log_concerns(engine->edition.store);
	if (first)
		engine->ready(engine->arg);
	if (engine->reload_wanted)
		engine_reload(engine);
	engine->reload_wanted = false;
}

static void
publish_due(void *arg)
{
	struct engine *engine = arg;
	bool first = engine->snapshot == NULL;

	/* What is not yet read would be taken for absent; its end publishes. */
	if (!engine->edition.intake.is_complete)
		return;
	engine_publish(engine);
	/* A busy record may have held up the very first one. */
	if (first && engine->snapshot != NULL)
		engine_begin(engine, true);
}

static void
store_changed(struct engine *engine)
{
	if (engine->snapshot != NULL && engine->edition.intake.is_complete &&
	    store_is_pending(engine->edition.store, clock_now(&engine->clock)))
		engine_publish(engine);
}

static void
scan_looked(struct report *report, void *arg)
{
	struct engine *engine = arg;

	intake_looked(&engine->edition.intake, report, engine_now(engine));
	store_changed(engine);
}

static void
scan_source(unsigned source, const char *problem, void *arg)
{
	struct engine *engine = arg;

	intake_source(&engine->edition.intake, source, problem);
	store_changed(engine);
}

static void
scan_complete(void *arg)
{
	struct engine *engine = arg;
	bool first = engine->snapshot == NULL;

	engine->edition.intake.is_complete = true;
	engine_publish(engine);
	if (engine->snapshot != NULL)
		engine_begin(engine, first);
}

static void
reader_tell(void *arg)
{
	struct engine *engine = arg;

	edition_tell(&engine->edition);
}

static void
issuers_changed(void *arg)
{
	struct engine *engine = arg;

	store_set_issuers(
	    engine->edition.store, issuer_watch_sets(engine->edition.issuers));
	store_changed(engine);
}

/* Other processes of our state directory may have put something on record. */
static void
record_look(void *arg)
{
	struct engine *engine = arg;

	if (!record_has_news(&engine->record))
		return;
	/* Others may have moved their times along: ours, before theirs come. */
	clock_check(engine);
	if (!record_begin(&engine->record)) {
		loop_timer_set(
		    engine->loop, &engine->publish, loop_now() + LOCK_PAUSE);
		return;
	}
	record_commit(&engine->record);
	if (keys_refresh(&engine->keys))
		keys_apply(&engine->keys, engine->edition.store);
	store_changed(engine);
}

/* PowerDNS changed keys or metadata. */
static void
keys_changed(void *arg)
{
	struct engine *engine = arg;

	keys_apply(&engine->keys, engine->edition.store);
	loop_timer_set(engine->loop, &engine->publish, loop_now());
}

/*
 * As a timer, for it frees the scanner, and an event for that may stand
 * further on in the list of the turn that brought the signal.
 */
static void
reload_due(void *arg)
{
	struct engine *engine = arg;
	struct problem problem = { "" };
	struct edition next;

	if (engine->snapshot == NULL || !engine->edition.intake.is_complete ||
	    store_is_pending(
		engine->edition.store, clock_now(&engine->clock))) {
		engine->reload_wanted = engine->snapshot == NULL ||
					!engine->edition.intake.is_complete;
		if (!engine->reload_wanted) {
			engine_publish(engine);
			loop_timer_set(engine->loop, &engine->reload,
			    loop_now() + LOCK_PAUSE);
		}
		return;
	}
	if (!edition_again(&engine->hooks, &engine->edition, &next, &problem)) {
		log_event(LOG_LEVEL_ERROR,
		    &(const struct event){ .kind = EVENT_NOT_RELOADED },
		    "%s; the configuration stays as it was", problem.text);
		return;
	}
	engine_log_restart(engine->edition.config, next.config);
	if (!engine->is_observer) {
		keys_set_config(&engine->keys, next.config);
		keys_apply(&engine->keys, next.store);
		caches_set_config(&engine->caches, next.config);
		store_set_lag(next.store, &engine->caches.lag);
	}
	/* The snapshot answers on until the new scan is complete. */
	store_adopt(next.store, engine->edition.store);
	record_set_store(&engine->record, next.config, next.store);
	edition_fini(&engine->edition);
	engine->edition = next;
	engine->counters.reloads++;
	loop_timer_clear(engine->loop, &engine->publish);
	edition_start(&engine->edition, false);
	log_event(LOG_LEVEL_NOTICE,
	    &(const struct event){ .kind = EVENT_RELOADED },
	    "configuration '%s': read again", next.config->path);
	if (engine->reloaded != NULL)
		engine->reloaded(engine->reloaded_arg);
}

struct engine *
engine_new(struct loop *loop, struct config *config, struct warden *warden,
    void (*ready)(void *arg), void *arg)
{
	struct engine *engine = mem_new(sizeof(*engine));
	bool observer = warden == NULL;

	engine->loop = loop;
	/* Until what others do not have is made. */
	engine->is_observer = true;
	engine->ready = ready;
	engine->arg = arg;
	engine->publish.due = publish_due;
	engine->publish.arg = engine;
	engine->reload.due = reload_due;
	engine->reload.arg = engine;
	clock_begin(&engine->clock);
	tlsa_pool_init(&engine->tlsas);
	ca_pool_init(&engine->cas);
	notified_init(&engine->notified);
	alarms_init(&engine->alarms);
	disk_init(&engine->disk, loop, observer);
	engine->reader_hooks = (struct reader_hooks){
		{ NULL, NULL, scan_looked, scan_source, scan_complete, engine },
		reader_tell, READER_SILENT
	};
	engine->hooks = (struct edition_hooks){ loop, engine->disk.watch,
		&engine->tlsas, &engine->cas, warden, &engine->reader_hooks,
		issuers_changed, engine };
	edition_init(&engine->hooks, config, NULL, &engine->edition);
	trie_init(&engine->hashed, NULL);
	trie_init(&engine->servers, servers_free);
	if (!observer) {
		keys_open(&engine->keys, config, keys_changed, engine);
		keys_apply(&engine->keys, engine->edition.store);
		caches_init(&engine->caches, loop, config);
		store_set_lag(engine->edition.store, &engine->caches.lag);
		engine->is_observer = false;
	}
	record_init(&engine->record, &engine->clock, &engine->notified,
	    &engine->alarms, observer);
	record_open(&engine->record, config, engine->edition.store);
	/* What who ran before us answered may be in a cache. */
	if (engine->record.is_asked && observer) {
		engine->caches.lag = caches_lag(config);
		store_set_lag(engine->edition.store, &engine->caches.lag);
	} else if (engine->record.is_asked) {
		engine_note_use(engine);
	}
	if (!observer)
		news_begin(&engine->news, loop, engine->disk.watch,
		    config->state_directory, record_look, engine);
	edition_start(&engine->edition, observer);
	return engine;
}

void
engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	loop_timer_clear(engine->loop, &engine->publish);
	loop_timer_clear(engine->loop, &engine->reload);
	news_end(&engine->news);
	record_close(&engine->record); /* by the configuration's path */
	edition_fini(&engine->edition);
	disk_fini(&engine->disk);
	snapshot_unref(engine->snapshot);
	if (!engine->is_observer) {
		keys_close(&engine->keys);
		caches_fini(&engine->caches);
	}
	trie_fini(&engine->hashed);
	trie_fini(&engine->servers);
	notified_fini(&engine->notified);
	alarms_fini(&engine->alarms);
	ca_pool_fini(&engine->cas);
	tlsa_pool_fini(&engine->tlsas);
	free(engine);
}

void
engine_note_use(struct engine *engine)
{
	if (engine->is_observer)
		return;
	caches_note_use(&engine->caches);
	engine->record.is_asked = true;
}

enum outcome
engine_answer(struct engine *engine, const char *line, size_t len,
    struct buf *reply, struct problem *problem)
{
	const struct zone *hashed = NULL;
	bool is_greeted = false;
	const struct method_context context = {
		.snapshot = engine->snapshot,
		.notified = &engine->notified,
		.keys = engine->is_observer ? NULL : keys_door(&engine->keys),
		.hashed = &hashed,
		.is_greeted = &is_greeted,
	};
	enum outcome outcome = method_answer(
	    &context, line, len, reply, problem);

	engine->counters.requests++;
	engine->counters.refused += outcome == OUTCOME_MALFORMED;
	engine->counters.failed += outcome == OUTCOME_CANNOT_TELL;
	if (hashed != NULL)
		engine_log_hashed(&engine->hashed, hashed);
	if (is_greeted)
		engine_note_use(engine);
	if (engine->notified.is_changed)
		loop_timer_set(engine->loop, &engine->publish, loop_now());
	return outcome;
}

void
engine_reload(struct engine *engine)
{
	loop_timer_set(engine->loop, &engine->reload, 0);
}
