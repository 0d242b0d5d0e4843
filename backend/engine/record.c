/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "loop/log.h"
#include "things.h"

enum {
	PAUSE_MAX = 60,   /* seconds between two tries to open it */
	KEEP_EVERY = 600, /* seconds; so much of our time a boot may cost */
};

#define TIME_MAX (INT64_C(1) << 40)

static bool
source_number(
    const struct config *config, const char *name, unsigned *ret_number)
{
	for (size_t i = 0; i < config->source_count; i++) {
		char *source = things_source(&config->sources[i]);
		bool same = strcmp(source, name) == 0;

		free(source);
		if (same) {
			*ret_number = (unsigned)i;
			return true;
		}
	}
	return false;
}

static void
zone_found(const struct state_zone *zone, void *arg)
{
	struct record *record = arg;
	struct content content;

	memcpy(&content, zone->content, sizeof(content));
	store_remember_zone(
	    record->store, zone->name, zone->id, zone->serial, &content);
	if (zone->notified != 0)
		notified_set(record->notified, zone->id, zone->notified);
	record->notified->is_changed = false;
}

/* 0 is no time, and what is far away is nobody's. */
static int64_t
shifted(const struct record *record, int64_t time)
{
	return time > 0 && time < TIME_MAX ? time + record->shift : time;
}

static void
owner_found(const struct state_owner *owner, void *arg)
{
	struct record *record = arg;
	struct lowered lowered = { owner->ttl_before,
		rr_time(shifted(record, owner->lowered)) };
	struct remembered_rr *list;

	if (owner->count == 0) {
		store_forget_owner(record->store, owner->name);
		return;
	}
	list = mem_array(owner->count, sizeof(*list));
	for (size_t i = 0; i < owner->count; i++)
		list[i] = (struct remembered_rr){ owner->list[i].rdata,
			shifted(record, owner->list[i].since),
			shifted(record, owner->list[i].seen) };
	store_remember_owner(record->store, owner->name, owner->ttl, &lowered,
	    list, owner->count, clock_now(record->clock));
	free(list);
}

static void
lineage_found(const struct state_lineage *lineage, void *arg)
{
	struct record *record = arg;
	struct generation *generations;
	unsigned source;

	if (lineage->count == 0 ||
	    !source_number(record->config, lineage->source, &source))
		return;
	generations = mem_array(lineage->count, sizeof(*generations));
	for (size_t i = 0; i < lineage->count; i++)
		generations[i] = (struct generation){
			chain_ref(lineage->list[i].chain),
			shifted(record, lineage->list[i].since),
			shifted(record, lineage->list[i].replaced)
		};
	(record->is_lost ? store_remember_late : store_remember_lineage)(
	    record->store, source, lineage->name, lineage->file,
	    &lineage->print, shifted(record, lineage->deleted), generations,
	    lineage->count, clock_now(record->clock));
	/* What was looked at says by itself what else it holds. */
	if (!record->is_lost)
		(void)store_set_remark(
		    record->store, source, lineage->name, lineage->remark);
	store_remember_deployed(record->store, source, lineage->name,
	    lineage->deployed, lineage->deployed_count);
	free(generations);
}

static void
alarm_found(const struct state_alarm *alarm, void *arg)
{
	struct record *record = arg;
	char *facts;

	if (alarm->facts == NULL)
		return;
	facts = mem_string(alarm->facts);
	alarms_remember(record->alarms, alarm->name,
	    &(struct alarm){ .facts = facts,
		.since = shifted(record, alarm->since),
		.ended = shifted(record, alarm->ended),
		.is_told = alarm->is_told });
	free(facts);
}

void
record_set_store(
    struct record *record, const struct config *config, struct store *store)
{
	record->config = config;
	record->store = store;
	store_lose_memory(store, record->is_blind);
}

static int64_t
seconds_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec;
}

/* What was kept before a step would move all times once more at a start. */
static void
clock_put(struct record *record)
{
	record->is_clock_due = !clock_keep(
	    record->clock, record->config->state_directory);
	if (!record->is_clock_due)
		record->kept = seconds_now();
}

static void
times_moved(struct record *record, int64_t step)
{
	if (step < 0)
		clock_put(record);
	else
		record->is_clock_due = true;
}

void
record_clock_set(struct record *record, int64_t step)
{
	log_line(LOG_LEVEL_WARNING,
	    "the clock was set by %lld seconds; times on record go with it",
	    (long long)step);
	times_moved(record, step);
}

/* The clock may have been set, or the machine booted, while we were off. */
static void
shift_settle(struct record *record, enum clock_known known)
{
	record->is_clock_due = known != CLOCK_SET;
	if (record->shift == 0)
		return;
	store_note_all(record->store);
	if (known == CLOCK_SET) {
		record_clock_set(record, record->shift);
		return;
	}
	log_line(LOG_LEVEL_NOTICE,
	    "the machine was booted; %lld seconds since our last note before "
	    "that do not count for what is retained or waits",
	    (long long)record->shift);
	times_moved(record, record->shift);
}

/* What cannot be written, such as a disk that is read-only, may be read. */
static bool
record_look(const struct record *record, const struct state_hooks *hooks)
{
	struct problem problem;

	return state_look(record->config->state_directory, hooks, &problem) ==
	       STATUS_OK;
}

static void
log_lost(const struct problem *problem, bool is_seen)
{
	log_line(LOG_LEVEL_WARNING,
	    "%s; what was published before is %s until that is mended, which "
	    "is tried again and again",
	    problem->text,
	    is_seen ? "known, but nothing new goes on record" : "not known");
}

/* Open it; false: it is tried again, later each time. */
static bool
record_try(struct record *record)
{
	const struct state_hooks hooks = { zone_found, owner_found,
		lineage_found, alarm_found, record };
	struct problem problem = { "" };
	char *warning = NULL;
	enum clock_known known = clock_kept_step(
	    record->clock, record->config->state_directory, &record->shift);
	bool is_good;

	/* At the start nobody is answered yet; later on nobody shall wait. */
	is_good = state_open(record->config->state_directory, !record->is_lost,
		      &hooks, &record->state, &warning, &problem) == STATUS_OK;
	if (!is_good) {
		record->state = NULL;
		if (!record->is_lost) {
			bool is_seen = !record->is_observer &&
				       record_look(record, &hooks);

			/* Who only looks takes what he sees for what it is. */
			record->is_blind = !record->is_observer && !is_seen;
			log_lost(&problem, is_seen);
		}
		record->is_lost = true;
		record->pause = record->pause == 0 ? 1 : 2 * record->pause;
		if (record->pause > PAUSE_MAX)
			record->pause = PAUSE_MAX;
		record->again = seconds_now() + (int64_t)record->pause;
	} else if (!record->is_observer) {
		shift_settle(record, known);
	}
	if (is_good) {
		record->is_asked_put = state_was_asked(record->state);
		record->is_asked |= record->is_asked_put;
	}
	record->is_blind = record->is_blind && !is_good;
	store_lose_memory(record->store, record->is_blind);
	record->shift = 0;
	if (warning != NULL)
		log_line(LOG_LEVEL_WARNING, "%s", warning);
	free(warning);
	return is_good;
}

void
record_init(struct record *record, const struct clock *clock,
    struct notified *notified, struct alarms *alarms, bool observer)
{
	*record = (struct record){ .clock = clock,
		.notified = notified,
		.alarms = alarms,
		.is_observer = observer };
}

void
record_open(
    struct record *record, const struct config *config, struct store *store)
{
	record_set_store(record, config, store);
	/* Who only looks must not make files that the daemon cannot open. */
	if (record->is_observer && !state_is_usable(config->state_directory))
		return;
	(void)record_try(record);
	store_drop_unclaimed(store);
	if (record->is_observer)
		record_close(record);
}

/* What is read of it now comes on top of what was found meanwhile. */
static void
record_try_again(struct record *record)
{
	if (record->is_observer || !record->is_lost ||
	    seconds_now() < record->again || !record_try(record))
		return;
	store_drop_unclaimed(record->store);
	store_note_all(record->store);
	alarms_note_all(record->alarms);
	record->is_lost = false;
	record->is_back = true;
	log_line(LOG_LEVEL_NOTICE,
	    "state: can be read now, and what was published is known again");
}

int64_t
record_again(const struct record *record)
{
	int64_t left = record->again - seconds_now();

	if (record->is_observer || !record->is_lost)
		return -1;
	return left > 0 ? left : 0;
}

bool
record_is_back(struct record *record)
{
	bool is_back = record->is_back;

	record->is_back = false;
	return is_back;
}

void
record_close(struct record *record)
{
	if (record->state != NULL && !record->is_observer &&
	    !record->is_clock_due)
		(void)clock_keep(
		    record->clock, record->config->state_directory);
	state_close(record->state);
	record->state = NULL;
}

bool
record_has_news(const struct record *record)
{
	return record->state != NULL && state_has_news(record->state);
}

static void
record_failed(struct record *record, const struct problem *problem)
{
	if (!record->is_failing)
		log_line(LOG_LEVEL_ERROR,
		    "%s; answers go on, but a restart may forget changes",
		    problem->text);
	record->is_failing = true;
}

bool
record_begin(struct record *record)
{
	struct problem problem = { "" };
	enum status status;

	if (record->state == NULL)
		record_try_again(record);
	if (record->state == NULL)
		return true;
	status = state_begin(record->state, &problem);
	if (status != STATUS_OK && status != STATUS_BUSY)
		record_failed(record, &problem);
	if (state_wants_all(record->state)) {
		store_note_all(record->store);
		alarms_note_all(record->alarms);
		record->is_back = true;
	}
	record->is_late = status == STATUS_BUSY;
	return status != STATUS_BUSY;
}

void
record_put_owner(
    struct record *record, const char *name, const struct owner *owner)
{
	if (record->state != NULL)
		things_put_owner(record->state, name, owner);
}

void
record_put_zone(struct record *record, const struct zone *zone)
{
	if (record->state != NULL)
		things_put_zone(record->state, zone,
		    notified_get(record->notified, zone->apex->id));
}

static bool
zone_visit(const struct trie_entry *entry, void *arg)
{
	const struct zone *zone = entry->value;

	if (zone->apex->kind == ZONE_OWN)
		record_put_zone(arg, zone);
	return true;
}

void
record_put_zones(struct record *record, const struct snapshot *snapshot)
{
	(void)trie_walk(&snapshot->zones, "", 0, zone_visit, record);
}

static void
lineage_put(const struct lineage *lineage, void *arg)
{
	const struct record *record = arg;

	if (record->state != NULL)
		things_put_lineage(record->state, lineage,
		    &record->config->sources[lineage->source]);
}

static void
gone_put(const char *name, void *arg)
{
	record_put_owner(arg, name, NULL);
}

static void
timed_put(const char *name, const struct owner *owner, void *arg)
{
	record_put_owner(arg, name, owner);
}

static void
alarm_put(const char *name, const struct alarm *alarm, void *arg)
{
	const struct record *record = arg;

	if (record->state != NULL)
		things_put_alarm(record->state, name, alarm);
}

void
record_commit(struct record *record)
{
	struct problem problem = { "" };

	store_walk_changed(record->store, lineage_put, record);
	store_walk_timed(record->store, timed_put, record);
	store_walk_gone(record->store, gone_put, record);
	alarms_walk_changed(record->alarms, alarm_put, record);
	/* Without the lock it waits for the next commit. */
	if (record->state == NULL || record->is_late)
		return;
	if (record->is_asked && !record->is_asked_put)
		state_put_asked(record->state);
	if (state_commit(record->state, &problem) != STATUS_OK) {
		record_failed(record, &problem);
		return;
	}
	record->is_asked_put = record->is_asked;
	if (record->is_clock_due || seconds_now() - record->kept >= KEEP_EVERY)
		clock_put(record);
	if (record->is_failing) {
		record->is_failing = false;
		log_line(LOG_LEVEL_NOTICE, "state: can be written again");
	}
}
