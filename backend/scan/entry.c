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
	free(entry->name);
	free(entry->unrest);
	known_fini(&entry->known);
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
	struct unrest *unrest;

	/* What is tidied up behind a flip does not put it off. */
	if (entry->is_flipped && quiet <= SETTLE)
		return;
	entry->is_flipped = false;
	unrest = unrest_make(&entry->unrest);
	if (unrest->since == 0)
		unrest->since = now;
	if (when > unrest->since + PATIENCE)
		when = unrest->since + PATIENCE;
	entry_schedule(entry, when, true);
}

/* Who flips without end is waited for, as anybody else. */
void
entry_flip(struct entry *entry)
{
	int64_t now = loop_now();
	bool is_first = now >= entry->flipped_at + FLIPS;

	entry_disturb(entry, is_first ? 0 : SETTLE);
	entry->is_flipped |= is_first;
	if (is_first)
		entry->flipped_at = now;
}

void
entry_written(struct entry *entry, const char *name)
{
	unrest_written(&entry->unrest, entry->known.file, name);
}

/*
 * For how many milliseconds its file may still be written to, or 0.  Who writes
 * it and flips a link to it then was heard to close it, as a rule.
 */
static int64_t
entry_fresh_for(const struct entry *entry, const struct fingerprint *print)
{
	if (!entry->scan->loader.is_complete || print->inode == 0 ||
	    fingerprint_equal(print, &unrest_of(entry->unrest)->written))
		return 0;
	return load_fresh_for(print, entry->is_flipped);
}

static bool
entry_is_known(const struct entry *entry)
{
	return entry->known.has_chain || entry->known.has_problem;
}

/* What is known of it counts for its source, `change` (1 or -1) times. */
static void
entry_count(const struct entry *entry, int change)
{
	struct place *place = &entry->scan->places[entry->source];
	bool is_there = entry->known.has_chain && !entry->known.is_deleted;

	place->known += entry_is_known(entry) ? (size_t)change : 0;
	place->there += is_there ? (size_t)change : 0;
}

void
entry_know(struct entry *entry, struct known *known)
{
	if (entry->known.has_chain)
		return;
	entry_count(entry, -1);
	known->has_problem |= entry->known.has_problem;
	known_fini(&entry->known);
	entry->known = *known;
	*known = (struct known){ 0 };
	entry_count(entry, 1);
	if (entry->scan->has_begun && !entry->timer.timer.is_set)
		entry_schedule(entry, loop_now(), false);
}

/* What was found passes to who answers; `report` is ended. */
static void
entry_tell(struct entry *entry, struct report *report)
{
	struct scan *scan = entry->scan;

	scan->hooks.looked(report, scan->hooks.arg);
	report_fini(report);
}

/* It has been looked at: its source may be waiting for that. */
static void
entry_judged(struct entry *entry)
{
	if (!entry->is_awaited)
		return;
	entry->is_awaited = false;
	place_judged(&entry->scan->places[entry->source]);
}

/*
 * A renewal passes through several broken states, so a failure is believed
 * only when it lasts; in the first scan, at once.  Returns false if it is too
 * early, and looks again when it is not.
 */
static bool
is_lasting(struct entry *entry)
{
	struct unrest *unrest = unrest_make(&entry->unrest);
	int64_t now = loop_now();

	if (unrest->failed_since == 0)
		unrest->failed_since = now;
	if (!entry->scan->loader.is_complete ||
	    now >= unrest->failed_since + GRACE)
		return true;
	entry_schedule(entry, unrest->failed_since + GRACE, true);
	return false;
}

static void
entry_recovered(struct entry *entry)
{
	if (entry->unrest != NULL)
		entry->unrest->failed_since = 0;
}

static void
entry_failed(struct entry *entry, struct report *report, const char *text)
{
	if (!is_lasting(entry))
		return;
	entry_schedule(
	    entry, pace_retry_at(unrest_of(entry->unrest)->failed_since), true);
	report->verdict = VERDICT_PROBLEM;
	report->problem = mem_string(text);
	entry_count(entry, -1);
	entry->known.has_problem = true;
	entry->known.is_deleted = false;
	entry_count(entry, 1);
	entry_tell(entry, report);
	entry_judged(entry);
}

/* It is gone, or was none: what was known to be wrong with it is over. */
static void
entry_end(struct entry *entry, struct report *report, enum verdict verdict)
{
	report->verdict = verdict;
	entry_count(entry, -1);
	entry->known.is_deleted = entry->known.has_chain;
	entry->known.has_problem = false;
	entry_count(entry, 1);
	entry_tell(entry, report);
}

static void
entry_gone(struct entry *entry, struct report *report)
{
	struct place *place = &entry->scan->places[entry->source];

	if (!is_lasting(entry))
		return;
	entry_judged(entry);
	if (!place_is_emptied(place))
		entry_end(entry, report, VERDICT_DELETED);
	else if (place->failed_since == 0)
		place_hurry(place);
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
	if (status == STATUS_ABSENT)
		return location->is_candidate && !entry_is_known(entry);
	return status == STATUS_FOREIGN && !entry->known.has_chain &&
	       !reading_names(entry->scan->loader.reading, entry->name);
}

/* If it was thought to be a lineage that cannot be read, that was wrong. */
static void
entry_passed(struct entry *entry, struct report *report, const char *text)
{
	log_line(LOG_LEVEL_DEBUG, "%s; passed over", text);
	entry_recovered(entry);
	entry_end(entry, report, VERDICT_PASSED);
	entry_judged(entry);
}

/*
 * Whether it is known what the file says, by its fingerprint, and all of it
 * that is wanted now.
 */
static bool
is_unchanged(const struct entry *entry, const char *file, const char *issuers)
{
	const struct known *known = &entry->known;

	return known->file != NULL && !known->has_problem &&
	       !known->is_deleted && strcmp(known->file, file) == 0 &&
	       chain_file_unchanged(file, issuers, &known->print) &&
	       (!entry->scan->loader.reading->keep_all || known->has_all);
}

/* Where the client does not tell, somebody may know. */
static void
plan_override(const struct entry *entry, struct renewal_plan *plan)
{
	const struct reading *reading = entry->scan->loader.reading;

	for (size_t i = 0; i < reading->lineage_count; i++) {
		const struct config_lineage *lineage = &reading->lineages[i];

		if (!lineage->has_reuse_key ||
		    strcmp(lineage->name, entry->name) != 0)
			continue;
		plan->is_known = true;
		plan->reuse_key = lineage->reuse_key;
		if (plan->reuse_key)
			plan->has_key_type = false;
	}
}

/* All that belongs to a chain that is good; `location` is emptied. */
static void
entry_good(
    struct entry *entry, struct location *location, struct report *report)
{
	int64_t again = load_next(&entry->scan->loader, location, report);

	if (again > 0)
		entry_schedule(entry, loop_now() + again, false);
	entry_recovered(entry);
	plan_override(entry, &location->plan);
	report->plan = location->plan;
	location->plan = (struct renewal_plan){ 0 };
	entry_count(entry, -1);
	if (report->chain != NULL)
		known_set_chain(
		    &entry->known, report->chain, report->file, &report->print);
	entry_count(entry, 1);
	entry_tell(entry, report);
	entry_judged(entry);
}

/*
 * Reading it ended the process twice, so it is left alone until it is another
 * file, or for a while; or it is too fresh to be judged; else load_chain().
 */
static enum status
entry_read(struct entry *entry, const struct location *location,
    struct report *report, int64_t *ret_again, struct problem *problem)
{
	const struct scan *scan = entry->scan;
	struct fingerprint print = { 0 };

	(void)file_fingerprint(location->file, &print);
	if (unrest_bans(entry->unrest, &print)) {
		problem_set(problem,
		    "%s: reading it ended the process that reads, twice; it "
		    "is left alone until it changes, or for an hour",
		    location->file);
		return STATUS_REFUSED;
	}
	*ret_again = entry_fresh_for(entry, &print);
	if (*ret_again > 0)
		return STATUS_BUSY;
	if (scan->hooks.looking != NULL)
		scan->hooks.looking(entry->source, entry->name, location->file,
		    &print, scan->hooks.arg);
	return load_chain(
	    &scan->loader, &entry->known, location, report, ret_again, problem);
}

/*
 * What is odd about what is being written is not, a moment later; in the first
 * scan it is believed.  free() it.
 */
static char *
warning_take(struct entry *entry, struct location *location)
{
	char *warning = location->warning;
	int64_t now = loop_now();
	struct unrest *unrest;

	if (warning == NULL && entry->unrest == NULL)
		return NULL;
	unrest = unrest_make(&entry->unrest);
	location->warning = NULL;
	if (warning == NULL)
		unrest->odd_since = 0;
	else if (unrest->odd_since == 0)
		unrest->odd_since = entry->scan->loader.is_complete
					? now
					: now - GRACE;
	if (warning == NULL || now >= unrest->odd_since + GRACE)
		return warning;
	entry_schedule(entry, unrest->odd_since + GRACE, false);
	free(warning);
	return NULL;
}

static void
entry_look(
    struct entry *entry, struct location *location, struct report *report)
{
	struct scan *scan = entry->scan;
	struct problem problem = { "" };
	bool urgent = entry->is_urgent;
	enum status status;
	int64_t again;

	entry->is_urgent = false;
	scan_watch(scan, &entry->subject, &location->watched);
	report->is_located = true;
	report->warning = warning_take(entry, location);
	if (!urgent && is_unchanged(entry, location->file, location->issuers)) {
		entry_good(entry, location, report);
		return;
	}
	status = entry_read(entry, location, report, &again, &problem);
	if (status == STATUS_BUSY)
		entry_schedule(entry, loop_now() + again, true);
	else if (is_bystander(entry, location, status))
		entry_passed(entry, report, problem.text);
	else if (status != STATUS_OK)
		entry_failed(entry, report, problem.text);
	else
		entry_good(entry, location, report);
	if (scan->hooks.idle != NULL)
		scan->hooks.idle(scan->hooks.arg);
}

/*
 * In the first scan, what is on record and whose file is the same needs no
 * more than that for now; the whole look comes after the first answers.
 */
static bool
entry_look_short(struct entry *entry)
{
	if (!entry->is_first || entry->scan->loader.reading->is_thorough ||
	    entry->known.file == NULL ||
	    !is_unchanged(entry, entry->known.file, NULL))
		return false;
	entry_schedule(entry, loop_now(), false);
	return true;
}

static void
entry_look_whole(struct entry *entry)
{
	const struct place *place = &entry->scan->places[entry->source];
	struct location location = { 0 };
	struct problem problem = { "" };
	struct report report = { .source = entry->source,
		.name = mem_string(entry->name) };
	enum status status = place->ops->locate(
	    place->source, entry->name, entry->known.file, &location, &problem);

	if (status == STATUS_OK)
		entry_look(entry, &location, &report);
	else if (status == STATUS_ABSENT)
		entry_gone(entry, &report);
	else
		entry_failed(entry, &report, problem.text);
	location_fini(&location);
	report_fini(&report);
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
	if (entry->unrest != NULL) {
		entry->unrest->since = 0;
		entry->unrest->closes = 0;
	}
	if (!entry_look_short(entry))
		entry_look_whole(entry);
	entry->is_flipped = false;
	if (!entry->timer.timer.is_set)
		unrest_settle(&entry->unrest);
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
		entry->source = place->number;
		entry->name = mem_string(name);
		entry->is_first = !scan->loader.is_complete;
		scan->waiting += entry->is_first;
		trie_set(&scan->entries, key.data, key.len, entry);
	}
	buf_fini(&key);
	return entry;
}
