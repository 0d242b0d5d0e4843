/* SPDX-License-Identifier: MIT */
#include "engine/servers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "dns/serial.h"

bool
servers_add(struct servers *servers, const char *name, const char *address,
    bool is_served, uint32_t serial)
{
	if (servers->count >= SERVERS_MAX)
		return false;
	servers->list = mem_resize(
	    servers->list, servers->count + 1, sizeof(*servers->list));
	servers->list[servers->count++] = (struct server){
		.name = mem_string(name),
		.address = mem_string(address),
		.is_served = is_served,
		.serial = serial,
	};
	return true;
}

void
servers_free(void *arg)
{
	struct servers *servers = arg;

	if (servers == NULL)
		return;
	for (size_t i = 0; i < servers->count; i++) {
		free(servers->list[i].name);
		free(servers->list[i].address);
	}
	free(servers->list);
	free(servers);
}

uint32_t
servers_newest(const struct servers *servers, uint32_t ours)
{
	for (size_t i = 0; i < servers->count; i++)
		if (servers->list[i].is_served &&
		    serial_is_after(servers->list[i].serial, ours))
			ours = servers->list[i].serial;
	return ours;
}

enum server_state
server_state(const struct server *server, uint32_t newest)
{
	if (!server->is_served)
		return SERVER_SILENT;
	return server->serial == newest ? SERVER_CURRENT : SERVER_BEHIND;
}

const char *
server_state_text(enum server_state state)
{
	static const char *const words[] = {
#define X(id, word) [id] = word,
		SERVER_STATE_TABLE(X)
#undef X
	};

	return words[state];
}
