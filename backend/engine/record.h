/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

/*
 * Between the store and the state directory: what is on record goes into the
 * store at the start, and what changes goes on record.  Without a directory
 * that can be used everything still works, but a restart forgets.
 */

#include <stdbool.h>
#include <stdint.h>

#include "alarm/alarms.h"
#include "loop/clock.h"
#include "remote/notified.h"
#include "state/state.h"
#include "store/store.h"

/* Where what is on record goes, and comes from. */
struct record {
	struct state *state; /* NULL: none */
	struct store *store; /* borrowed; changes at a reload */
	const struct config *config;
	struct notified *notified;
	struct alarms *alarms;
	const struct clock *clock;
	bool is_observer;
	bool is_late;      /* the lock is another's: commit puts off */
	bool is_lost;      /* it could not be opened, and is tried again */
	bool is_blind;     /* nor could it be read */
	unsigned pause;    /* seconds until then */
	int64_t again;     /* when; seconds of CLOCK_MONOTONIC */
	bool is_failing;   /* the log knows */
	bool is_back;      /* see record_is_back() */
	bool is_asked;     /* somebody asks, or asked who ran before us */
	bool is_asked_put; /* and that is on record */
	int64_t shift;     /* that times move by which are read; seconds */
	int64_t kept;      /* when the clock was; seconds of CLOCK_MONOTONIC */
	bool is_clock_due; /* it is to be kept behind the next commit */
};

/*
 * Begin with nothing.  Who only looks (`observer`) makes no directory and puts
 * nothing on record.  `clock`, `notified` and `alarms` must outlive it.
 */
void record_init(struct record *record, const struct clock *clock,
    struct notified *notified, struct alarms *alarms, bool observer);

/* Open the directory of `config`, and let the store remember what it holds. */
void record_open(
    struct record *record, const struct config *config, struct store *store);

void record_close(struct record *record);

/* From now on what other processes put on record goes into this store. */
void record_set_store(
    struct record *record, const struct config *config, struct store *store);

/* Return true if others changed it since it was last begun. */
bool record_has_news(const struct record *record);

/*
 * Begin to publish: take the lock and hear what others did.  Returns false if
 * another process has it for the moment: try again a little later.  A record
 * that could not be opened is tried again when its time has come.
 */
bool record_begin(struct record *record);

/* Return in how many seconds that is, or -1. */
int64_t record_again(const struct record *record);

/*
 * The clock was set by `step` seconds, and all times with it: they go on record
 * at the next commit, and that they are others now behind it; or before, where
 * to do it twice would make anything look older than it is.
 */
void record_clock_set(struct record *record, int64_t step);

/* Return true once when it was opened late: all has to be put on record. */
bool record_is_back(struct record *record);

/* Put on record what store_publish() reports, between begin and commit. */
void record_put_owner(
    struct record *record, const char *name, const struct owner *owner);
void record_put_zone(struct record *record, const struct zone *zone);

/* The same for all own zones of it. */
void record_put_zones(struct record *record, const struct snapshot *snapshot);

/*
 * Put the lineages and alarms that changed and owner names that are gone, and
 * commit.
 */
void record_commit(struct record *record);

#endif
