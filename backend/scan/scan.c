/* SPDX-License-Identifier: MIT */
#include "scan/scan.h"

#include <stdlib.h>

#include "base/mem.h"
#include "entry.h"
#include "loop/log.h"
#include "pace.h"
#include "place.h"

/* Milliseconds. */
enum {
	POLL = 1000,   /* without inotify; more for many lineages */
	MOUNTS = 1000, /* between looks at everything for mounts */
};

/*
 * How long until the next look at everything.  Where inotify cannot tell, it is
 * all there is, and the more there is to look at the rarer it is.
 */
static int64_t
rescan_after(const struct scan *scan)
{
	int64_t after = POLL + (int64_t)scan->entries.count;

	if (watch_fd(scan->watch) >= 0 && !scan->is_limited)
		return RESCAN;
	return after < RESCAN ? after : RESCAN;
}

static void
place_found(const char *name, void *arg)
{
	struct place *place = arg;
	struct entry *entry = entry_get(place, name);

	place_count(name, place);
	if (entry != NULL && !entry->timer.timer.is_set)
		entry_schedule(entry, loop_now(), false);
}

/* Let each known lineage be looked at, also those that are not found. */
static bool
entry_visit(const struct trie_entry *row, void *arg)
{
	const struct place *place = arg;
	struct entry *entry = row->value;

	if (entry->source == place->number && !entry->timer.timer.is_set)
		entry_schedule(entry, loop_now(), false);
	return true;
}

static void
place_watch(struct place *place)
{
	struct paths paths = { 0 };

	for (int role = 0; role < ROLES; role++) {
		char *path = place->ops->directory(place->source, role);
		char *target = NULL;
		char *inside;

		if (path == NULL)
			continue;
		inside = mem_format("%s/", path);
		/* Whatever is exchanged on the way makes it another store. */
		(void)path_follow(path, NULL, &paths, &target, NULL);
		free(target);
		paths_add(&paths, inside);
		if (role == ROLE_LINEAGES && place->ops->more != NULL)
			place->ops->more(place->source, &paths);
		scan_watch(place->scan, &place->roles[role].subject, &paths);
		paths_fini(&paths);
		free(inside);
		free(path);
	}
}

static bool
await_visit(const struct trie_entry *row, void *arg)
{
	struct place *place = arg;
	struct entry *entry = row->value;

	if (entry->source != place->number || entry->is_awaited)
		return true;
	entry->is_awaited = true;
	place->awaited++;
	entry_schedule(entry, loop_now(), true);
	return true;
}

/*
 * A problem of the source ends only when its lineages have been looked at:
 * until then it is not known what they say, and nothing may be denied.
 */
static void
place_recover(struct place *place)
{
	place->is_recovering = true;
	(void)trie_walk(&place->scan->entries, "", 0, await_visit, place);
	if (place->awaited == 0)
		place_recovered(place);
}

/*
 * What leads to the source may be on its way to another place: as with a
 * lineage, that is believed when it lasts.
 */
static bool
place_is_lasting(struct place *place)
{
	int64_t now = loop_now();

	if (place->failed_since == 0)
		place->failed_since = now;
	return !place->scan->loader.is_complete ||
	       now >= place->failed_since + GRACE;
}

static void
place_report(
    struct place *place, enum status status, const struct problem *problem)
{
	bool absent = status == STATUS_ABSENT;

	if (status == STATUS_OK)
		place->failed_since = 0;
	else if (!place_is_lasting(place))
		return;
	if (absent && !place->is_absent)
		log_line(LOG_LEVEL_WARNING,
		    "source '%s': %s yet; waiting for it", place->path,
		    problem->text);
	place->is_absent = absent;
	if (status == STATUS_OK || absent) {
		if (place->has_problem)
			place_recover(place);
		return;
	}
	place->is_recovering = false;
	place_tell(place, problem->text);
}

static void
place_due(void *arg)
{
	struct place *place = arg;
	struct scan *scan = place->scan;
	struct problem problem = { "" };
	enum status status;

	watch_again(scan->watch);
	/* Watch first, so that nothing falls between the look and the watch. */
	place_watch(place);
	status = place_discover(place, place_found, &problem);
	if (status == STATUS_OK && place_is_emptied(place)) {
		status = STATUS_REFUSED;
		problem_set(&problem,
		    "all %zu lineages are gone at once, which counts as an "
		    "accident: their TLSA records stay; bring the store back, "
		    "or take the source out of the configuration",
		    place->there);
	}
	(void)trie_walk(&scan->entries, "", 0, entry_visit, place);
	place_report(place, status, &problem);
	if (scan->loader.is_complete && place->is_empty)
		place_note_empty(place);
	loop_timer_set(scan->loop, &place->timer,
	    place->failed_since == 0 ? loop_now() + rescan_after(scan)
				     : pace_retry_at(place->failed_since));
	if (!place->is_discovered) {
		place->is_discovered = true;
		scan_first_done(scan);
	}
}

static void
role_disturbed(struct role *role, enum watch_event event, const char *name)
{
	struct place *place = role->place;
	bool discover = false;
	struct entry *entry;
	char *lineage;

	/* The directory itself, or what leads to it. */
	if (event == WATCH_MOVED || name[0] == '\0') {
		place_hurry(place);
		return;
	}
	lineage = place->ops->lineage_of(
	    place->source, role->role, name, &discover);
	if (lineage != NULL) {
		entry = entry_get(place, lineage);
		if (entry != NULL)
			entry_disturb(
			    entry, event == WATCH_WRITING ? WRITING : SETTLE);
	} else if (discover) {
		place_hurry(place);
	}
	free(lineage);
}

/* What came where every entry is watched leads nowhere yet. */
static void
entry_disturbed(struct entry *entry, enum watch_event event, const char *name)
{
	if (name[0] != '\0' && event != WATCH_CHANGED)
		entry_written(entry, event == WATCH_WRITTEN ? name : NULL);
	if (name[0] == '\0' && event == WATCH_CAME)
		entry_flip(entry);
	else
		entry_disturb(entry, event == WATCH_WRITING ? WRITING : SETTLE);
}

static bool
lost_visit(const struct trie_entry *row, void *arg)
{
	(void)arg;
	entry_disturb(row->value, SETTLE);
	return true;
}

/* Look at everything again. */
static void
scan_again(struct scan *scan)
{
	for (size_t i = 0; i < scan->loader.reading->source_count; i++)
		place_hurry(&scan->places[i]);
	(void)trie_walk(&scan->entries, "", 0, lost_visit, NULL);
}

/* Containers may come in a row, each with mounts of its own. */
static void
mounts_changed(struct scan *scan)
{
	int64_t when = loop_now() + SETTLE;

	if (when < scan->mounts_at + MOUNTS)
		when = scan->mounts_at + MOUNTS;
	scan->mounts_at = when;
	for (size_t i = 0; i < scan->loader.reading->source_count; i++)
		loop_timer_set(scan->loop, &scan->places[i].timer, when);
}

static void
disturbed(struct watch_subject *watched, enum watch_event event,
    const char *name, void *arg)
{
	struct scan *scan = arg;
	struct subject *subject = (struct subject *)(void *)watched;

	if (event == WATCH_LOST) {
		log_line(LOG_LEVEL_NOTICE, "inotify lost events; looking at "
					   "everything again");
		scan_again(scan);
	} else if (event == WATCH_MOUNTED) {
		mounts_changed(scan);
	} else if (subject->kind == SUBJECT_ENTRY) {
		entry_disturbed((struct entry *)(void *)subject, event, name);
	} else {
		role_disturbed((struct role *)(void *)subject, event, name);
	}
}

static void
place_init(struct scan *scan, unsigned number)
{
	struct place *place = &scan->places[number];

	place->scan = scan;
	place->ops = source_ops(scan->loader.reading->sources[number].type);
	place->source = &scan->loader.reading->sources[number];
	place->path = place->source->path;
	place->number = number;
	place->timer.due = place_due;
	place->timer.arg = place;
	for (int role = 0; role < ROLES; role++) {
		place->roles[role].subject.kind = SUBJECT_ROLE;
		place->roles[role].subject.watch.listener = &scan->listener;
		place->roles[role].place = place;
		place->roles[role].role = role;
	}
}

struct scan *
scan_new(struct loop *loop, struct watch *watch, const struct reading *reading,
    struct ca_pool *pool, const struct scan_hooks *hooks)
{
	struct scan *scan = mem_new(sizeof(*scan));

	scan->loop = loop;
	scan->hooks = *hooks;
	scan->loader = (struct loader){
		.reading = reading, .pool = pool, .has_memory = true
	};
	scan->watch = watch;
	scan->listener = (struct watch_listener){ disturbed, scan, NULL };
	watch_listen(watch, &scan->listener);
	scan->places = mem_array(reading->source_count, sizeof(*scan->places));
	trie_init(&scan->entries, entry_free);
	for (size_t i = 0; i < reading->source_count; i++)
		place_init(scan, (unsigned)i);
	return scan;
}

void
scan_free(struct scan *scan)
{
	if (scan == NULL)
		return;
	trie_fini(&scan->entries);
	for (size_t i = 0; i < scan->loader.reading->source_count; i++) {
		struct place *place = &scan->places[i];

		loop_timer_clear(scan->loop, &place->timer);
		for (int role = 0; role < ROLES; role++)
			watch_drop(
			    scan->watch, &place->roles[role].subject.watch);
	}
	free(scan->places);
	watch_unlisten(scan->watch, &scan->listener);
	free(scan);
}

void
scan_know(
    struct scan *scan, unsigned source, const char *name, struct known *known)
{
	struct entry *entry = entry_get(&scan->places[source], name);

	if (entry != NULL)
		entry_know(entry, known);
	known_fini(known);
}

void
scan_know_problem(struct scan *scan, unsigned source)
{
	scan->places[source].has_problem = true;
}

void
scan_set_memory(struct scan *scan, bool has_memory)
{
	scan->loader.has_memory = has_memory;
}

void
scan_ban(struct scan *scan, unsigned source, const char *name,
    const struct fingerprint *print, int64_t until)
{
	struct entry *entry = entry_get(&scan->places[source], name);

	if (entry != NULL)
		unrest_ban(&entry->unrest, print, until);
}

/*
 * A lineage on record may be gone from disk: then no discovery finds it, and
 * somebody has to look all the same.
 */
static bool
begin_visit(const struct trie_entry *row, void *arg)
{
	(void)arg;
	entry_schedule(row->value, loop_now(), false);
	return true;
}

void
scan_start(struct scan *scan, bool again)
{
	scan->has_begun = true;
	scan->loader.is_complete = again;
	scan->waiting += scan->loader.reading->source_count;
	for (size_t i = 0; i < scan->loader.reading->source_count; i++)
		loop_timer_set(scan->loop, &scan->places[i].timer, loop_now());
	(void)trie_walk(&scan->entries, "", 0, begin_visit, NULL);
}
