/* SPDX-License-Identifier: MIT */
#ifndef STORE_SERVICE_H
#define STORE_SERVICE_H

/*
 * A service: what certificates are published for.  Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "dns/dname.h"
#include "sets/timer.h"

/* What somebody should look after at a service. */
enum service_concern {
	CONCERN_NONE,
	CONCERN_BARE,      /* no lineage that covers it can be read */
	CONCERN_EMPTY,     /* its certificates give no record */
	CONCERN_UNCOVERED, /* no current certificate names the host */
};

/* A host, a port and a transport, of the configuration or discovered. */
struct service {
	const struct config_service *config; /* borrowed */
	struct port port;
	bool is_alias; /* its owner lies in an own zone as an alias */
	bool is_dirty;
	bool is_bare;       /* nothing covers it */
	bool is_discovered; /* leaves when no leaf names its host */
	bool is_named;      /* a leaf did, since the start */
	bool is_stuck;   /* what is published is older than all that counts */
	uint32_t number; /* no other service has it */
	enum service_concern concern; /* as of the last publication */
	struct timer timer;           /* when its RRset changes by time alone */
};

/*
 * Return what a leaf has to name to count for the service, in *room, or NULL:
 * one that the service names itself may be for whatever it likes.
 */
const struct dname *service_host(
    const struct service *service, struct dname *room);

/*
 * Return the owner name of its RRset under `config`, with final dot; free() it.
 */
char *service_owner_name(
    const struct service *service, const struct config *config);

/* The same as a DNS name.  Returns false if it is none, being too long. */
bool service_owner_parse(const struct service *service,
    const struct config *config, struct dname *ret_dname);

/* The same for one that is known to be a name. */
void service_owner_dname(const struct service *service,
    const struct config *config, struct dname *ret_dname);

/*
 * The name that its RRset would have if `aliases` said the other thing.
 * Returns false if it is no alias, or that were no name.
 */
bool service_former_parse(const struct service *service,
    const struct config *config, struct dname *ret_dname);

/* Return the service's concern in words, or NULL. */
const char *service_concern_text(const struct service *service);

#endif
