/* SPDX-License-Identifier: MIT */
#include "control/item.h"

#include <unistd.h>

#include "base/installed.h"
#include "cli/output.h"
#include "timeline/wire.h"
#include "config/value.h"
#include "loop/log.h"
#include "reports.h"

static json_t *
errors_json(void)
{
	json_t *list = json_array();
	const struct log_recent *entry;

	for (unsigned i = 0; (entry = log_recent(i)) != NULL; i++)
		(void)json_array_append_new(list,
		    json_pack("{s:o,s:s,s:o}", "time",
			output_json_date(entry->when), "level",
			entry->level <= LOG_LEVEL_ERROR ? "error" : "warning",
			"text", output_json_text(entry->text)));
	return list;
}

static json_t *
sources_json(const struct control *control)
{
	const struct config *config = engine_config(control->engine);
	json_t *list = json_array();

	for (unsigned i = 0; i < config->source_count; i++)
		(void)json_array_append_new(list,
		    json_pack("{s:s,s:o,s:o}", "type",
			source_type_text(config->sources[i].type), "path",
			output_json_text(config->sources[i].path), "problem",
			output_json_text(store_source_problem(
			    engine_store(control->engine), i))));
	return list;
}

json_t *
item_status(const struct control *control, int64_t now)
{
	const struct engine *engine = control->engine;
	const struct config *config = engine_config(engine);
	const struct engine_counters *counters = engine_counters(engine);

	return json_pack(
	    "{s:i,s:s,s:i,s:o,s:i,s:o,s:o,s:o,s:b,s:{s:I,s:I,s:I,s:I,s:I,s:I},"
	    "s:{s:o,s:o},s:o,s:o,s:o}",
	    "schema", ITEM_SCHEMA, "version", installed_version, "pid",
	    (int)getpid(), "confined", locks_json(control->locks), "reader",
	    (int)engine_reader(engine), "reader_confined",
	    locks_json(engine_reader_locks(engine)), "started",
	    output_json_date(control->started), "now", output_json_date(now),
	    "ready", engine_is_ready(engine), "counters", "requests",
	    (json_int_t)counters->requests, "refused",
	    (json_int_t)counters->refused, "failed",
	    (json_int_t)counters->failed, "publications",
	    (json_int_t)counters->publications, "rrset_changes",
	    (json_int_t)counters->rrsets, "reloads",
	    (json_int_t)counters->reloads, "configuration", "path",
	    output_json_text(config->path), "problem",
	    output_json_text(config->fault), "sources", sources_json(control),
	    "errors", errors_json(), "reports", reports_json(control->postbox));
}

static json_t *
deployed_json(const struct lineage *lineage)
{
	/* Of several places, that of the one which lags behind. */
	for (size_t i = lineage->generation_count; i > 0; i--)
		if (lineage_is_deployed(lineage, &lineage->generations[i - 1]))
			return json_string(i == 1 ? "current" : "older");
	return json_null();
}

json_t *
item_lineage(const struct control *control, const struct lineage *lineage,
    const struct safety_scope *scope)
{
	const struct chain *chain = lineage_current(lineage);
	const struct cert *leaf = chain != NULL ? chain->leaf : NULL;
	struct lineage_safety safety = { .worst = { .is_safe = false } };
	struct safety worst;
	size_t services;
	json_t *next;

	if (chain != NULL)
		store_lineage_safety(
		    engine_store(control->engine), lineage, scope, &safety);
	worst = safety.worst;
	services = safety.count;
	next = safety.next > 0 ? json_integer(safety.next) : NULL;
	lineage_safety_fini(&safety);
	return json_pack("{s:b,s:I,s:I,s:o,s:o,s:o,s:b,s:i,s:i,s:o,s:o,s:o,s:o,"
			 "s:o,s:o*}",
	    "safe", worst.is_safe, "remaining", (json_int_t)worst.remaining,
	    "services", (json_int_t)services, "name",
	    output_json_text(lineage->name), "source",
	    output_json_text(
		engine_config(control->engine)->sources[lineage->source].path),
	    "problem", output_json_text(lineage->problem), "deleted",
	    lineage->deleted != 0, "generations",
	    (int)lineage->generation_count, "staged", (int)lineage->next_count,
	    "deployed", deployed_json(lineage), "since",
	    chain != NULL ? output_json_date(lineage->generations[0].since)
			  : json_null(),
	    "not_after",
	    leaf != NULL ? output_json_date(leaf->not_after) : json_null(),
	    "issuer",
	    leaf != NULL ? output_json_text(leaf->issuer) : json_null(),
	    "key_algorithm",
	    leaf != NULL ? json_string(key_algorithm_text(leaf->key_algorithm))
			 : json_null(),
	    "next", next);
}

/* Until when each association stays, and whether what is newest is safe. */
json_t *
item_service(const struct control *control, size_t at, int64_t now)
{
	struct service_view view;
	int64_t until = INT64_MAX;
	json_t *json;

	store_view(engine_store(control->engine), at, now, &view);
	for (size_t i = 0; i < view.set.count; i++)
		if (view.set.list[i].until < until)
			until = view.set.list[i].until;
	json = json_pack(
	    "{s:s,s:i,s:s,s:s,s:s?,s:i,s:i,s:i,s:s,s:b,s:s,s:s?,s:o}", "host",
	    view.service->config->host, "port", view.service->port.number,
	    "transport", transport_text(view.service->port.transport), "owner",
	    view.owner_name, "former", view.former_name, "ttl",
	    (int)view.service->config->policy.ttl, "records",
	    view.owner != NULL ? view.owner->count : 0, "cut",
	    (int)view.set.cut, "state",
	    view.owner == NULL       ? "nothing"
	    : view.owner->is_unknown ? "unknown"
				     : "published",
	    "protected", view.protection.is_protected, "verdict",
	    view.protection.text, "concern", service_concern_text(view.service),
	    "next_change", output_json_date(until));
	service_view_fini(&view);
	return json;
}

json_t *
item_timeline(const struct control *control, size_t at, int64_t now)
{
	struct service_view view;
	struct timeline timeline;
	json_t *json;

	store_view(engine_store(control->engine), at, now, &view);
	timeline_init(&timeline, &view, now);
	json = timeline_json(&timeline);
	(void)json_object_set_new(
	    json, "port", json_integer(view.service->port.number));
	(void)json_object_set_new(json, "transport",
	    json_string(transport_text(view.service->port.transport)));
	timeline_fini(&timeline);
	service_view_fini(&view);
	return json;
}

/* Add what its name servers were seen to serve, if anybody has looked. */
static void
servers_put(
    json_t *json, const struct zone *zone, const struct servers *servers)
{
	uint32_t newest = servers_newest(servers, zone->serial);
	json_t *list = json_array();
	json_int_t behind = 0;

	for (size_t i = 0; i < servers->count; i++) {
		const struct server *server = &servers->list[i];
		enum server_state state = server_state(server, newest);

		behind += state != SERVER_CURRENT;
		(void)json_array_append_new(
		    list, json_pack("{s:o,s:o,s:o,s:s}", "name",
			      output_json_text(server->name), "address",
			      output_json_text(server->address), "serial",
			      server->is_served ? json_integer(server->serial)
						: json_null(),
			      "state", server_state_text(state)));
	}
	(void)json_object_set_new(
	    json, "asked", output_json_date(servers->when));
	(void)json_object_set_new(json, "behind", json_integer(behind));
	(void)json_object_set_new(json, "servers", list);
}

json_t *
item_zone(const struct control *control, size_t at)
{
	const struct config *config = engine_config(control->engine);
	const struct zone *zone = engine_zone(
	    control->engine, &config->zones[at].dname);
	const struct servers *servers;
	json_t *json;

	if (zone == NULL)
		return NULL;
	json = json_pack("{s:s,s:I,s:I,s:I,s:n,s:n,s:[]}", "name",
	    zone->apex->name, "serial", (json_int_t)zone->serial, "notified",
	    (json_int_t)engine_notified(control->engine, zone->apex->id),
	    "names", (json_int_t)zone->owners.count, "asked", "behind",
	    "servers");
	servers = engine_servers(control->engine, zone->apex->id);
	if (servers != NULL)
		servers_put(json, zone, servers);
	return json;
}
