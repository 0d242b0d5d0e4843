/* SPDX-License-Identifier: MIT */
/* What others ask an engine, and tell it; see engine/engine.h. */
#include "engine/engine.h"
#include "inside.h"

const struct engine_counters *
engine_counters(const struct engine *engine)
{
	return &engine->counters;
}

uint32_t
engine_notified(const struct engine *engine, int32_t zone_id)
{
	return notified_get(&engine->notified, zone_id);
}

const struct zone *
engine_zone(const struct engine *engine, const struct dname *apex)
{
	return engine->snapshot != NULL ? snapshot_zone(engine->snapshot, apex)
					: NULL;
}

bool
engine_set_servers(
    struct engine *engine, const struct dname *apex, struct servers *servers)
{
	const struct zone *zone = engine_zone(engine, apex);

	if (zone == NULL) {
		servers_free(servers);
		return false;
	}
	servers->when = engine_now(engine);
	trie_set(
	    &engine->servers, &zone->apex->id, sizeof(zone->apex->id), servers);
	return true;
}

const struct servers *
engine_servers(const struct engine *engine, int32_t zone_id)
{
	return trie_get(&engine->servers, &zone_id, sizeof(zone_id));
}

bool
engine_deployed(struct engine *engine, unsigned source, const char *name,
    const struct deployed *deployed, bool is_unsure)
{
	if (store_lineage(engine->edition.store, source, name) == NULL)
		return false;
	if (store_set_deployed(engine->edition.store, source, name, deployed,
		is_unsure, engine_now(engine)))
		loop_timer_set(engine->loop, &engine->publish, loop_now());
	return true;
}

bool
engine_seen(struct engine *engine, const char *owner, const char *const *texts,
    size_t count)
{
	if (!store_set_seen(
		engine->edition.store, owner, texts, count, engine_now(engine)))
		return false;
	/* It goes on record. */
	loop_timer_set(engine->loop, &engine->publish, loop_now());
	return true;
}

bool
engine_is_settled(const struct engine *engine)
{
	return engine->edition.has_begun;
}

struct alarms *
engine_alarms(struct engine *engine)
{
	return &engine->alarms;
}

void
engine_put_alarms(struct engine *engine)
{
	if (alarms_has_changed(&engine->alarms))
		loop_timer_set(engine->loop, &engine->publish, loop_now());
}

void
engine_tell_reloads(
    struct engine *engine, void (*reloaded)(void *arg), void *arg)
{
	engine->reloaded = reloaded;
	engine->reloaded_arg = arg;
}

void
engine_greet(struct engine *engine)
{
	caches_greet(&engine->caches);
}

pid_t
engine_reader(const struct engine *engine)
{
	return reader_pid(engine->edition.reader);
}

unsigned
engine_reader_locks(const struct engine *engine)
{
	return reader_locks(engine->edition.reader);
}

bool
engine_is_ready(const struct engine *engine)
{
	return engine->snapshot != NULL;
}

const struct config *
engine_config(const struct engine *engine)
{
	return engine->edition.config;
}

const struct store *
engine_store(const struct engine *engine)
{
	return engine->edition.store;
}
