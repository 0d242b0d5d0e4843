/* SPDX-License-Identifier: MIT */
#include "deploy/reach.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/discover.h"

static bool
is_known(const struct reach *reach, const char *host, struct port port)
{
	for (size_t i = 0; i < reach->count; i++)
		if (strcmp(reach->list[i].host, host) == 0 &&
		    reach->list[i].port.number == port.number &&
		    reach->list[i].port.transport == port.transport)
			return true;
	return false;
}

static void
reach_add(struct reach *reach, const char *host, const struct port *ports,
    size_t count)
{
	for (size_t i = 0; i < count && reach->count < REACH_MAX; i++)
		if (!is_known(reach, host, ports[i]))
			reach->list[reach->count++] = (struct reach_service){
				.host = mem_string(host), .port = ports[i]
			};
}

static bool
is_bound(const struct config_service *service, const struct newest *newest)
{
	struct dname host;

	for (size_t i = 0; i < service->lineage_count; i++)
		if (strcmp(service->lineages[i], newest->name) == 0)
			return true;
	return service->lineages == NULL &&
	       dname_parse(service->host, strlen(service->host), &host) ==
		   STATUS_OK &&
	       cert_covers(newest->chain->leaf, &host);
}

static void
discovered_add(const struct config_discover *discover, const char *name,
    struct reach *reach)
{
	char *host = discover_host(discover, name);

	if (host != NULL)
		reach_add(reach, host, discover->ports, discover->port_count);
	free(host);
}

void
reach_find(const struct config *config, const struct newest *newest,
    struct reach *ret_reach)
{
	const struct cert *leaf = newest->chain->leaf;

	*ret_reach = (struct reach){ .count = 0 };
	for (size_t i = 0; i < config->service_count; i++)
		if (is_bound(&config->services[i], newest))
			reach_add(ret_reach, config->services[i].host,
			    config->services[i].ports,
			    config->services[i].port_count);
	for (size_t i = 0; i < leaf->name_count; i++)
		discovered_add(&config->discover, leaf->names[i], ret_reach);
}

void
reach_fini(struct reach *reach)
{
	for (size_t i = 0; i < reach->count; i++)
		free(reach->list[i].host);
	reach->count = 0;
}
