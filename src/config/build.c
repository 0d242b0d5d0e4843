/* SPDX-License-Identifier: MIT */
#include "build.h"

#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "check.h"
#include "config/value.h"
#include "propagation.h"

/* What all the functions here share; status and problem are of one failure. */
struct build {
	const struct document *document;
	const struct config_text *text;
	struct config *config;
	bool has_hold; /* the defaults say how long "propagation" is */
	enum status status;
	struct problem *problem;
};

/* Note the outcome of one value at `place`; returns true if it was good. */
static bool
accept(struct build *build, struct place place, enum status status)
{
	build->status = status;
	if (status != STATUS_OK)
		document_blame(build->document, place, build->problem);
	return status == STATUS_OK;
}

/* The read_ functions leave alone what the text does not say. */

static bool
read_seconds(struct build *build, const char *text, struct place place,
    uint32_t min, uint32_t max, uint32_t *seconds)
{
	return text == NULL ||
	       accept(build, place,
		   value_seconds(text, min, max, seconds, build->problem));
}

static bool
read_bool(
    struct build *build, const char *text, struct place place, bool *value)
{
	return text == NULL ||
	       accept(build, place, value_bool(text, value, build->problem));
}

static bool
read_socket(
    struct build *build, const char *text, struct place place, char **path)
{
	return text == NULL ||
	       accept(build, place, value_socket(text, path, build->problem));
}

static bool
read_ports(struct build *build, char *const *texts, size_t count,
    struct place at, struct port **ports, size_t *port_count)
{
	at = place_key(at, "ports");
	*ports = mem_array(count, sizeof(**ports));
	*port_count = count;
	for (size_t i = 0; i < count; i++) {
		at.index = (long)i;
		if (!accept(build, at,
			value_port(texts[i], &(*ports)[i], build->problem)))
			return false;
	}
	return true;
}

static bool
read_records(struct build *build, const struct text_policy *text,
    struct place at, struct policy *policy)
{
	if (text->records == NULL)
		return true;
	at = place_key(at, "records");
	policy->record_count = text->records_count;
	policy->records = mem_array(
	    policy->record_count, sizeof(*policy->records));
	for (size_t i = 0; i < policy->record_count; i++) {
		at.index = (long)i;
		if (!accept(build, at,
			value_record_type(text->records[i], &policy->records[i],
			    build->problem)))
			return false;
	}
	return true;
}

/* Read the names of a list below `key` of the mapping `at`. */
static bool
read_names(struct build *build, char *const *texts, size_t count,
    struct place at, char **names)
{
	struct dname dname;

	for (size_t i = 0; i < count; i++) {
		at.index = (long)i;
		if (!accept(build, at,
			value_name(
			    texts[i], &names[i], &dname, build->problem)))
			return false;
	}
	return true;
}

/*
 * Put what the mapping `at` says over what `policy` already holds.
 * *ret_has_hold: see config_propagation_read().
 */
static bool
read_policy(struct build *build, const struct text_policy *text,
    struct place at, struct policy *policy, bool *ret_has_hold)
{
	if (!read_seconds(build, text->ttl, place_key(at, "ttl"), 1, LIMIT_TTL,
		&policy->ttl) ||
	    !read_records(build, text, at, policy))
		return false;
	if (text->max_records != NULL &&
	    !accept(build, place_key(at, "max-records"),
		value_count(text->max_records, 1, LIMIT_RECORDS,
		    &policy->max_records, build->problem)))
		return false;
	/*
	 * An RRset without the new record may stay in caches for a TTL after
	 * the last secondary has the zone; twice that is RFC 7671 s8.1.
	 */
	if (!build->has_hold)
		policy->propagation = 2 * policy->ttl;
	build->status = config_propagation_read(
	    build->document, at, policy, ret_has_hold, build->problem);
	return build->status == STATUS_OK &&
	       read_seconds(build, text->retain, place_key(at, "retain"), 0,
		   SPAN_MAX, &policy->retain) &&
	       read_bool(build, text->allow_unusual,
		   place_key(at, "allow-unusual"), &policy->allow_unusual) &&
	       read_bool(build, text->allow_staging,
		   place_key(at, "allow-staging"), &policy->allow_staging);
}

static bool
read_top(struct build *build)
{
	const struct config_text *text = build->text;
	struct config *config = build->config;

	if (!accept(build, place_top("state-directory"),
		value_path(text->state_directory, &config->state_directory,
		    build->problem)) ||
	    !read_socket(
		build, text->listen, place_top("listen"), &config->listen) ||
	    !accept(build, place_top("listen-mode"),
		value_mode(
		    text->listen_mode, &config->listen_mode, build->problem)))
		return false;
	if (text->listen_group != NULL &&
	    !accept(build, place_top("listen-group"),
		value_group(
		    text->listen_group, &config->listen_group, build->problem)))
		return false;
	return read_socket(
	    build, text->control, place_top("control"), &config->control);
}

static bool
read_powerdns(struct build *build)
{
	const struct text_powerdns *text = build->text->powerdns;
	const struct place at = place_mapping("powerdns");
	struct config *config = build->config;

	return read_socket(build, text->control_socket,
		   place_key(at, "control-socket"),
		   &config->powerdns_control) &&
	       accept(build, place_key(at, "address"),
		   value_address(text->address, &config->powerdns_address,
		       &config->powerdns_port, build->problem)) &&
	       accept(build, place_key(at, "config"),
		   value_path(
		       text->config, &config->powerdns_config, build->problem));
}

static bool
read_defaults(struct build *build)
{
	const struct text_defaults *text = build->text->defaults;
	const struct place at = place_mapping("defaults");
	struct config *config = build->config;

	if (!read_ports(build, text->ports, text->ports_count, at,
		&config->ports, &config->port_count) ||
	    !read_policy(
		build, &text->policy, at, &config->defaults, &build->has_hold))
		return false;
	return true;
}

/* How one text of a list is read: value_path() and so on. */
typedef enum status read_value(
    const char *text, char **ret, struct problem *problem);

/* Read a list of texts; `at` is the list. */
static bool
read_list(struct build *build, char *const *texts, size_t count,
    struct place at, read_value *value, char ***list, size_t *list_count)
{
	*list_count = count;
	*list = mem_array(count, sizeof(**list));
	for (size_t i = 0; i < count; i++) {
		at.index = (long)i;
		if (!accept(build, at,
			value(texts[i], &(*list)[i], build->problem)))
			return false;
	}
	return true;
}

static void
match_usual(struct config_source *source)
{
	static const char *const usual[] = { CONFIG_MATCH };

	source->match_count = sizeof(usual) / sizeof(usual[0]);
	source->match = mem_array(source->match_count, sizeof(char *));
	for (size_t i = 0; i < source->match_count; i++)
		source->match[i] = mem_string(usual[i]);
}

static bool
read_match(struct build *build, const struct text_source *text, struct place at,
    struct config_source *source)
{
	at = place_key(at, "match");
	if (text->match == NULL && source->type == SOURCE_FILES)
		match_usual(source);
	if (text->match == NULL)
		return true;
	if (source->type != SOURCE_FILES) {
		problem_set(build->problem,
		    "'match' is for sources of type 'files'; a store of type "
		    "'%s' says itself what is in it",
		    source_type_text(source->type));
		return accept(build, at, STATUS_REFUSED);
	}
	return read_list(build, text->match, text->match_count, at, value_match,
	    &source->match, &source->match_count);
}

static bool
read_sources(struct build *build)
{
	size_t count = build->text->sources_count;
	struct config_source *sources = mem_array(count, sizeof(*sources));

	build->config->sources = sources;
	build->config->source_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct text_source *text = &build->text->sources[i];
		struct place at = place_item("sources", i);

		if (!accept(build, place_key(at, "type"),
			value_source_type(
			    text->type, &sources[i].type, build->problem)) ||
		    !accept(build, place_key(at, "path"),
			value_path(
			    text->path, &sources[i].path, build->problem)) ||
		    !read_match(build, text, at, &sources[i]) ||
		    !read_list(build, text->hosts, text->hosts_count,
			place_key(at, "hosts"), value_glob, &sources[i].hosts,
			&sources[i].host_count))
			return false;
	}
	return true;
}

static bool
read_nsec3(struct build *build, const char *text, struct place place,
    struct config_zone *zone)
{
	struct nsec3 nsec3;

	if (text == NULL)
		return true;
	if (!accept(build, place, nsec3_parse(text, &nsec3, build->problem)))
		return false;
	zone->nsec3 = mem_copy(&nsec3, sizeof(nsec3));
	return true;
}

static bool
read_zone(struct build *build, const struct text_zone *text, struct place at,
    struct config_zone *zone)
{
	if (!accept(build, place_key(at, "name"),
		value_name(
		    text->name, &zone->name, &zone->dname, build->problem)))
		return false;
	zone->nameserver_count = text->nameservers_count;
	zone->nameservers = mem_array(
	    zone->nameserver_count, sizeof(*zone->nameservers));
	if (!read_names(build, text->nameservers, zone->nameserver_count,
		place_key(at, "nameservers"), zone->nameservers))
		return false;
	if (text->hostmaster == NULL)
		zone->hostmaster = mem_format("hostmaster.%s", zone->name);
	else if (!accept(build, place_key(at, "hostmaster"),
		     value_mailbox(
			 text->hostmaster, &zone->hostmaster, build->problem)))
		return false;
	return accept(build, place_key(at, "dnssec"),
		   value_dnssec(text->dnssec, &zone->dnssec, build->problem)) &&
	       read_nsec3(build, text->nsec3, place_key(at, "nsec3"), zone);
}

static bool
read_zones(struct build *build)
{
	size_t count = build->text->zones_count;
	struct config *config = build->config;

	config->zones = mem_array(count, sizeof(*config->zones));
	config->zone_count = count;
	for (size_t i = 0; i < count; i++) {
		if (!read_zone(build, &build->text->zones[i],
			place_item("zones", i), &config->zones[i]))
			return false;
	}
	return true;
}

static bool
read_overlay(struct build *build)
{
	size_t count = build->text->overlay_count;
	struct config *config = build->config;

	config->overlay = mem_array(count, sizeof(*config->overlay));
	config->overlay_names = mem_array(
	    count, sizeof(*config->overlay_names));
	config->overlay_count = count;
	for (size_t i = 0; i < count; i++) {
		if (!accept(build, place_item("overlay", i),
			value_name(build->text->overlay[i],
			    &config->overlay_names[i], &config->overlay[i],
			    build->problem)))
			return false;
	}
	return true;
}

static bool
read_lineages(struct build *build, const struct text_service *text,
    struct place at, struct config_service *service)
{
	at = place_key(at, "lineages");
	if (text->lineages == NULL)
		return true;
	return read_list(build, text->lineages, text->lineages_count, at,
	    value_lineage, &service->lineages, &service->lineage_count);
}

static bool
read_service(struct build *build, const struct text_service *text,
    struct place at, struct config_service *service)
{
	const struct config *config = build->config;
	struct dname dname;
	bool has_hold;

	/* Shared, until the service turns out to have its own. */
	service->ports = config->ports;
	service->port_count = config->port_count;
	service->policy = config->defaults;
	if (!accept(build, place_key(at, "host"),
		value_host(text->host, &service->host, &dname, build->problem)))
		return false;
	if (text->ports != NULL &&
	    !read_ports(build, text->ports, text->ports_count, at,
		&service->ports, &service->port_count))
		return false;
	return read_lineages(build, text, at, service) &&
	       read_policy(
		   build, &text->policy, at, &service->policy, &has_hold);
}

static bool
read_services(struct build *build)
{
	size_t count = build->text->services_count;
	struct config *config = build->config;

	config->services = mem_array(count, sizeof(*config->services));
	config->service_count = count;
	for (size_t i = 0; i < count; i++) {
		if (!read_service(build, &build->text->services[i],
			place_item("services", i), &config->services[i]))
			return false;
	}
	return true;
}

static bool
read_issuers(struct build *build)
{
	const struct config_text *text = build->text;
	struct config *config = build->config;

	return read_list(build, text->issuers, text->issuers_count,
	    place_top("issuers"), value_path, &config->issuers,
	    &config->issuer_count);
}

static bool
read_next(struct build *build)
{
	size_t count = build->text->lineages_count;
	struct config_lineage *lineages = mem_array(count, sizeof(*lineages));

	build->config->lineages = lineages;
	build->config->lineage_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct text_lineage *text = &build->text->lineages[i];
		struct config_lineage *lineage = &lineages[i];
		struct place at = place_item("lineages", i);

		lineage->has_reuse_key = text->reuse_key != NULL;
		if (!accept(build, place_key(at, "name"),
			value_lineage(
			    text->name, &lineage->name, build->problem)) ||
		    !read_list(build, text->next, text->next_count,
			place_key(at, "next"), value_path, &lineage->next,
			&lineage->next_count) ||
		    !read_bool(build, text->reuse_key,
			place_key(at, "reuse-key"), &lineage->reuse_key))
			return false;
		if (lineage->next_count == 0 && !lineage->has_reuse_key) {
			problem_set(build->problem,
			    "nothing is said of lineage '%s'; add 'next' or "
			    "'reuse-key'",
			    value_quote(text->name).text);
			return accept(
			    build, place_key(at, "name"), STATUS_REFUSED);
		}
	}
	return true;
}

static bool
read_discover(struct build *build)
{
	const struct text_discover *text = build->text->discover;
	struct place at = place_mapping("discover");
	struct config_discover *discover = &build->config->discover;

	discover->ports = build->config->ports;
	discover->port_count = build->config->port_count;
	if (text == NULL)
		return true;
	if (text->ports != NULL &&
	    !read_ports(build, text->ports, text->ports_count, at,
		&discover->ports, &discover->port_count))
		return false;
	return read_list(build, text->hosts, text->hosts_count,
	    place_key(at, "hosts"), value_glob, &discover->hosts,
	    &discover->host_count);
}

enum status
config_build(const struct document *document, const struct config_text *text,
    struct config **ret_config, struct problem *problem)
{
	struct build build = { .document = document,
		.text = text,
		.config = mem_new(sizeof(*build.config)),
		.problem = problem };

	build.config->path = mem_string(document->path);
	if (!read_top(&build) || !read_powerdns(&build) ||
	    !read_defaults(&build) || !read_sources(&build) ||
	    !read_zones(&build) || !read_overlay(&build) ||
	    !read_services(&build) || !read_issuers(&build) ||
	    !read_next(&build) || !read_discover(&build)) {
		config_free(build.config);
		return build.status;
	}
	*ret_config = build.config;
	return STATUS_OK;
}
