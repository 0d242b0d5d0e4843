/* SPDX-License-Identifier: MIT */
/*
 * Services that nobody listed.  One begins when a leaf names a host that a
 * pattern matches, and ends when no leaf that is current or retained does: an
 * RRset is never withdrawn because a file was missing.
 */
#include "store_data.h"

#include <stdlib.h>
#include <string.h>

#include "discover.h"
#include "mem.h"

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
list_add(struct store *store, struct discovered *discovered)
{
	discovered->at = store->discovered_count;
	store->discovered = mem_resize(store->discovered,
	    store->discovered_count + 1, sizeof(*store->discovered));
	store->discovered[store->discovered_count++] = &discovered->service;
}

static void
list_remove(struct store *store, struct discovered *discovered)
{
	struct service *last = store->discovered[--store->discovered_count];

	store->discovered[discovered->at] = last;
	discovered_of(last)->at = discovered->at;
}

static void
port_discover(struct store *store, const char *host, struct port port)
{
	struct discovered *discovered = mem_new(sizeof(*discovered));
	struct config_service *config = &discovered->config;
	struct service *service = &discovered->service;
	struct dname owner;

	*config = (struct config_service){ .host = mem_string(host),
		.ports = &service->port,
		.port_count = 1,
		.policy = store->config->defaults };
	*service = (struct service){
		.config = config, .port = port, .is_discovered = true
	};
	/* What is listed, or there already, stays as it is. */
	if (!store_settle_owner(store, service, &owner) ||
	    trie_get(&store->claimed, owner.key, owner.len) != NULL) {
		discovered_free(discovered);
		return;
	}
	store_begin_service(store, service);
	trie_set(&store->claimed, owner.key, owner.len, service);
	list_add(store, discovered);
}

void
store_discover(struct store *store, const char *name)
{
	const struct config_discover *discover = &store->config->discover;
	char *host = discover_host(discover, name);

	for (size_t i = 0; host != NULL && i < discover->port_count; i++)
		port_discover(store, host, discover->ports[i]);
	free(host);
}

bool
store_is_deserted(const struct store *store, const struct service *service)
{
	const char *host = service->config->host;
	struct dname dname;

	return service->is_discovered &&
	       dname_parse(host, strlen(host), &dname) == STATUS_OK &&
	       index_get(&store->lineages_by_host, dname.key, dname.len)
		       ->count == 0;
}

void
store_desert(struct store *store, struct service *service)
{
	struct discovered *discovered = discovered_of(service);
	struct dname owner;

	store_owner_dname(store, service, &owner);
	(void)trie_remove(&store->claimed, owner.key, owner.len);
	list_remove(store, discovered);
	store_end_service(store, service);
	discovered_free(discovered);
}

void
store_free_discovered(struct store *store)
{
	for (size_t i = 0; i < store->discovered_count; i++)
		discovered_free(discovered_of(store->discovered[i]));
	free(store->discovered);
}
