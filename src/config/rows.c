/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include <assert.h>
#include <string.h>

#include "base/installed.h"
#include "base/mem.h"

/* "propagation" has no default of its own: see policy_end(). */
#define HOLD_UNSAID UINT32_MAX

/* Where the member of a structure is, and the number of its array. */
#define AT(structure, name) .member = offsetof(struct structure, name)
#define LIST_AT(structure, name, number)                                       \
	AT(structure, name), .count = offsetof(struct structure, number)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROWS(array)  .rows = (array), .row_count = COUNT(array)

/* What it is if it is not written; or else service_begin() has set it. */
#define USUAL(...)                                                             \
	.usual = (const char *const[])                                         \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}
#define INHERITED(...) .usual = NULL

/* ---- how soon, and which records ---- */

static const struct row of_propagation[] = {
	{ "hold", ROW_VALUE, OPTIONAL, &type_span, AT(policy, propagation) },
	{ "see", ROW_VALUE, OPTIONAL, &type_sight, AT(policy, see) },
};

#define POLICY_ROWS(owner, policy, usual)                                      \
	{ "ttl", ROW_VALUE, OPTIONAL, &type_ttl, AT(owner, policy.ttl),        \
		usual("3600") },                                               \
	    { "records", ROW_LIST, OPTIONAL, &type_record,                     \
		    LIST_AT(owner, policy.records, policy.record_count),       \
		    usual("3 1 1", "2 1 1") },                                 \
	    { "max-records", ROW_VALUE, OPTIONAL, &type_records,               \
		    AT(owner, policy.max_records), usual("12") },              \
	    { "propagation", ROW_EITHER, OPTIONAL, AT(owner, policy),          \
		    ROWS(of_propagation) },                                    \
	    { "retain", ROW_VALUE, OPTIONAL, &type_span,                       \
		    AT(owner, policy.retain), usual("7d") },                   \
	    { "allow-unusual", ROW_VALUE, OPTIONAL, &type_flag,                \
		    AT(owner, policy.allow_unusual), usual("false") },         \
	{                                                                      \
		"allow-staging", ROW_VALUE, OPTIONAL, &type_flag,              \
		    AT(owner, policy.allow_staging), usual("false")            \
	}

/*
 * An RRset without the new record may stay in caches for a TTL after the last
 * secondary has the zone; twice that is RFC 7671 s8.1.
 */
static void
policy_end(struct policy *policy)
{
	if (policy->propagation == HOLD_UNSAID)
		policy->propagation = 2 * policy->ttl;
}

static const struct row of_defaults[] = {
	{ "ports", ROW_LIST, OPTIONAL, &type_port,
	    LIST_AT(config, ports, port_count), USUAL("25/tcp") },
	POLICY_ROWS(config, defaults, USUAL),
};

static void
defaults_begin(struct config *config, void *part)
{
	(void)part;
	config->defaults.propagation = HOLD_UNSAID;
}

/* ---- services ---- */

static const struct row of_service[] = {
	{ "host", ROW_VALUE, REQUIRED, &type_host, AT(config_service, host) },
	{ "ports", ROW_LIST, OPTIONAL, &type_port,
	    LIST_AT(config_service, ports, port_count) },
	{ "lineages", ROW_LIST, OPTIONAL, &type_lineage,
	    LIST_AT(config_service, lineages, lineage_count) },
	POLICY_ROWS(config_service, policy, INHERITED),
};

/* Shared, until the service turns out to have its own. */
static void
service_begin(struct config *config, void *part)
{
	struct config_service *service = part;

	service->ports = config->ports;
	service->port_count = config->port_count;
	service->policy = config->defaults;
}

static const char *
service_end(void *part, struct problem *problem)
{
	struct config_service *service = part;

	(void)problem;
	policy_end(&service->policy);
	return NULL;
}

static const struct row of_discover[] = {
	{ "hosts", ROW_LIST, REQUIRED, &type_glob,
	    LIST_AT(config, discover.hosts, discover.host_count) },
	{ "ports", ROW_LIST, OPTIONAL, &type_port,
	    LIST_AT(config, discover.ports, discover.port_count) },
};

static void
discover_begin(struct config *config, void *part)
{
	(void)part;
	config->discover.ports = config->ports;
	config->discover.port_count = config->port_count;
}

/* ---- where certificates are ---- */

static const struct row of_source[] = {
	{ "type", ROW_VALUE, REQUIRED, &type_source, AT(config_source, type) },
	{ "path", ROW_VALUE, OPTIONAL, &type_path, AT(config_source, path) },
	{ "match", ROW_LIST, OPTIONAL, &type_match,
	    LIST_AT(config_source, match, match_count), USUAL(CONFIG_MATCH) },
	{ "hosts", ROW_LIST, OPTIONAL, &type_glob,
	    LIST_AT(config_source, hosts, host_count) },
};

static bool
source_may(const void *part, const char *key, struct problem *problem)
{
	const struct config_source *source = part;

	if (source->type == SOURCE_FILES || strcmp(key, "match") != 0)
		return true;
	problem_set(problem,
	    "'match' is for sources of type 'files'; a store of type '%s' says "
	    "itself what is in it",
	    source_type_text(source->type));
	return false;
}

/* Only of our own store is it known where it lies. */
static const char *
source_end(void *part, struct problem *problem)
{
	struct config_source *source = part;

	if (source->path == NULL && source->type == SOURCE_REMOTE)
		source->path = mem_string(CONFIG_REMOTE);
	if (source->path != NULL)
		return NULL;
	problem_set(problem, "key 'path' is missing");
	return "path";
}

static const struct row of_lineage[] = {
	{ "name", ROW_VALUE, REQUIRED, &type_lineage,
	    AT(config_lineage, name) },
	{ "next", ROW_LIST, OPTIONAL, &type_path,
	    LIST_AT(config_lineage, next, next_count) },
	{ "reuse-key", ROW_VALUE, OPTIONAL, &type_reuse, .member = 0 },
};

static const char *
lineage_end(void *part, struct problem *problem)
{
	const struct config_lineage *lineage = part;

	if (lineage->next_count > 0 || lineage->has_reuse_key)
		return NULL;
	problem_set(problem,
	    "nothing is said of lineage '%s'; add 'next' or 'reuse-key'",
	    type_quote(lineage->name).text);
	return "name";
}

/* ---- zones ---- */

static const struct row of_zone[] = {
	{ "name", ROW_VALUE, REQUIRED, &type_name, AT(config_zone, name) },
	{ "nameservers", ROW_LIST, REQUIRED, &type_name,
	    LIST_AT(config_zone, nameservers, nameserver_count) },
	{ "hostmaster", ROW_VALUE, OPTIONAL, &type_mailbox,
	    AT(config_zone, hostmaster) },
	{ "dnssec", ROW_VALUE, OPTIONAL, &type_dnssec,
	    AT(config_zone, dnssec) },
	{ "nsec3", ROW_VALUE, OPTIONAL, &type_nsec3, AT(config_zone, nsec3) },
};

/* The other form of a name that was read. */
static struct dname
name_parse(const char *name)
{
	struct dname dname = { .len = 0 };
	enum status status = dname_parse(name, strlen(name), &dname);

	assert(status == STATUS_OK);
	return dname;
}

static const char *
zone_end(void *part, struct problem *problem)
{
	struct config_zone *zone = part;

	(void)problem;
	zone->dname = name_parse(zone->name);
	if (zone->hostmaster == NULL)
		zone->hostmaster = mem_format("hostmaster.%s", zone->name);
	return NULL;
}

/* ---- the file ---- */

static const struct row of_powerdns[] = {
	{ "control-socket", ROW_VALUE, OPTIONAL, &type_socket,
	    AT(config, powerdns_control) },
	{ "address", ROW_VALUE, OPTIONAL, &type_address, USUAL("127.0.0.1") },
	{ "config", ROW_VALUE, OPTIONAL, &type_path,
	    AT(config, powerdns_config), USUAL("/etc/powerdns/pdns.conf") },
};

static const struct row of_http[] = {
	{ "listen", ROW_VALUE, REQUIRED, &type_listen,
	    AT(config, http_listen) },
	{ "allow", ROW_LIST, OPTIONAL, &type_network,
	    LIST_AT(config, http_allow, http_allow_count) },
	{ "viewers", ROW_LIST, OPTIONAL, &type_network,
	    LIST_AT(config, http_viewers, http_viewer_count) },
};

static const struct row of_alarm[] = {
	{ "command", ROW_LIST, REQUIRED, &type_word,
	    LIST_AT(config, alarm_command, alarm_command_count) },
	{ "after", ROW_VALUE, OPTIONAL, &type_span, AT(config, alarm_after),
	    USUAL("5m") },
	{ "timeout", ROW_VALUE, OPTIONAL, &type_timeout,
	    AT(config, alarm_timeout), USUAL("1m") },
};

static const struct row of_reports[] = {
	{ "path", ROW_VALUE, REQUIRED, &type_path, AT(config, reports_path) },
	{ "since", ROW_VALUE, OPTIONAL, &type_window, AT(config, reports_since),
	    USUAL("7d") },
};

static const struct row of_config[] = {
	{ "state-directory", ROW_VALUE, OPTIONAL, &type_path,
	    AT(config, state_directory), USUAL("/var/lib/pdns-tlsa") },
	{ "listen", ROW_VALUE, OPTIONAL, &type_socket, AT(config, listen),
	    USUAL("/run/pdns-tlsa/pdns.sock") },
	{ "listen-mode", ROW_VALUE, OPTIONAL, &type_mode,
	    AT(config, listen_mode), USUAL("0660") },
	{ "listen-group", ROW_VALUE, OPTIONAL, &type_group,
	    AT(config, listen_group) },
	{ "control", ROW_VALUE, OPTIONAL, &type_socket, AT(config, control),
	    USUAL("/run/pdns-tlsa/control.sock") },
	{ "http", ROW_PART, OPTIONAL, ROWS(of_http) },
	{ "alarm", ROW_PART, OPTIONAL, ROWS(of_alarm) },
	{ "reports", ROW_PART, OPTIONAL, ROWS(of_reports) },
	{ "powerdns", ROW_PART, OPTIONAL, ROWS(of_powerdns) },
	{ "defaults", ROW_PART, OPTIONAL, ROWS(of_defaults),
	    .begin = defaults_begin },
	{ "sources", ROW_LINES, REQUIRED,
	    LIST_AT(config, sources, source_count), ROWS(of_source),
	    .size = sizeof(struct config_source), .may = source_may,
	    .end = source_end },
	{ "zones", ROW_LINES, OPTIONAL, LIST_AT(config, zones, zone_count),
	    ROWS(of_zone), .size = sizeof(struct config_zone),
	    .end = zone_end },
	{ "aliases", ROW_VALUE, OPTIONAL, &type_aliases, AT(config, aliases) },
	{ "overlay", ROW_LINES, OPTIONAL, &type_name,
	    LIST_AT(config, overlay_names, overlay_count) },
	{ "services", ROW_LINES, OPTIONAL,
	    LIST_AT(config, services, service_count), ROWS(of_service),
	    .size = sizeof(struct config_service), .begin = service_begin,
	    .end = service_end },
	{ "issuers", ROW_LIST, OPTIONAL, &type_path,
	    LIST_AT(config, issuers, issuer_count),
	    USUAL(installed_issuers_shipped, installed_issuers_local) },
	{ "lineages", ROW_LINES, OPTIONAL,
	    LIST_AT(config, lineages, lineage_count), ROWS(of_lineage),
	    .size = sizeof(struct config_lineage), .end = lineage_end },
	{ "discover", ROW_PART, OPTIONAL, ROWS(of_discover),
	    .begin = discover_begin },
};

static const char *
config_end(void *part, struct problem *problem)
{
	struct config *config = part;

	(void)problem;
	policy_end(&config->defaults);
	config->overlay = mem_array(
	    config->overlay_count, sizeof(*config->overlay));
	for (size_t i = 0; i < config->overlay_count; i++)
		config->overlay[i] = name_parse(config->overlay_names[i]);
	return NULL;
}

const struct row config_row = {
	.kind = ROW_PART,
	ROWS(of_config),
	.end = config_end,
};

/* ---- what a row says ---- */

bool
row_is_list(const struct row *row)
{
	return row->kind == ROW_LIST || row->kind == ROW_LINES;
}

size_t
row_item_size(const struct row *row)
{
	return row->type != NULL ? row->type->size : row->size;
}

size_t
row_items(const struct row *row, const void *part, char **ret_items)
{
	size_t count;

	memcpy(ret_items, (const char *)part + row->member, sizeof(char *));
	memcpy(&count, (const char *)part + row->count, sizeof(count));
	return count;
}
