/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chain.h"
#include "log.h"
#include "mem.h"
#include "scan.h"

struct engine {
	struct loop *loop;
	struct config *config;
	struct tlsa_pool tlsas;
	struct ca_pool cas;
	struct store *store;
	struct scan *scan;
	struct snapshot *snapshot; /* NULL: not ready */
	struct notified notified;
	struct loop_timer wake; /* when time changes something */
	struct loop_timer reload;
	bool reload_wanted; /* while a scan is under way */
	void (*ready)(void *arg);
	void *arg;
};

static bool
has_tlsa(const struct owner *owner, const struct tlsa *tlsa)
{
	for (size_t i = 0; owner != NULL && i < owner->count; i++)
		if (owner->rdata[i] == tlsa)
			return true;
	return false;
}

static void
change_log(const struct store_change *change, void *arg)
{
	const struct engine *engine = arg;
	size_t added = 0;
	size_t removed = 0;

	if (change->set->cut > 0)
		log_line(LOG_LEVEL_WARNING,
		    "rrset '%s': %zu associations left "
		    "out, more than max-records",
		    change->service->owner, change->set->cut);
	if (change->after == NULL || change->after->is_unknown)
		log_line(LOG_LEVEL_WARNING, "rrset '%s': %s",
		    change->service->owner,
		    change->after == NULL
			? "removed"
			: "no lineage for it can be read; lookups "
			  "fail until one can");
	/* The first snapshot is summed up in one line. */
	if (engine->snapshot == NULL || change->after == NULL)
		return;
	for (size_t i = 0; i < change->after->count; i++)
		added += !has_tlsa(change->before, change->after->rdata[i]);
	for (size_t i = 0; change->before != NULL && i < change->before->count;
	     i++)
		removed += !has_tlsa(change->after, change->before->rdata[i]);
	log_line(LOG_LEVEL_NOTICE,
	    "rrset '%s': %u TLSA records, %zu added, "
	    "%zu removed",
	    change->service->owner, change->after->count, added, removed);
}

static void
engine_publish(struct engine *engine)
{
	struct snapshot *next = store_publish(
	    engine->store, (int64_t)time(NULL), change_log, engine);
	int64_t wake = store_next_wake(engine->store);

	snapshot_unref(engine->snapshot);
	engine->snapshot = next;
	if (wake >= 0) {
		int64_t left = wake - (int64_t)time(NULL);

		/* The clock may be set meanwhile: look once a minute. */
		left = left < 0 ? 0 : left > 60 ? 60 : left;
		loop_timer_set(
		    engine->loop, &engine->wake, loop_now() + left * 1000);
	}
}

static void
wake_due(void *arg)
{
	engine_publish(arg);
}

static void
scan_changed(void *arg)
{
	struct engine *engine = arg;

	if (scan_is_complete(engine->scan))
		engine_publish(engine);
}

static bool
count_visit(const struct lineage *lineage, void *arg)
{
	size_t *count = arg;

	*count += lineage->chain != NULL;
	return true;
}

/* Say for which services nothing can be published: a typo, most often. */
static void
bare_log(const struct engine *engine)
{
	for (size_t i = 0; i < store_service_count(engine->store); i++) {
		const struct service *service = store_service(engine->store, i);

		if (service->is_bare)
			log_line(LOG_LEVEL_WARNING,
			    "service '%s' %u/%s: no "
			    "lineage %s; nothing new is published",
			    service->config->host, service->port.number,
			    transport_text(service->port.transport),
			    service->config->lineages == NULL
				? "covers the host"
				: "of the configured names exists");
	}
}

static void
scan_complete(void *arg)
{
	struct engine *engine = arg;
	bool first = engine->snapshot == NULL;
	size_t lineages = 0;

	engine_publish(engine);
	store_walk_lineages(engine->store, count_visit, &lineages);
	log_line(LOG_LEVEL_NOTICE,
	    "ready: %zu lineages, %zu services, %zu "
	    "zones",
	    lineages, store_service_count(engine->store),
	    engine->config->zone_count);
	bare_log(engine);
	if (first)
		engine->ready(engine->arg);
	if (engine->reload_wanted) {
		engine->reload_wanted = false;
		engine_reload(engine);
	}
}

static struct scan *
scan_make(struct engine *engine, const struct config *config,
    struct store *store, struct problem *problem)
{
	const struct scan_hooks hooks = { scan_changed, scan_complete, engine };

	return scan_new(
	    engine->loop, config, &engine->cas, store, &hooks, problem);
}

/*
 * As a timer, for it frees the scanner, and an event for that may stand
 * further on in the list of the turn that brought the signal.
 */
static void
reload_due(void *arg)
{
	struct engine *engine = arg;
	struct config *config = NULL;
	struct problem problem = { "" };
	struct store *store;
	struct scan *scan;

	if (!scan_is_complete(engine->scan)) {
		engine->reload_wanted = true;
		return;
	}
	if (config_load(engine->config->path, &config, &problem) != STATUS_OK) {
		log_line(LOG_LEVEL_ERROR,
		    "%s; the configuration stays as it "
		    "was",
		    problem.text);
		return;
	}
	store = store_new(config, &engine->tlsas);
	scan = scan_make(engine, config, store, &problem);
	if (scan == NULL) {
		log_line(LOG_LEVEL_ERROR,
		    "%s; the configuration stays as it "
		    "was",
		    problem.text);
		store_free(store);
		config_free(config);
		return;
	}
	/* The snapshot answers on until the new scan is complete. */
	store_adopt(store, engine->store);
	scan_free(engine->scan);
	store_free(engine->store);
	config_free(engine->config);
	engine->config = config;
	engine->store = store;
	engine->scan = scan;
	loop_timer_clear(engine->loop, &engine->wake);
	scan_start(scan);
	log_line(
	    LOG_LEVEL_NOTICE, "configuration '%s': read again", config->path);
}

struct engine *
engine_new(struct loop *loop, struct config *config, void (*ready)(void *arg),
    void *arg, struct problem *problem)
{
	struct engine *engine = mem_new(sizeof(*engine));

	engine->loop = loop;
	engine->config = config;
	engine->ready = ready;
	engine->arg = arg;
	engine->wake.due = wake_due;
	engine->wake.arg = engine;
	engine->reload.due = reload_due;
	engine->reload.arg = engine;
	tlsa_pool_init(&engine->tlsas);
	ca_pool_init(&engine->cas);
	notified_init(&engine->notified);
	engine->store = store_new(config, &engine->tlsas);
	engine->scan = scan_make(engine, config, engine->store, problem);
	if (engine->scan == NULL) {
		engine_free(engine);
		return NULL;
	}
	scan_start(engine->scan);
	return engine;
}

void
engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	loop_timer_clear(engine->loop, &engine->wake);
	loop_timer_clear(engine->loop, &engine->reload);
	scan_free(engine->scan);
	snapshot_unref(engine->snapshot);
	store_free(engine->store);
	notified_fini(&engine->notified);
	ca_pool_fini(&engine->cas);
	tlsa_pool_fini(&engine->tlsas);
	config_free(engine->config);
	free(engine);
}

enum outcome
engine_answer(struct engine *engine, const char *line, size_t len,
    struct buf *reply, struct problem *problem)
{
	const struct method_context context = {
		.snapshot = engine->snapshot,
		.notified = &engine->notified,
	};

	return method_answer(&context, line, len, reply, problem);
}

bool
engine_is_ready(const struct engine *engine)
{
	return engine->snapshot != NULL;
}

void
engine_reload(struct engine *engine)
{
	loop_timer_set(engine->loop, &engine->reload, 0);
}

const struct config *
engine_config(const struct engine *engine)
{
	return engine->config;
}

const struct store *
engine_store(const struct engine *engine)
{
	return engine->store;
}
