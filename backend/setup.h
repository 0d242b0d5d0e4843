/* SPDX-License-Identifier: MIT */
#ifndef SETUP_H
#define SETUP_H

/*
 * What `setup` prints, for one composition with PowerDNS's other backends.
 * Private to command_setup.c (which composition) and setup.c (what it needs).
 */

#include <stdbool.h>

#include "store.h"

/* How the answers come together with those of other backends. */
enum composition {
	COMPOSITION_OWN,     /* own zones, keys in a database backend */
	COMPOSITION_ALIAS,   /* the same, and names that point there */
	COMPOSITION_OVERLAY, /* TLSA names in another backend's zones */
	COMPOSITION_ALONE,   /* own zones, keys with us, no other backend */
	COMPOSITIONS,
};

struct setup_backend;

/* What is printed for. */
struct setup {
	const struct config *config;
	const struct setup_backend *backend;
	bool wanted[COMPOSITIONS];
	/*
	 * The zones of the configuration say otherwise, and have to be changed
	 * for the composition that was asked for.
	 */
	bool is_other;
	const struct store *store; /* of the services, without any file */
};

/* Return the database backend of this name, or NULL. */
const struct setup_backend *setup_backend_find(const char *name);

/* Return true if the zone is printed as one with keys of our own. */
bool setup_is_self(const struct setup *setup, const struct config_zone *zone);

/* Return true if it is printed at all. */
bool setup_has_zone(const struct setup *setup, const struct config_zone *zone);

/* Return true if a database backend is part of it. */
bool setup_needs_database(const struct setup *setup);

/*
 * Print all of it to standard output.  Returns false if something is missing
 * for it, which is printed or logged.
 */
bool setup_print(const struct setup *setup);

#endif
