/* SPDX-License-Identifier: MIT */
#include "discover.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/discover.h"
#include "dns/alias.h"
#include "former.h"

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
	former_drop(store, service);
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
		other = trie_get(&store->formers, owner->key, owner->len);
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

/* Is its RRset at that name, or was it before `aliases` changed? */
static bool
is_owner(const struct store *store, const struct service *service,
    const struct dname *owner, const struct dname *name)
{
	struct dname former;

	return dname_equal(owner, name) ||
	       (service_former_parse(service, store->config, &former) &&
		   dname_equal(&former, name) &&
		   trie_get(&store->services.claimed, name->key, name->len) ==
		       NULL);
}

/*
 * Begin the service, unless its owner name is taken: what is listed, or there
 * already, stays as it is.  With `wanted` it must be that name; returns false
 * if it is not.
 */
static bool
port_discover(struct store *store, const char *host, struct port port,
    const struct dname *wanted)
{
	struct discovered *discovered = mem_new(sizeof(*discovered));
	struct config_service *config = &discovered->config;
	struct service *service = &discovered->service;
	struct dname owner;
	bool is_wanted;

	*config = (struct config_service){ .host = mem_string(host),
		.ports = &service->port,
		.port_count = 1,
		.policy = store->config->defaults };
	*service = (struct service){ .config = config,
		.port = port,
		.is_discovered = true,
		.is_named = wanted == NULL };
	is_wanted = service_settle_owner(service, &store->zones, &owner) &&
		    (wanted == NULL ||
			is_owner(store, service, &owner, wanted));
	if (!is_wanted || is_taken(store, service, &owner)) {
		discovered_free(discovered);
		return is_wanted;
	}
	services_begin(&store->services, service);
	trie_set(&store->services.claimed, owner.key, owner.len, service);
	list_add(&store->services, discovered);
	return true;
}

/* Begin services for a DNS name of a leaf, if such are wanted and missing. */
static void
name_discover(struct store *store, const char *name)
{
	const struct config_discover *discover = &store->config->discover;
	char *host = discover_host(discover, name);

	for (size_t i = 0; host != NULL && i < discover->port_count; i++)
		(void)port_discover(store, host, discover->ports[i], NULL);
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

/* Try `name` as the host of the owner name `owner` at the port; true: it is. */
static bool
host_try(struct store *store, const char *name, struct port port,
    const struct dname *owner)
{
	char *host = discover_host(&store->config->discover, name);
	bool is_it = host != NULL && port_discover(store, host, port, owner);

	free(host);
	return is_it;
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
	bool is_it = false;

	if (zone < len &&
	    strcmp(rest + len - zone, config->zones[0].name) == 0) {
		char *host = mem_format("%.*s", (int)(len - zone), rest);

		is_it = host_try(store, host, port, owner);
		free(host);
	}
	if (!is_it)
		(void)host_try(store, rest, port, owner);
}

/* Try what the name may be of a service. */
static void
name_try(
    struct store *store, const struct dname *dname, const struct dname *owner)
{
	const struct config_discover *discover = &store->config->discover;
	struct buf name = { 0 };

	dname_format(dname->key, dname->len, &name);
	(void)buf_text(&name);
	for (size_t i = 0; i < discover->port_count; i++) {
		struct port port = discover->ports[i];
		char *begin = mem_format(
		    "_%u._%s.", port.number, transport_text(port.transport));
		size_t skip = strlen(begin);

		if (strncmp(name.data, begin, skip) == 0)
			rest_try(store, name.data + skip, port, owner);
		free(begin);
	}
	buf_fini(&name);
}

/* Of a flat alias with a digest only a leaf can tell. */
void
store_discover_again(struct store *store, const uint8_t *key, size_t len)
{
	const struct config *config = store->config;
	struct dname owner = { .len = (uint16_t)len };
	struct dname name;

	if (config->discover.host_count == 0)
		return;
	memcpy(owner.key, key, len);
	name_try(store, &owner, &owner);
	if (config->zone_count > 0 &&
	    alias_name(&owner, &config->zones[0].dname, &name))
		name_try(store, &name, &owner);
}

bool
store_is_deserted(const struct store *store, const struct service *service)
{
	const char *host = service->config->host;
	struct dname dname;

	return service->is_discovered && service->is_named &&
	       dname_parse(host, strlen(host), &dname) == STATUS_OK &&
	       !index_has(&store->lineages.by_host, dname.key, dname.len);
}

void
store_free_discovered(struct store *store)
{
	struct services *services = &store->services;

	for (size_t i = 0; i < services->discovered_count; i++)
		discovered_free(discovered_of(services->discovered[i]));
	services->discovered_count = 0;
}
