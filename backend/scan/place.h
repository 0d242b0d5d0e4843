/* SPDX-License-Identifier: MIT */
#ifndef SCAN_PLACE_H
#define SCAN_PLACE_H

/*
 * A source as the scanner sees it, and what all of them have in common: what
 * the lineages in them have to ask of it, and to tell.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "files/watch.h"
#include "load.h"
#include "loop/loop.h"
#include "report/reading.h"
#include "scan/hooks.h"
#include "sets/trie.h"
#include "source/source.h"

/* What inotify tells us about; first member of what embeds it. */
struct subject {
	struct watch_subject watch;
	enum { SUBJECT_ENTRY, SUBJECT_ROLE } kind;
};

struct role {
	struct subject subject;
	struct place *place;
	enum source_role role;
};

/* One source. */
struct place {
	struct scan *scan;
	const struct source_ops *ops;
	const struct config_source *source;
	const char *path; /* of it */
	unsigned number;
	struct role roles[ROLES];
	struct loop_timer timer;
	int64_t failed_since; /* loop_now(), or 0: it is there */
	bool is_absent;
	bool is_empty; /* the log knows that there is no lineage in it */
	bool is_discovered;
	bool has_problem;   /* it was told so */
	bool is_recovering; /* readable again, lineages not yet looked at */
	size_t awaited;     /* entries that this waits for */
	size_t known;       /* lineages of which something is or was known */
	size_t there;       /* of them, with a chain and not deleted */
	size_t found;       /* lineages at the last look */
	int64_t counted_at; /* loop_now() of it */
};

struct scan {
	struct loop *loop;
	struct scan_hooks hooks;
	struct loader loader;
	struct watch *watch;
	struct watch_listener listener;
	struct place *places;
	struct trie entries; /* name, NUL, source -> struct entry */
	size_t waiting;      /* sources and entries of the first scan */
	bool has_begun;      /* until then nothing is looked at */
	bool is_thorough;
	bool is_limited;   /* not all is watched, and the log knows */
	int64_t mounts_at; /* of the last look for mounts */
};

/* Note whether there is no lineage in it, and if so, tell the log once. */
void place_note_empty(struct place *place);

/*
 * Look which lineages are in it, as struct source_ops has it; `found` counts
 * them by place_count().
 */
enum status place_discover(struct place *place,
    void (*found)(const char *name, void *arg), struct problem *problem);
void place_count(const char *name, void *arg);

/*
 * Whether all lineages of the source, several, are gone at once: nobody wants
 * that, so it counts as a source that cannot be read.
 */
bool place_is_emptied(struct place *place);

/* Look at the source soon. */
void place_hurry(struct place *place);

/* One lineage less of those that it waits for. */
void place_judged(struct place *place);

/* Tell that it cannot be read, or that it can again (NULL). */
void place_tell(struct place *place, const char *problem);

/* It can be read again, and all of its lineages have been looked at. */
void place_recovered(struct place *place);

/* The first scan waits for one thing less. */
void scan_first_done(struct scan *scan);

/* Watch `paths` for `subject`; what cannot be watched is logged once. */
void scan_watch(
    struct scan *scan, struct subject *subject, const struct paths *paths);

#endif
