/* SPDX-License-Identifier: MIT */
#include "discover.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/discover.h"

/* A service with the configuration that it would have if it were listed. */
struct discovered {
	struct service service;
	struct config_service config;
	size_t at; /* in the list of them */
};

static struct discovered *
discovered_of(struct service *service)
{
	return (struct discovered *)service;
}

static void
discovered_free(struct discovered *discovered)
{
	free(discovered->config.host);
	free(discovered);
}

static void
list_add(struct services *services, struct discovered *discovered)
{
	discovered->at = services->discovered_count;
	services->discovered = mem_resize(services->discovered,
	    services->discovered_count + 1, sizeof(*services->discovered));
	services->discovered[services->discovered_count++] = &discovered
								  ->service;
}

static void
list_remove(struct services *services, struct discovered *discovered)
{
	struct service *last = services
				   ->discovered[--services->discovered_count];

	services->discovered[discovered->at] = last;
	discovered_of(last)->at = discovered->at;
}

void
store_desert(struct store *store, struct service *service)
{
	struct discovered *discovered = discovered_of(service);
	struct dname owner;

	service_owner_dname(service, store->config, &owner);
	(void)trie_remove(&store->services.claimed, owner.key, owner.len);
	list_remove(&store->services, discovered);
	services_end(&store->services, service);
	discovered_free(discovered);
}

/*
 * Return true if the service's owner name has a service, which a leaf names now
 * if one names this.  One that was begun for the name alone may have guessed
 * another host than the leaf tells: it makes room.
 */
static bool
is_taken(struct store *store, const struct service *service,
    const struct dname *owner)
{
	struct service *other = trie_get(
	    &store->services.claimed, owner->key, owner->len);

	if (other == NULL)
		return false;
	if (!service->is_named || !other->is_discovered || other->is_named)
		return true;
	if (strcmp(other->config->host, service->config->host) == 0) {
		other->is_named = true;
		return true;
	}
	store_desert(store, other);
	return false;
}

/*
 * Begin the service, unless its owner name is taken: what is listed, or there
 * already, stays as it is.  With `wanted` it must be that name.
 */
static void
port_discover(struct store *store, const char *host, struct port port,
    const struct dname *wanted)
{
	struct discovered *discovered = mem_new(sizeof(*discovered));
	struct config_service *config = &discovered->config;
	struct service *service = &discovered->service;
	struct dname owner;

	*config = (struct config_service){ .host = mem_string(host),
		.ports = &service->port,
		.port_count = 1,
		.policy = store->config->defaults };
	*service = (struct service){ .config = config,
		.port = port,
		.is_discovered = true,
		.is_named = wanted == NULL };
	if (!service_settle_owner(service, &store->zones, &owner) ||
	    (wanted != NULL && !dname_equal(&owner, wanted)) ||
	    is_taken(store, service, &owner)) {
		discovered_free(discovered);
		return;
	}
	services_begin(&store->services, service);
	trie_set(&store->services.claimed, owner.key, owner.len, service);
	list_add(&store->services, discovered);
}

/* Begin services for a DNS name of a leaf, if such are wanted and missing. */
static void
name_discover(struct store *store, const char *name)
{
	const struct config_discover *discover = &store->config->discover;
	char *host = discover_host(discover, name);

	for (size_t i = 0; host != NULL && i < discover->port_count; i++)
		port_discover(store, host, discover->ports[i], NULL);
	free(host);
}

void
store_enter_lineage(struct store *store, struct lineage *lineage)
{
	const struct config_source *source = &store->config
						  ->sources[lineage->source];

	lineages_enter(&store->lineages, lineage);
	for (size_t g = 0; g < lineage->generation_count; g++) {
		const struct cert *leaf = lineage->generations[g].chain->leaf;

		for (size_t i = 0; i < leaf->name_count; i++)
			if (discover_allows(source, leaf->names[i]))
				name_discover(store, leaf->names[i]);
	}
}

/* Try `name` as the host of the owner name `owner` at the port. */
static void
host_try(struct store *store, const char *name, struct port port,
    const struct dname *owner)
{
	char *host = discover_host(&store->config->discover, name);

	if (host != NULL)
		port_discover(store, host, port, owner);
	free(host);
}

/* The rest of an owner name is a host, or one with the first own zone. */
static void
rest_try(struct store *store, char *rest, struct port port,
    const struct dname *owner)
{
	const struct config *config = store->config;
	size_t len = strlen(rest);
	size_t zone = config->zone_count > 0 ? strlen(config->zones[0].name)
					     : len;

	if (zone < len &&
	    strcmp(rest + len - zone, config->zones[0].name) == 0) {
		char *host = mem_format("%.*s", (int)(len - zone), rest);

		host_try(store, host, port, owner);
		free(host);
	}
	host_try(store, rest, port, owner);
}

void
store_discover_again(struct store *store, const uint8_t *key, size_t len)
{
	const struct config_discover *discover = &store->config->discover;
	struct dname owner = { .len = (uint16_t)len };
	struct buf name = { 0 };

	if (discover->host_count == 0)
		return;
	memcpy(owner.key, key, len);
	dname_format(key, len, &name);
	(void)buf_text(&name);
	for (size_t i = 0; i < discover->port_count; i++) {
		struct port port = discover->ports[i];
		char *begin = mem_format(
		    "_%u._%s.", port.number, transport_text(port.transport));
		size_t skip = strlen(begin);

		if (strncmp(name.data, begin, skip) == 0)
			rest_try(store, name.data + skip, port, &owner);
		free(begin);
	}
	buf_fini(&name);
}

bool
store_is_deserted(const struct store *store, const struct service *service)
{
	const char *host = service->config->host;
	struct dname dname;

	return service->is_discovered && service->is_named &&
	       dname_parse(host, strlen(host), &dname) == STATUS_OK &&
	       index_get(&store->lineages.by_host, dname.key, dname.len)
		       ->count == 0;
}

void
store_free_discovered(struct store *store)
{
	struct services *services = &store->services;

	for (size_t i = 0; i < services->discovered_count; i++)
		discovered_free(discovered_of(services->discovered[i]));
	services->discovered_count = 0;
}
