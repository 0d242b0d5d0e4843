/* SPDX-License-Identifier: MIT */
#include "entry.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/limit.h"
#include "base/mem.h"
#include "files/chain_file.h"
#include "loop/log.h"
#include "pace.h"

enum {
	PATIENCE = 2000, /* ms after which a change is judged all the same */
	REST = 3,        /* times as long as a look took, until the next one */
};

void
entry_free(void *value)
{
	struct entry *entry = value;

	loop_timer_clear(entry->scan->loop, &entry->timer);
	watch_drop(entry->scan->watch, &entry->subject.watch);
	free(entry->load.name);
	free(entry);
}

void
entry_schedule(struct entry *entry, int64_t when, bool urgent)
{
	entry->is_urgent |= urgent;
	loop_timer_set(entry->scan->loop, &entry->timer, when);
}

void
entry_disturb(struct entry *entry, int64_t quiet)
{
	int64_t now = loop_now();
	int64_t when = now + quiet;

	if (entry->since == 0)
		entry->since = now;
	if (when > entry->since + PATIENCE)
		when = entry->since + PATIENCE;
	entry_schedule(entry, when, true);
}

static const struct lineage *
entry_lineage(const struct entry *entry)
{
	return load_lineage(&entry->scan->loader, &entry->load);
}

/* It has been looked at: its source may be waiting for that. */
static void
entry_judged(struct entry *entry)
{
	if (!entry->is_awaited)
		return;
	entry->is_awaited = false;
	place_judged(&entry->scan->places[entry->load.source]);
}

/*
 * A renewal passes through several broken states, so a failure is believed
 * only when it lasts; in the first scan, at once.  Returns false if it is too
 * early, and looks again when it is not.
 */
static bool
is_lasting(struct entry *entry)
{
	int64_t now = loop_now();

	if (entry->failed_since == 0)
		entry->failed_since = now;
	if (!entry->scan->loader.is_complete ||
	    now >= entry->failed_since + GRACE)
		return true;
	entry_schedule(entry, entry->failed_since + GRACE, true);
	return false;
}

static void
entry_failed(struct entry *entry, const char *text)
{
	struct scan *scan = entry->scan;
	const struct lineage *lineage = entry_lineage(entry);

	if (!is_lasting(entry))
		return;
	if (!entry->load.is_reported)
		log_line(LOG_LEVEL_WARNING, "lineage '%s': %s%s",
		    entry->load.name, text,
		    lineage != NULL && lineage->generation_count > 0
			? "; the last good generation stays"
			: "");
	entry->load.is_reported = true;
	entry_schedule(entry, pace_retry_at(entry->failed_since), true);
	(void)store_set_problem(
	    scan->loader.store, entry->load.source, entry->load.name, text);
	entry_judged(entry);
	scan->hooks.changed(scan->hooks.arg);
}

static void
entry_gone(struct entry *entry)
{
	struct scan *scan = entry->scan;
	struct place *place = &scan->places[entry->load.source];

	if (!is_lasting(entry))
		return;
	entry_judged(entry);
	if (place_is_emptied(place)) {
		if (place->failed_since == 0)
			place_hurry(place);
		return;
	}
	if (!store_set_deleted(scan->loader.store, entry->load.source,
		entry->load.name, loader_now(&scan->loader)))
		return;
	log_line(LOG_LEVEL_WARNING,
	    "lineage '%s': was deleted; its TLSA records stay for the "
	    "configured time of 'retain'",
	    entry->load.name);
	entry->load.is_reported = false;
	scan->hooks.changed(scan->hooks.arg);
}

static void
entry_warn(struct entry *entry, const char *warning)
{
	if (store_set_warning(entry->scan->loader.store, entry->load.source,
		entry->load.name, warning))
		log_line(LOG_LEVEL_WARNING, "lineage '%s': %s",
		    entry->load.name, warning);
}

/*
 * What has no chain and never had, where nobody asks for it by name: a
 * directory that may become a lineage, or one of the other things that people
 * keep beside certificates.
 */
static bool
is_bystander(const struct entry *entry, const struct location *location,
    enum status status)
{
	const struct lineage *lineage = entry_lineage(entry);

	if (status == STATUS_ABSENT)
		return location->is_candidate && lineage == NULL;
	return status == STATUS_FOREIGN &&
	       (lineage == NULL || lineage->generation_count == 0) &&
	       !store_names_lineage(
		   entry->scan->loader.store, entry->load.name);
}

/* If it was thought to be a lineage that cannot be read, that was wrong. */
static void
entry_passed(struct entry *entry, const char *text)
{
	struct scan *scan = entry->scan;

	if (store_set_deleted(scan->loader.store, entry->load.source,
		entry->load.name, loader_now(&scan->loader)))
		scan->hooks.changed(scan->hooks.arg);
	log_line(LOG_LEVEL_DEBUG, "%s; passed over", text);
	entry->load.is_reported = false;
	entry->failed_since = 0;
	entry_judged(entry);
}

/*
 * Whether the store has what the file says, by its fingerprint, and all of it
 * that the configuration of now needs.
 */
static bool
is_unchanged(const struct entry *entry, const char *file, const char *issuers)
{
	const struct lineage *lineage = entry_lineage(entry);

	return lineage != NULL && lineage->file != NULL &&
	       lineage->problem == NULL && lineage->deleted == 0 &&
	       strcmp(lineage->file, file) == 0 &&
	       chain_file_unchanged(file, issuers, &lineage->print) &&
	       (!entry->scan->loader.keep_all ||
		   (lineage->generation_count > 0 &&
		       lineage_current(lineage)->leaf->part[0].der != NULL));
}

/* Where the client does not tell, somebody may know. */
static void
plan_override(const struct entry *entry, struct renewal_plan *plan)
{
	const struct config *config = entry->scan->loader.config;

	for (size_t i = 0; i < config->lineage_count; i++) {
		const struct config_lineage *lineage = &config->lineages[i];

		if (!lineage->has_reuse_key ||
		    strcmp(lineage->name, entry->load.name) != 0)
			continue;
		plan->is_known = true;
		plan->reuse_key = lineage->reuse_key;
		if (plan->reuse_key)
			plan->has_key_type = false;
	}
}

static void
entry_look(struct entry *entry, struct location *location)
{
	struct scan *scan = entry->scan;
	struct problem problem = { "" };
	bool urgent = entry->is_urgent;
	enum status status;
	int64_t again;

	entry->is_urgent = false;
	scan_watch(scan, &entry->subject, &location->watched);
	if (urgent || !is_unchanged(entry, location->file, location->issuers)) {
		status = load_chain(
		    &scan->loader, &entry->load, location, &again, &problem);
		if (status == STATUS_BUSY) {
			entry_schedule(entry, loop_now() + again, true);
			return;
		}
		if (is_bystander(entry, location, status)) {
			entry_passed(entry, problem.text);
			return;
		}
		if (status != STATUS_OK) {
			entry_failed(entry, problem.text);
			entry_warn(entry, location->warning);
			return;
		}
	}
	entry->failed_since = 0;
	entry_warn(entry, location->warning);
	again = load_next(&scan->loader, &entry->load, location);
	if (again > 0)
		entry_schedule(entry, loop_now() + again, false);
	plan_override(entry, &location->plan);
	store_set_plan(scan->loader.store, entry->load.source, entry->load.name,
	    &location->plan);
	entry_judged(entry);
	scan->hooks.changed(scan->hooks.arg);
}

/*
 * In the first scan, what is on record and whose file is the same needs no
 * more than that for now; the whole look comes after the first answers.
 */
static bool
entry_look_short(struct entry *entry)
{
	const struct lineage *lineage = entry_lineage(entry);

	if (!entry->is_first || entry->scan->is_thorough || lineage == NULL ||
	    lineage->file == NULL || !is_unchanged(entry, lineage->file, NULL))
		return false;
	entry_schedule(entry, loop_now(), false);
	return true;
}

static void
entry_look_whole(struct entry *entry)
{
	const struct place *place = &entry->scan->places[entry->load.source];
	const struct lineage *lineage = entry_lineage(entry);
	struct location location = { 0 };
	struct problem problem = { "" };
	enum status status = place->ops->locate(place->source, entry->load.name,
	    lineage != NULL ? lineage->file : NULL, &location, &problem);

	if (status == STATUS_OK)
		entry_look(entry, &location);
	else if (status == STATUS_ABSENT)
		entry_gone(entry);
	else
		entry_failed(entry, problem.text);
	location_fini(&location);
}

/* Milliseconds. */
static int64_t
processor_time(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Who writes to a lineage without end has it looked at without end, and may
 * make that dear: he has a quarter of the processor's time, and the last good
 * generation stays meanwhile.
 */
static void
entry_due(void *arg)
{
	struct entry *entry = arg;
	struct scan *scan = entry->scan;
	int64_t begin = processor_time();

	if (loop_now() < entry->rest) {
		entry_schedule(entry, entry->rest, false);
		return;
	}
	entry->since = 0;
	if (!entry_look_short(entry))
		entry_look_whole(entry);
	entry->rest = loop_now() + REST * (processor_time() - begin);
	if (entry->is_first) {
		entry->is_first = false;
		scan_first_done(scan);
	}
}

static void
entry_key(unsigned source, const char *name, struct buf *key)
{
	unsigned char number[2] = { (unsigned char)(source >> 8),
		(unsigned char)source };

	buf_add(key, name, strlen(name) + 1);
	buf_add(key, number, sizeof(number));
}

struct entry *
entry_get(struct place *place, const char *name)
{
	struct scan *scan = place->scan;
	const struct lineage *lineage = store_lineage(
	    scan->loader.store, place->number, name);
	struct buf key = { 0 };
	struct entry *entry;

	entry_key(place->number, name, &key);
	entry = trie_get(&scan->entries, key.data, key.len);
	if (entry == NULL && scan->entries.count < LIMIT_LINEAGES) {
		entry = mem_new(sizeof(*entry));
		entry->subject.kind = SUBJECT_ENTRY;
		entry->subject.watch.listener = &scan->listener;
		entry->scan = scan;
		entry->timer.due = entry_due;
		entry->timer.arg = entry;
		entry->load.source = place->number;
		entry->load.name = mem_string(name);
		entry->is_first = !scan->loader.is_complete;
		/* The log knows from before a reload. */
		entry->load.is_reported = lineage != NULL &&
					  lineage->problem != NULL;
		scan->waiting += entry->is_first;
		trie_set(&scan->entries, key.data, key.len, entry);
	}
	buf_fini(&key);
	return entry;
}
