/* SPDX-License-Identifier: MIT */
#ifndef SCAN_DATA_H
#define SCAN_DATA_H

/*
 * The inside of the scanner, shared by scan/scan.c (sources and events) and
 * scan/entry.c (one lineage), and by nobody else.
 */

#include "scan/scan.h"

#include <stdint.h>

#include "files/file.h"
#include "files/watch.h"
#include "sets/trie.h"
#include "source/source.h"

/* Milliseconds. */
enum {
	SETTLE = 5,      /* of quiet before a change is judged */
	WRITING = 1000,  /* grace for a file that is being written */
	PATIENCE = 2000, /* after which it is judged all the same */
	GROWING = 50,    /* between looks at a chain that may grow */
	STAGED = 1000,   /* before a generation counts as staged */
	GRACE = 1000,    /* before a failure is believed */
	RESCAN = 60000,  /* in case inotify lost an event */
	POLL = 1000,     /* without inotify; more for many lineages */
	MOUNTS = 1000,   /* between looks at everything for mounts */
	COUNTED = 200,   /* that a count of what is there holds */
	REST = 3,        /* times as long as a look took, until the next one */
};

/* What inotify tells us about; first member of what embeds it. */
struct subject {
	struct watch_subject watch;
	enum { SUBJECT_ENTRY, SUBJECT_ROLE } kind;
};

/* One lineage that was found. */
struct entry {
	struct subject subject;
	struct scan *scan;
	struct loop_timer timer;
	unsigned source;
	char *name;

	bool is_first;         /* the first scan waits for it */
	bool is_urgent;        /* load, whatever the fingerprint */
	bool is_reported;      /* the log knows of its problem */
	bool is_next_reported; /* the log knows of a bad staged key */
	int64_t failed_since;  /* loop_now(), or 0: it is good */
	bool is_awaited; /* its source is readable again; see scan/scan.c */
	int64_t since;   /* first event not yet judged, or 0 */
	int64_t rest;    /* loop_now() before which it is not looked at */
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
	bool is_recovering; /* readable again, lineages not yet looked at */
	size_t awaited;     /* entries that this waits for */
	size_t found;       /* lineages at the last look */
	int64_t counted_at; /* loop_now() of it */
};

struct scan {
	struct loop *loop;
	const struct config *config;
	struct ca_pool *pool;
	struct store *store;
	struct scan_hooks hooks;
	struct watch *watch;
	struct watch_listener listener;
	struct place *places;
	struct trie entries;         /* name, NUL, source -> struct entry */
	struct trie unknown_issuers; /* SHA-256 of keys the log knows of */
	size_t waiting;              /* sources and entries of the first scan */
	bool is_complete;
	bool is_thorough;
	bool is_limited;   /* not all is watched, and the log knows */
	int64_t mounts_at; /* of the last look for mounts */
	bool keep_all;
};

/*
 * Return the entry of a lineage; one not seen before gets an entry.  NULL if
 * there are too many.
 */
struct entry *entry_get(struct place *place, const char *name);

/* Free an entry of scan->entries. */
void entry_free(void *value);

/* Look at it at `when` (loop_now()); `urgent`: load it in any case. */
void entry_schedule(struct entry *entry, int64_t when, bool urgent);

/* Judge it after `quiet` milliseconds, but do not put it off for ever. */
void entry_disturb(struct entry *entry, int64_t quiet);

/* Return what the store knows of it, borrowed, or NULL. */
const struct lineage *entry_lineage(const struct entry *entry);

/*
 * Read the chain into the store.  STATUS_BUSY: too fresh to be judged, and
 * scheduled again; otherwise as file_read() and chain_parse().
 */
enum status entry_load_chain(struct entry *entry,
    const struct location *location, struct problem *problem);

/* Read the staged keys into the store. */
void entry_load_next(struct entry *entry, const struct location *location);

/*
 * Whether all lineages of the source, several, are gone at once: nobody wants
 * that, so it counts as a source that cannot be read.
 */
bool place_is_emptied(struct place *place);

/* Look at the source soon. */
void place_hurry(struct place *place);

/* It has been judged: its source may be waiting for that. */
void entry_judged(struct entry *entry);

/*
 * Return when to look again at what has failed since then: what is wrong may be
 * the machine's, such as no descriptor left, and nobody tells when that ends.
 */
int64_t scan_retry_at(int64_t failed_since);

/* See struct scan_hooks. */
int64_t scan_now(const struct scan *scan);

/* The first scan waits for one thing less. */
void scan_first_done(struct scan *scan);

/* Watch `paths` for `subject`; what cannot be watched is logged once. */
void scan_watch(
    struct scan *scan, struct subject *subject, const struct paths *paths);

#endif
