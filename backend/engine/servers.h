/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SERVERS_H
#define ENGINE_SERVERS_H

/*
 * What each name server of our own zones was seen to serve: who asked them
 * tells us, for who answers asks nobody.  Kept in memory alone, the last look
 * at a zone.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sets/trie.h"

enum { SERVERS_MAX = 64 }; /* addresses of one zone; more are left out */

/* One address of one name server. */
struct server {
	char *name;     /* owned */
	char *address;  /* owned */
	bool is_served; /* it answered for the zone, with authority */
	uint32_t serial;
};

/* A look at all of a zone. */
struct servers {
	int64_t when; /* seconds since 1970 */
	struct server *list;
	size_t count;
};

/* How a server compares with what is the newest now; the word, in JSON. */
#define SERVER_STATE_TABLE(X)                                                  \
	X(SERVER_CURRENT, "current")                                           \
	X(SERVER_BEHIND, "behind")                                             \
	X(SERVER_SILENT, "silent") /* it gave no answer for the zone */

enum server_state {
#define X(id, word) id,
	SERVER_STATE_TABLE(X)
#undef X
};

/* Add one, whose texts are copied; false: there is no room. */
bool servers_add(struct servers *servers, const char *name, const char *address,
    bool is_served, uint32_t serial);

/* All of it, which is on the heap. */
void servers_free(void *servers);

/*
 * Return the newest serial, `ours` included: PowerDNS serves a later one than
 * ours where SOA-EDIT has it count signatures, but none before.
 */
uint32_t servers_newest(const struct servers *servers, uint32_t ours);

enum server_state server_state(const struct server *server, uint32_t newest);
const char *server_state_text(enum server_state state);

#endif
