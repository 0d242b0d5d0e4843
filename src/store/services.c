/* SPDX-License-Identifier: MIT */
#include "services.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool
service_settle_owner(
    struct service *service, const struct zones *zones, struct dname *ret_owner)
{
	const struct config *config = zones->config;

	service->is_alias = false;
	if (!service_owner_parse(service, config, ret_owner))
		return false;
	if (zones_find(zones, ret_owner) != NULL)
		return true;
	service->is_alias = true;
	return service_owner_parse(service, config, ret_owner);
}

void
services_begin(struct services *services, struct service *service)
{
	const struct config_service *config = service->config;
	struct dname dname;

	service->number = services->next_number++;
	if (config->lineages == NULL &&
	    dname_parse(config->host, strlen(config->host), &dname) ==
		STATUS_OK) {
		index_add(&services->by_host, dname.key, dname.len, service);
		index_add(&services->by_parent, dname.key,
		    dname_parent_len(dname.key, dname.len), service);
	}
	for (size_t i = 0;
	     config->lineages != NULL && i < config->lineage_count; i++)
		index_add(&services->by_lineage, config->lineages[i],
		    strlen(config->lineages[i]), service);
	if (config->policy.retain > services->retain_max)
		services->retain_max = config->policy.retain;
	services_mark(services, service);
}

void
services_end(struct services *services, struct service *service)
{
	const char *host = service->config->host;
	struct dname dname;

	if (dname_parse(host, strlen(host), &dname) == STATUS_OK) {
		index_remove(&services->by_host, dname.key, dname.len, service);
		index_remove(&services->by_parent, dname.key,
		    dname_parent_len(dname.key, dname.len), service);
	}
	for (size_t i = 0; service->is_dirty && i < services->dirty_count; i++)
		if (services->dirty[i] == service) {
			services->dirty[i] =
			    services->dirty[--services->dirty_count];
			service->is_dirty = false;
		}
	timers_clear(&services->timers, &service->timer);
	services_set_bare(services, service, false);
}

static void
listed_begin(struct services *services, struct service *service,
    const struct config_service *config, struct port port,
    const struct zones *zones)
{
	struct dname owner;

	service->config = config;
	service->port = port;
	/* Without room for its name the configuration was refused. */
	(void)service_settle_owner(service, zones, &owner);
	services_begin(services, service);
}

static void
listed_init(struct services *services, const struct zones *zones)
{
	const struct config *config = services->config;
	size_t at = 0;

	for (size_t i = 0; i < config->service_count; i++)
		services->listed_count += config->services[i].port_count;
	services->listed = mem_array(
	    services->listed_count, sizeof(*services->listed));
	services->dirty_size = services->listed_count;
	services->dirty = mem_array(
	    services->dirty_size, sizeof(*services->dirty));
	for (size_t i = 0; i < config->service_count; i++)
		for (size_t p = 0; p < config->services[i].port_count; p++)
			listed_begin(services, &services->listed[at++],
			    &config->services[i], config->services[i].ports[p],
			    zones);
}

void
services_init(struct services *services, const struct config *config,
    const struct zones *zones)
{
	*services = (struct services){ .config = config };
	index_init(&services->by_host);
	index_init(&services->by_parent);
	index_init(&services->by_lineage);
	trie_init(&services->bare, NULL);
	timers_init(&services->timers);
	listed_init(services, zones);
	/* Only there, for it takes memory. */
	if (config->discover.host_count > 0)
		services_index(services, &services->claimed);
	else
		trie_init(&services->claimed, NULL);
	if (config->discover.host_count > 0 &&
	    config->defaults.retain > services->retain_max)
		services->retain_max = config->defaults.retain;
}

void
services_fini(struct services *services)
{
	free(services->listed);
	free(services->discovered);
	trie_fini(&services->claimed);
	free(services->dirty);
	index_fini(&services->by_host);
	index_fini(&services->by_parent);
	index_fini(&services->by_lineage);
	trie_fini(&services->bare);
	timers_fini(&services->timers);
}

static void
enter(
    const struct services *services, struct service *service, struct trie *trie)
{
	struct dname owner;

	service_owner_dname(service, services->config, &owner);
	trie_set(trie, owner.key, owner.len, service);
}

void
services_index(const struct services *services, struct trie *ret_trie)
{
	trie_init(ret_trie, NULL);
	for (size_t i = 0; i < services->listed_count; i++)
		enter(services, &services->listed[i], ret_trie);
	for (size_t i = 0; i < services->discovered_count; i++)
		enter(services, services->discovered[i], ret_trie);
}

void
services_mark(struct services *services, struct service *service)
{
	if (service->is_dirty)
		return;
	service->is_dirty = true;
	if (services->dirty_count == services->dirty_size) {
		services->dirty_size = 2 * services->dirty_size + 1;
		services->dirty = mem_resize(services->dirty,
		    services->dirty_size, sizeof(*services->dirty));
	}
	services->dirty[services->dirty_count++] = service;
}

void
services_mark_all(struct services *services)
{
	for (size_t i = 0; i < services->listed_count; i++)
		services_mark(services, &services->listed[i]);
	for (size_t i = 0; i < services->discovered_count; i++)
		services_mark(services, services->discovered[i]);
}

void
services_mark_list(struct services *services, const struct index_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		services_mark(services, list->items[i]);
}

static bool
mark_visit(const struct trie_entry *entry, void *arg)
{
	services_mark(arg, entry->value);
	return true;
}

void
services_mark_bare(struct services *services)
{
	(void)trie_walk(&services->bare, "", 0, mark_visit, services);
}

void
services_mark_due(struct services *services, int64_t now)
{
	struct timer *timer;

	while ((timer = timers_first(&services->timers)) != NULL &&
	       timer->when <= now) {
		timers_clear(&services->timers, timer);
		services_mark(services, timer->item);
	}
}

void
services_set_bare(struct services *services, struct service *service, bool bare)
{
	uint8_t key[4];

	if (service->is_bare == bare)
		return;
	for (int i = 0; i < 4; i++)
		key[i] = (uint8_t)(service->number >> (24 - 8 * i));
	if (bare)
		trie_set(&services->bare, key, sizeof(key), service);
	else
		(void)trie_remove(&services->bare, key, sizeof(key));
	service->is_bare = bare;
}
