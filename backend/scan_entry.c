/* SPDX-License-Identifier: MIT */
#include "scan_data.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "limit.h"
#include "log.h"
#include "mem.h"

void
entry_free(void *value)
{
	struct entry *entry = value;

	loop_timer_clear(entry->scan->loop, &entry->timer);
	watch_drop(entry->scan->watch, &entry->subject.watch);
	free(entry->name);
	free(entry->last);
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

static const char *
source_path(const struct entry *entry)
{
	return entry->scan->config->sources[entry->source].path;
}

/* Believe a failure at once in the first scan, later when it lasts. */
static void
entry_failed(struct entry *entry, const char *text)
{
	struct scan *scan = entry->scan;

	entry->failures++;
	entry->has_print = false;
	if (scan->is_complete && entry->failures == 1) {
		entry_schedule(entry, loop_now() + GRACE, true);
		return;
	}
	if (!entry->is_reported)
		log_line(LOG_LEVEL_WARNING, "lineage '%s': %s%s", entry->name,
		    text,
		    store_lineage(scan->store, entry->source, entry->name) !=
			    NULL
			? "; the last good generation stays"
			: "");
	entry->is_reported = true;
	(void)store_set_problem(scan->store, entry->source, entry->name, text);
	scan->hooks.changed(scan->hooks.arg);
}

static void
entry_loaded(struct entry *entry, const struct location *location,
    const struct fingerprint *print, struct chain *chain)
{
	struct scan *scan = entry->scan;
	const struct lineage *lineage = store_lineage(
	    scan->store, entry->source, entry->name);
	bool known = lineage != NULL && lineage->chain != NULL;
	bool was_deleted = lineage != NULL && lineage->deleted != 0;
	const struct cert *leaf = chain->leaf;
	char until[32];
	time_t not_after = (time_t)leaf->not_after;
	struct tm tm;

	free(entry->last);
	entry->last = mem_string(location->file);
	entry->print = *print;
	entry->has_print = true;
	entry->failures = 0;
	if (entry->is_reported || was_deleted)
		log_line(LOG_LEVEL_NOTICE, "lineage '%s': is good again",
		    entry->name);
	entry->is_reported = false;
	(void)strftime(
	    until, sizeof(until), "%Y-%m-%d", gmtime_r(&not_after, &tm));
	if (store_set_chain(
		scan->store, entry->source, entry->name, chain_ref(chain)) &&
	    (known || scan->is_complete))
		log_line(LOG_LEVEL_NOTICE,
		    "lineage '%s': %s, leaf by '%s' "
		    "until %s, %zu CA certificates",
		    entry->name, known ? "renewed" : "new", leaf->issuer, until,
		    chain->ca_count);
	scan->hooks.changed(scan->hooks.arg);
}

/*
 * A file changed a moment ago may still be written to, and an event of that
 * may be under way.
 */
static bool
is_fresh(const struct fingerprint *print)
{
	struct timespec now;
	int64_t age;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	age = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - print->modified;
	return age >= 0 && age < SETTLE * INT64_C(1000000);
}

static enum status
entry_load(struct entry *entry, const struct location *location,
    struct problem *problem)
{
	struct scan *scan = entry->scan;
	struct fingerprint print;
	struct chain *chain = NULL;
	struct buf text = { 0 };
	enum status status;

	if (file_is_key(location->target)) {
		problem_set(problem,
		    "%s: is a private key by its name, which "
		    "is never opened",
		    location->target);
		return STATUS_REFUSED;
	}
	status = file_read(
	    location->file, LIMIT_PEM_FILE, &text, &print, problem);
	if (status == STATUS_OK && scan->is_complete && is_fresh(&print)) {
		entry_schedule(entry, loop_now() + SETTLE, true);
		goto out;
	}
	if (status == STATUS_OK) {
		status = chain_parse(scan->pool, text.data, text.len,
		    scan->keep_all, &chain, problem);
		if (status != STATUS_OK)
			problem_prefix(problem, "%s", location->file);
	}
	if (status == STATUS_OK)
		entry_loaded(entry, location, &print, chain);
out:
	/* Whatever it was, it does not linger. */
	if (text.data != NULL)
		explicit_bzero(text.data, text.room);
	buf_fini(&text);
	chain_unref(chain);
	return status;
}

static void
entry_gone(struct entry *entry)
{
	struct scan *scan = entry->scan;

	entry->failures++;
	if (scan->is_complete && entry->failures == 1) {
		entry_schedule(entry, loop_now() + GRACE, true);
		return;
	}
	if (!store_set_deleted(
		scan->store, entry->source, entry->name, (int64_t)time(NULL)))
		return;
	log_line(LOG_LEVEL_WARNING,
	    "lineage '%s': was deleted; its TLSA "
	    "records stay for the configured time of 'retain'",
	    entry->name);
	entry->is_reported = false;
	scan->hooks.changed(scan->hooks.arg);
}

static void
entry_warn(struct entry *entry, const char *warning)
{
	if (warning != NULL && !entry->is_warned)
		log_line(LOG_LEVEL_WARNING, "lineage '%s': %s", entry->name,
		    warning);
	entry->is_warned = warning != NULL;
}

/* A directory that may become a lineage, but has no chain and never had. */
static bool
is_candidate(const struct entry *entry, const struct location *location)
{
	return location->is_candidate &&
	       store_lineage(entry->scan->store, entry->source, entry->name) ==
		   NULL;
}

static void
entry_look(struct entry *entry, const struct location *location)
{
	struct scan *scan = entry->scan;
	struct fingerprint print;
	struct problem problem = { "" };
	bool urgent = entry->is_urgent;
	enum status status;

	entry->is_urgent = false;
	scan_watch(scan, &entry->subject, &location->watched);
	entry_warn(entry, location->warning);
	if (!urgent && entry->has_print &&
	    file_fingerprint(location->file, &print) &&
	    fingerprint_equal(&print, &entry->print))
		return;
	status = entry_load(entry, location, &problem);
	if (status == STATUS_OK ||
	    (status == STATUS_ABSENT && is_candidate(entry, location)))
		return;
	entry_failed(entry, problem.text);
}

static void
entry_due(void *arg)
{
	struct entry *entry = arg;
	struct scan *scan = entry->scan;
	const struct place *place = &scan->places[entry->source];
	struct location location = { 0 };
	struct problem problem = { "" };
	enum status status = place->ops->locate(
	    source_path(entry), entry->name, entry->last, &location, &problem);

	entry->since = 0;
	if (status == STATUS_OK)
		entry_look(entry, &location);
	else if (status == STATUS_ABSENT)
		entry_gone(entry);
	else
		entry_failed(entry, problem.text);
	location_fini(&location);
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
		entry->scan = scan;
		entry->timer.due = entry_due;
		entry->timer.arg = entry;
		entry->source = place->number;
		entry->name = mem_string(name);
		entry->is_first = !scan->is_complete;
		scan->waiting += entry->is_first;
		trie_set(&scan->entries, key.data, key.len, entry);
	}
	buf_fini(&key);
	return entry;
}
