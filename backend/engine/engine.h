/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

/*
 * What answers: configuration, store, scanner and the current snapshot, which
 * is exchanged between two turns of the loop.  The same for every connector
 * and for the commands that only look.
 */

#include <stdbool.h>

#include "alarm/alarms.h"
#include "config/config.h"
#include "engine/counters.h"
#include "engine/servers.h"
#include "loop/loop.h"
#include "remote/method.h"
#include "store/store.h"
#include "wall/warden.h"

struct engine;

/*
 * Make an engine for `config` (ownership passes) and begin the first scan.
 * `ready` is called once, when the first snapshot is there.  Files are read by
 * what `warden` makes.  Who has none (NULL) reads by himself, and only looks:
 * he leaves the state directory as it is.
 */
struct engine *engine_new(struct loop *loop, struct config *config,
    struct warden *warden, void (*ready)(void *arg), void *arg);

void engine_free(struct engine *engine);

/* Answer one line; see method_answer(). */
enum outcome engine_answer(struct engine *engine, const char *line, size_t len,
    struct buf *reply, struct problem *problem);

const struct engine_counters *engine_counters(const struct engine *engine);

/*
 * The servers of a place present this leaf of the lineage from now on; see
 * pki/lineage.h.  False: there is no such lineage.
 */
bool engine_deployed(struct engine *engine, unsigned source, const char *name,
    const struct deployed *deployed, bool is_unsure);

/* Return the own zone as it is answered, borrowed, or NULL. */
const struct zone *engine_zone(
    const struct engine *engine, const struct dname *apex);

/* Return the serial of the zone that PowerDNS notified of last, 0: none. */
uint32_t engine_notified(const struct engine *engine, int32_t zone_id);

/*
 * Somebody looked at the name servers of an own zone, now; `servers` passes.
 * False: there is no such zone.
 */
bool engine_set_servers(
    struct engine *engine, const struct dname *apex, struct servers *servers);

/* Return the last look since we started, borrowed, or NULL. */
const struct servers *engine_servers(
    const struct engine *engine, int32_t zone_id);

/* A PowerDNS that asked us before we started goes on asking. */
void engine_note_use(struct engine *engine);

/*
 * Every name server of the zone was seen to answer these RRs (RDATA in
 * presentation form) of an owner name.  False: nothing is published there.
 */
bool engine_seen(struct engine *engine, const char *owner,
    const char *const *texts, size_t count);

/*
 * Let a PowerDNS that runs already ask for our zones anew; for who is not its
 * child, because it may begin a child to ask.
 */
void engine_greet(struct engine *engine);

/* Return the number of the process that reads files, or 0: none does now. */
pid_t engine_reader(const struct engine *engine);

/* Return the locks that hold it: see wall/confine.h. */
unsigned engine_reader_locks(const struct engine *engine);

/* Return true when the first snapshot is there. */
bool engine_is_ready(const struct engine *engine);

/* Return true when all files were looked at since the last reload. */
bool engine_is_settled(const struct engine *engine);

/*
 * Return what is known of alarms, which survives a restart; who changes it
 * calls engine_put_alarms(), so that it goes on record.
 */
struct alarms *engine_alarms(struct engine *engine);
void engine_put_alarms(struct engine *engine);

/*
 * Read the configuration file again and look at all files.  A bad file is
 * logged, and everything stays as it is.
 */
void engine_reload(struct engine *engine);

/* Call `reloaded` after each reload that was good. */
void engine_tell_reloads(
    struct engine *engine, void (*reloaded)(void *arg), void *arg);

/*
 * Return the time of day, seconds since 1970, to compare times of the store
 * with: those have gone along with what the clock was set by.
 */
int64_t engine_now(struct engine *engine);

const struct config *engine_config(const struct engine *engine);
const struct store *engine_store(const struct engine *engine);

#endif
