/* SPDX-License-Identifier: MIT */
#ifndef SETUP_COMPOSITION_H
#define SETUP_COMPOSITION_H

/*
 * What `setup` prints for: one composition with PowerDNS's other backends.
 * Threads: one at a time.
 */

#include <stdbool.h>

#include "pdns/conf.h"
#include "pdns/version.h"
#include "store/store.h"

/* How the answers come together with those of other backends. */
enum composition {
	COMPOSITION_OWN,     /* own zones, keys in a database backend */
	COMPOSITION_ALIAS,   /* the same, and names that point there */
	COMPOSITION_OVERLAY, /* TLSA names in another backend's zones */
	COMPOSITION_ALONE,   /* own zones, keys with us, no other backend */
	COMPOSITIONS,
};

/* A database backend, where its data are, and Debian's package of it. */
struct setup_backend {
	const char *name;
	const char *packages;
	const char *setting;  /* of pdns.conf: its file or database */
	const char *fallback; /* value of that setting where there is none */
	const char *more;     /* lines of pdns.conf besides */
	const char *schema;   /* by which SQLite makes the file, or NULL */
	/* To make PowerDNS know a zone without records, or NULL. */
	const char *row_begin;  /* up to the value of `setting` */
	const char *row_middle; /* up to the name of the zone */
	const char *row_end;
};

/* What is printed for. */
struct setup {
	const struct config *config;
	const struct setup_backend *backend;
	bool wanted[COMPOSITIONS];
	bool is_http; /* PowerDNS asks by its http connector */
	/*
	 * The zones of the configuration say otherwise, and have to be changed
	 * for the composition that was asked for.
	 */
	bool is_other;
	const struct store *store; /* of the services, without any file */
	/* NULL: unknown, so that only what works everywhere is printed. */
	const struct pdns_version *version;
	struct pdns_conf present; /* pdns.conf; empty if it cannot be read */
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
 * Return true if keys are made without pdnsutil: that of 5.1 cannot load the
 * bind backend (libbindbackend.so lacks purgeAuthCaches there).
 */
bool setup_is_sql(const struct setup *setup);

/* Return the file or the name of the backend's database, borrowed. */
const char *setup_database(const struct setup *setup);

#endif
