/* SPDX-License-Identifier: MIT */
#include "setup/composition.h"

#include <string.h>

static const struct setup_backend backends[] = {
	{ .name = "gsqlite3",
	    .packages = "pdns-backend-sqlite3 sqlite3",
	    .setting = "gsqlite3-database",
	    .fallback = "/var/lib/powerdns/pdns.sqlite3",
	    .more = "gsqlite3-dnssec=yes\n",
	    .schema = "/usr/share/pdns-backend-sqlite3/schema/"
		      "schema.sqlite3.sql",
	    .row_begin = "runuser -u pdns -- sqlite3 ",
	    .row_middle = " \"INSERT OR IGNORE INTO domains (name, type) "
			  "VALUES ('",
	    .row_end = "', 'NATIVE');\"\n" },
	{ .name = "bind",
	    .packages = "pdns-backend-bind sqlite3",
	    .setting = "bind-dnssec-db",
	    .fallback = "/var/lib/powerdns/bind-dnssec.db",
	    .schema = "/usr/share/pdns-backend-bind/schema/"
		      "bind-dnssec.schema.sqlite3.sql" },
	{ .name = "lmdb",
	    .packages = "pdns-backend-lmdb",
	    .setting = "lmdb-filename",
	    .fallback = "/var/lib/powerdns/pdns.lmdb" },
	{ .name = "gmysql",
	    .packages = "pdns-backend-mysql mariadb-client",
	    .setting = "gmysql-dbname",
	    .fallback = "pdns",
	    .more = "# and gmysql-host, gmysql-dbname, gmysql-user, "
		    "gmysql-password\ngmysql-dnssec=yes\n",
	    .row_begin = "mariadb ",
	    .row_middle = " --execute=\"INSERT IGNORE INTO domains (name, "
			  "type) VALUES ('",
	    .row_end = "', 'NATIVE');\"\n" },
	{ .name = "gpgsql",
	    .packages = "pdns-backend-pgsql postgresql-client",
	    .setting = "gpgsql-dbname",
	    .fallback = "pdns",
	    .more = "# and gpgsql-host, gpgsql-dbname, gpgsql-user, "
		    "gpgsql-password\ngpgsql-dnssec=yes\n",
	    .row_begin = "runuser -u postgres -- psql --dbname=",
	    .row_middle = " --command=\"INSERT INTO domains (name, type) "
			  "VALUES ('",
	    .row_end = "', 'NATIVE') ON CONFLICT DO NOTHING;\"\n" },
};

enum { BACKENDS = sizeof(backends) / sizeof(backends[0]) };

bool
setup_is_self(const struct setup *setup, const struct config_zone *zone)
{
	return (zone->dnssec == ZONE_DNSSEC_SELF) != setup->is_other;
}

bool
setup_has_zone(const struct setup *setup, const struct config_zone *zone)
{
	return setup->wanted[setup_is_self(setup, zone) ? COMPOSITION_ALONE
							: COMPOSITION_OWN];
}

bool
setup_needs_database(const struct setup *setup)
{
	return setup->wanted[COMPOSITION_OWN] ||
	       setup->wanted[COMPOSITION_OVERLAY];
}

const struct setup_backend *
setup_backend_find(const char *name)
{
	for (size_t i = 0; i < BACKENDS; i++)
		if (strcmp(backends[i].name, name) == 0)
			return &backends[i];
	return NULL;
}

bool
setup_is_sql(const struct setup *setup)
{
	return setup_needs_database(setup) &&
	       strcmp(setup->backend->name, "bind") == 0 &&
	       (setup->version == NULL || setup->version->major >= 5);
}

const char *
setup_database(const struct setup *setup)
{
	const struct setup_backend *backend = setup->backend;
	const char *set = pdns_conf_get(&setup->present, backend->setting, "");

	return *set != '\0' ? set : backend->fallback;
}
