/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void
free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

static void
zone_fini(struct config_zone *zone)
{
	free(zone->name);
	free_texts(zone->nameservers, zone->nameserver_count);
	free(zone->hostmaster);
	free(zone->nsec3);
}

/* What a service shares with the defaults is freed with those. */
static void
service_fini(const struct config *config, struct config_service *service)
{
	if (config->hosts == NULL)
		free(service->host);
	if (service->ports != config->ports)
		free(service->ports);
	free_texts(service->lineages, service->lineage_count);
	if (service->policy.records != config->defaults.records)
		free(service->policy.records);
}

static void
lineage_fini(struct config_lineage *lineage)
{
	free(lineage->name);
	free_texts(lineage->next, lineage->next_count);
}

/*
 * Hosts lie scattered among what the parser used and freed, and a million of
 * them would keep its pages from being used for anything larger.
 */
void
config_settle(struct config *config)
{
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < config->service_count; i++)
		size += strlen(config->services[i].host) + 1;
	config->hosts = mem_array(size, 1);
	at = config->hosts;
	for (size_t i = 0; i < config->service_count; i++) {
		char *host = config->services[i].host;
		size_t len = strlen(host) + 1;

		memcpy(at, host, len);
		free(host);
		config->services[i].host = at;
		at += len;
	}
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->service_count; i++)
		service_fini(config, &config->services[i]);
	free(config->services);
	free(config->hosts);
	if (config->discover.ports != config->ports)
		free(config->discover.ports);
	free_texts(config->discover.hosts, config->discover.host_count);
	for (size_t i = 0; i < config->lineage_count; i++)
		lineage_fini(&config->lineages[i]);
	free(config->lineages);
	free_texts(config->issuers, config->issuer_count);
	free(config->path);
	free(config->fault);
	free(config->state_directory);
	free(config->listen);
	free(config->listen_group);
	free(config->control);
	free(config->powerdns_control);
	free(config->powerdns_config);
	free(config->powerdns_address);
	free(config->defaults.records);
	free(config->ports);
	for (size_t i = 0; i < config->source_count; i++) {
		struct config_source *source = &config->sources[i];

		free(source->path);
		free_texts(source->match, source->match_count);
		free_texts(source->hosts, source->host_count);
	}
	free(config->sources);
	for (size_t i = 0; i < config->zone_count; i++)
		zone_fini(&config->zones[i]);
	free(config->zones);
	free(config->overlay);
	free_texts(config->overlay_names, config->overlay_count);
	free(config);
}
