/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <string.h>

#include "base/mem.h"
#include "config/value.h"
#include "schema.h"

static char *
copy(const char *text)
{
	return text != NULL ? mem_string(text) : NULL;
}

static char **
copies(char *const *texts, size_t count)
{
	char **copied = count > 0 ? mem_array(count, sizeof(*copied)) : NULL;

	for (size_t i = 0; i < count; i++)
		copied[i] = mem_string(texts[i]);
	return copied;
}

/* People write names without the final dot. */
static char *
name_text(const char *name)
{
	return mem_copy(name, strlen(name) - 1);
}

/* The largest unit that leaves a whole number; "ttl" is shown in seconds. */
static char *
seconds_text(uint32_t seconds)
{
	unsigned number = seconds;

	if (number == 0 || number % 60 != 0)
		return mem_format("%u", number);
	if (number % 3600 != 0)
		return mem_format("%um", number / 60);
	if (number % 86400 != 0)
		return mem_format("%uh", number / 3600);
	return mem_format("%ud", number / 86400);
}

static char *
bool_text(bool value)
{
	return mem_string(value ? "true" : "false");
}

static char **
names_text(char *const *names, size_t count)
{
	char **texts = mem_array(count, sizeof(*texts));

	for (size_t i = 0; i < count; i++)
		texts[i] = name_text(names[i]);
	return texts;
}

static char **
ports_text(const struct port *ports, size_t count)
{
	char **texts = mem_array(count, sizeof(*texts));

	for (size_t i = 0; i < count; i++)
		texts[i] = mem_format("%u/%s", (unsigned)ports[i].number,
		    transport_text(ports[i].transport));
	return texts;
}

static char **
records_text(const struct record_type *records, size_t count)
{
	char **texts = mem_array(count, sizeof(*texts));

	for (size_t i = 0; i < count; i++)
		texts[i] = mem_format("%d %d %d", records[i].usage,
		    records[i].selector, records[i].matching);
	return texts;
}

/* How soon is said in one word unless more is to be said. */
static void
propagation_text(const struct policy *policy, struct text_policy *text)
{
	const char *see = value_sight_text(policy->see);
	char *hold = seconds_text(policy->propagation);

	if (see == NULL) {
		text->propagation = hold;
		return;
	}
	text->propagation_parts = mem_new(sizeof(*text->propagation_parts));
	text->propagation_parts->hold = hold;
	text->propagation_parts->see = mem_string(see);
}

static struct text_policy
policy_text(const struct policy *policy)
{
	struct text_policy text = {
		.ttl = mem_format("%u", (unsigned)policy->ttl),
		.records = records_text(policy->records, policy->record_count),
		.records_count = (unsigned)policy->record_count,
		.max_records = mem_format("%u", policy->max_records),
		.retain = seconds_text(policy->retain),
		.allow_unusual = bool_text(policy->allow_unusual),
		.allow_staging = bool_text(policy->allow_staging),
	};

	propagation_text(policy, &text);
	return text;
}

static struct text_defaults *
defaults_text(const struct config *config)
{
	struct text_defaults *text = mem_new(sizeof(*text));

	*text = (struct text_defaults){
		.ports = ports_text(config->ports, config->port_count),
		.ports_count = (unsigned)config->port_count,
		.policy = policy_text(&config->defaults),
	};
	return text;
}

static struct text_source *
sources_text(const struct config *config)
{
	struct text_source *texts = mem_array(
	    config->source_count, sizeof(*texts));

	for (size_t i = 0; i < config->source_count; i++)
		texts[i] = (struct text_source){
			.type = mem_string(
			    source_type_text(config->sources[i].type)),
			.path = mem_string(config->sources[i].path),
			.match = copies(config->sources[i].match,
			    config->sources[i].match_count),
			.match_count = (unsigned)config->sources[i].match_count,
			.hosts = copies(config->sources[i].hosts,
			    config->sources[i].host_count),
			.hosts_count = (unsigned)config->sources[i].host_count,
		};
	return texts;
}

static char *
nsec3_text(const struct nsec3 *nsec3)
{
	struct buf text = { 0 };
	char *copy_of_text;

	if (nsec3 == NULL)
		return NULL;
	nsec3_format(nsec3, &text);
	copy_of_text = mem_string(buf_text(&text));
	buf_fini(&text);
	return copy_of_text;
}

static struct text_powerdns *
powerdns_text(const struct config *config)
{
	struct text_powerdns *text = mem_new(sizeof(*text));
	bool is_ipv6 = strchr(config->powerdns_address, ':') != NULL;

	*text = (struct text_powerdns){
		.control_socket = copy(config->powerdns_control),
		.address = mem_format("%s%s%s:%u", is_ipv6 ? "[" : "",
		    config->powerdns_address, is_ipv6 ? "]" : "",
		    config->powerdns_port),
		.config = copy(config->powerdns_config),
	};
	return text;
}

static struct text_zone *
zones_text(const struct config *config)
{
	struct text_zone *texts = mem_array(config->zone_count, sizeof(*texts));

	for (size_t i = 0; i < config->zone_count; i++) {
		const struct config_zone *zone = &config->zones[i];

		texts[i] = (struct text_zone){
			.name = name_text(zone->name),
			.nameservers = names_text(
			    zone->nameservers, zone->nameserver_count),
			.nameservers_count = (unsigned)zone->nameserver_count,
			.hostmaster = name_text(zone->hostmaster),
			.dnssec = mem_string(value_dnssec_text(zone->dnssec)),
			.nsec3 = nsec3_text(zone->nsec3),
		};
	}
	return texts;
}

static struct text_service *
services_text(const struct config *config)
{
	struct text_service *texts = mem_array(
	    config->service_count, sizeof(*texts));

	for (size_t i = 0; i < config->service_count; i++) {
		const struct config_service *service = &config->services[i];
		struct text_service *text = &texts[i];

		*text = (struct text_service){
			.host = name_text(service->host),
			.ports = ports_text(
			    service->ports, service->port_count),
			.ports_count = (unsigned)service->port_count,
			.policy = policy_text(&service->policy),
		};
		if (service->lineages == NULL)
			continue;
		text->lineages_count = (unsigned)service->lineage_count;
		text->lineages = copies(
		    service->lineages, service->lineage_count);
	}
	return texts;
}

static struct text_lineage *
lineages_text(const struct config *config)
{
	struct text_lineage *texts = mem_array(
	    config->lineage_count, sizeof(*texts));

	for (size_t i = 0; i < config->lineage_count; i++) {
		const struct config_lineage *lineage = &config->lineages[i];

		texts[i] = (struct text_lineage){
			.name = mem_string(lineage->name),
			.next = copies(lineage->next, lineage->next_count),
			.next_count = (unsigned)lineage->next_count,
			.reuse_key = lineage->has_reuse_key
					 ? bool_text(lineage->reuse_key)
					 : NULL,
		};
	}
	return texts;
}

/* Return NULL if the file has no such key. */
static struct text_discover *
discover_text(const struct config_discover *discover)
{
	struct text_discover *text;

	if (discover->host_count == 0)
		return NULL;
	text = mem_new(sizeof(*text));
	*text = (struct text_discover){
		.hosts = copies(discover->hosts, discover->host_count),
		.hosts_count = (unsigned)discover->host_count,
		.ports = ports_text(discover->ports, discover->port_count),
		.ports_count = (unsigned)discover->port_count,
	};
	return text;
}

bool
config_write(const struct config *config, FILE *stream)
{
	struct config_text *text = mem_new(sizeof(*text));
	bool written;

	*text = (struct config_text){
		.state_directory = copy(config->state_directory),
		.listen = copy(config->listen),
		.listen_mode = mem_format("%04o", config->listen_mode),
		.listen_group = copy(config->listen_group),
		.control = copy(config->control),
		.powerdns = powerdns_text(config),
		.defaults = defaults_text(config),
		.sources = sources_text(config),
		.sources_count = (unsigned)config->source_count,
		.zones = zones_text(config),
		.zones_count = (unsigned)config->zone_count,
		.overlay = names_text(
		    config->overlay_names, config->overlay_count),
		.overlay_count = (unsigned)config->overlay_count,
		.services = services_text(config),
		.services_count = (unsigned)config->service_count,
		.issuers = copies(config->issuers, config->issuer_count),
		.issuers_count = (unsigned)config->issuer_count,
		.lineages = lineages_text(config),
		.lineages_count = (unsigned)config->lineage_count,
		.discover = discover_text(&config->discover),
	};
	written = config_text_save(text, stream);
	config_text_free(text);
	return written;
}
