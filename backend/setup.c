/* SPDX-License-Identifier: MIT */
#include "setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnskey.h"
#include "keyring_file.h"
#include "log.h"

/* A database backend: its lines in pdns.conf, and its commands. */
struct setup_backend {
	const char *name;
	const char *conf;
	bool has_files;   /* which PowerDNS's user must be able to open */
	const char *once; /* before all zones, or NULL */
	/* To make PowerDNS know a zone without records; around its name. */
	const char *row_begin;
	const char *row_end;
	/* To make keys for a zone without records; around its name. */
	const char *secure_begin;
	const char *secure_end;
};

#define SECURE "pdnsutil secure-zone ", ""

static const struct setup_backend backends[] = {
	{ "bind",
	    "bind-config=/etc/powerdns/named.conf\n"
	    "# Keys and metadata of all zones.  Without it the bind backend\n"
	    "# cannot sign, and its own zones fail when we do.\n"
	    "bind-dnssec-db=/var/lib/powerdns/bind-dnssec.db\n",
	    true,
	    "# Only if the file does not exist yet.\n"
	    "pdnsutil create-bind-db /var/lib/powerdns/bind-dnssec.db\n",
	    NULL, NULL, SECURE },
	{ "gsqlite3",
	    "gsqlite3-database=/var/lib/powerdns/pdns.sqlite3\n"
	    "gsqlite3-dnssec=yes\n",
	    true, NULL,
	    "runuser -u pdns -- sqlite3 /var/lib/powerdns/pdns.sqlite3 "
	    "\"INSERT INTO domains (name, type) VALUES ('",
	    "', 'NATIVE');\"\n", SECURE },
	{ "lmdb", "lmdb-filename=/var/lib/powerdns/pdns.lmdb\n", true, NULL,
	    NULL, NULL,
	    "# Not secure-zone, which makes the same key and then fails: LMDB "
	    "has no row for it.\n"
	    "pdnsutil add-zone-key ",
	    " ksk active published ecdsa256" },
	{ "gmysql",
	    "# and gmysql-host, gmysql-dbname, gmysql-user, gmysql-password\n"
	    "gmysql-dnssec=yes\n",
	    false, NULL,
	    "mysql pdns --execute=\"INSERT INTO domains (name, type) VALUES "
	    "('",
	    "', 'NATIVE');\"\n", SECURE },
	{ "gpgsql",
	    "# and gpgsql-host, gpgsql-dbname, gpgsql-user, gpgsql-password\n"
	    "gpgsql-dnssec=yes\n",
	    false, NULL,
	    "psql --dbname=pdns --command=\"INSERT INTO domains (name, type) "
	    "VALUES ('",
	    "', 'NATIVE');\"\n", SECURE },
};

enum { BACKENDS = sizeof(backends) / sizeof(backends[0]) };

const struct setup_backend *
setup_backend_find(const char *name)
{
	for (size_t i = 0; i < BACKENDS; i++)
		if (strcmp(backends[i].name, name) == 0)
			return &backends[i];
	return NULL;
}

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

/* Names are kept with a final dot, which commands do not take. */
static int
name_len(const char *name)
{
	return (int)strlen(name) - 1;
}

/* ---- pdns.conf ---- */

static void
print_launch(const struct setup *setup)
{
	if (!setup_needs_database(setup)) {
		(void)puts(
		    "# No other backend, for one that knows of keys would say "
		    "that ours have none.\n"
		    "# Remove other launch lines and the packages' files in "
		    "pdns.d/: PowerDNS does not\n"
		    "# start with settings of a backend that is not launched.\n"
		    "launch=remote");
		return;
	}
	(void)printf(
	    "# The database first: what comes first answers for the metadata "
	    "and keys of all\n"
	    "# zones.  Remove other launch lines and the packages' files in "
	    "pdns.d/: PowerDNS\n"
	    "# does not start with settings of a backend that is not "
	    "launched.\n"
	    "launch=%s,remote\n%s",
	    setup->backend->name, setup->backend->conf);
}

static void
print_conf(const struct setup *setup)
{
	const struct config *config = setup->config;
	bool needs_dnssec = setup->wanted[COMPOSITION_OWN] ||
			    setup->wanted[COMPOSITION_ALONE];

	(void)printf("\n## FILE %s\n\n", config->powerdns_config);
	print_launch(setup);
	(void)printf(
	    "# A socket, not a pipe: PowerDNS never starts a pipe's program"
	    " again that ended\n"
	    "# while nobody asked.\n"
	    "remote-connection-string=unix:path=%s,timeout=2000\n",
	    config->listen);
	(void)puts(
	    needs_dnssec
		? "# We tell the neighbours of names, of which denials are "
		  "made.\nremote-dnssec=yes"
		: "# Keys and denials are the other backend's.\n"
		  "remote-dnssec=no");
	if (config->powerdns_control != NULL)
		(void)puts("# Lets the group use the control socket, through "
			   "which we purge caches.\nsetgid=pdns");
	if (needs_dnssec)
		(void)puts(
		    "# With secondaries, and their addresses instead of these:"
		    "\n#primary=yes\n#allow-axfr-ips=192.0.2.2\n"
		    "#also-notify=192.0.2.2");
}

/* ---- commands ---- */

static void
print_own_zone(const struct setup *setup, const struct config_zone *zone)
{
	const struct setup_backend *backend = setup->backend;
	int len = name_len(zone->name);
	struct buf nsec3 = { 0 };

	if (zone->dnssec == ZONE_DNSSEC_NONE || !setup_has_zone(setup, zone))
		return;
	(void)printf(
	    "\n# Zone %.*s: its keys live in the database.\n", len, zone->name);
	if (backend->row_begin != NULL)
		(void)printf("# A row without records, to which keys belong; "
			     "the records are ours.\n%s%.*s%s",
		    backend->row_begin, len, zone->name, backend->row_end);
	(void)printf("%s%.*s%s\n", backend->secure_begin, len, zone->name,
	    backend->secure_end);
	if (zone->nsec3 != NULL) {
		struct nsec3 plain = *zone->nsec3;

		plain.is_narrow = false;
		nsec3_format(&plain, &nsec3);
		(void)printf("# As 'nsec3' of the zone says: both must agree."
			     "\npdnsutil set-nsec3 %.*s '%s'%s\n",
		    len, zone->name, buf_text(&nsec3),
		    zone->nsec3->is_narrow ? " narrow" : "");
		buf_fini(&nsec3);
	}
	(void)printf(
	    "# Signatures are made anew each week; secondaries see that by "
	    "the serial.\n"
	    "pdnsutil set-meta %.*s SOA-EDIT INCEPTION-EPOCH\n"
	    "# What this prints goes into the parent zone, beside the NS "
	    "records below.\n"
	    "pdnsutil export-zone-ds %.*s\n",
	    len, zone->name, len, zone->name);
}

static void
print_overlay_zone(const char *name)
{
	int len = name_len(name);

	(void)printf(
	    "\n# Zone %.*s: any other denial of existence than narrow NSEC3 "
	    "would deny our\n"
	    "# own records, validated.  It cannot be transferred to "
	    "secondaries by AXFR then.\n"
	    "# If it is signed already, leave out secure-zone.\n"
	    "pdnsutil secure-zone %.*s\n"
	    "pdnsutil set-nsec3 %.*s '1 0 0 -' narrow\n"
	    "pdnsutil rectify-zone %.*s\n",
	    len, name, len, name, len, name, len, name);
}

static void
print_commands(const struct setup *setup)
{
	const struct config *config = setup->config;

	(void)puts("\n## SHELL\n\n"
		   "# Before PowerDNS, which exits at start when the socket is "
		   "missing.\n"
		   "systemctl enable --now pdns-tlsa.socket pdns-tlsa.service");
	if (setup_needs_database(setup) && setup->backend->has_files)
		(void)puts(
		    "# As PowerDNS's user, which could not open what root"
		    " makes.\n"
		    "pdnsutil() { runuser -u pdns -- pdnsutil \"$@\"; }");
	if (setup_needs_database(setup) && setup->backend->once != NULL)
		(void)fputs(setup->backend->once, stdout);
	for (size_t i = 0; i < config->zone_count; i++)
		if (!setup_is_self(setup, &config->zones[i]))
			print_own_zone(setup, &config->zones[i]);
	for (size_t i = 0;
	     setup->wanted[COMPOSITION_OVERLAY] && i < config->overlay_count;
	     i++)
		print_overlay_zone(config->overlay_names[i]);
	(void)puts("\n# PowerDNS has a list of zones, which it reads at start."
		   "\nsystemctl restart pdns");
}

/* ---- records ---- */

static void
print_ds(const struct config_zone *zone, const struct keyring *keyring)
{
	const struct keyring_zone *kept = keyring_find(keyring, &zone->dname);
	bool is_any = false;

	for (size_t i = 0; kept != NULL && i < kept->key_count; i++) {
		const struct keyring_key *key = &kept->keys[i];
		struct buf ds = { 0 };
		struct dnskey parsed;

		if ((key->flags & DNSKEY_FLAG_SEP) == 0 || !key->is_published ||
		    dnskey_parse(key->content, key->flags, &parsed, NULL) !=
			STATUS_OK)
			continue;
		dnskey_ds(&parsed, &zone->dname, &ds);
		(void)printf("%s 3600 IN DS %s\n", zone->name, buf_text(&ds));
		buf_fini(&ds);
		is_any = true;
	}
	if (!is_any)
		(void)puts("; DS: not yet; the daemon makes the key when it "
			   "starts, so run setup again then");
}

static void
print_delegation(const struct setup *setup, const struct config_zone *zone,
    const struct keyring *keyring)
{
	const char *dot = strchr(zone->name, '.');
	const char *parent = dot != NULL ? dot + 1 : "";

	(void)printf("\n## ZONE %s\n\n"
		     "; The delegation of %s, in whichever zone is above it.\n",
	    *parent != '\0' ? parent : ".", zone->name);
	for (size_t i = 0; i < zone->nameserver_count; i++)
		(void)printf(
		    "%s 3600 IN NS %s\n", zone->name, zone->nameservers[i]);
	if (setup_is_self(setup, zone))
		print_ds(zone, keyring);
	else if (zone->dnssec != ZONE_DNSSEC_NONE)
		(void)puts("; DS: what pdnsutil export-zone-ds printed");
	else
		(void)puts("; without DS: the zone is not signed, and DANE "
			   "clients ignore it");
}

static void
print_alias(const struct setup *setup, const struct service *service)
{
	char *owner = store_owner_name(setup->store, service);
	const char *zone = setup->config->zones[0].name;
	size_t len = strlen(owner) - strlen(zone);

	if (service->is_alias)
		(void)printf("%.*s 3600 IN CNAME %s\n", (int)len, owner, owner);
	free(owner);
}

static void
print_aliases(const struct setup *setup)
{
	(void)puts("\n## ZONE of the hosts\n\n"
		   "; Once and for ever; each in the zone of its host.  "
		   "Nothing else may stand there:\n"
		   "; remove TLSA records that were kept by hand.");
	for (size_t i = 0; i < store_service_count(setup->store); i++)
		print_alias(setup, store_service(setup->store, i));
}

/* Nothing to add, but what must not be there. */
static void
print_overlays(const struct setup *setup)
{
	const struct config *config = setup->config;

	for (size_t i = 0; i < config->overlay_count; i++)
		(void)printf("\n## ZONE %s\n\n"
			     "; No record is needed.  Remove TLSA records that "
			     "were kept by hand, for they hide\n"
			     "; ours; and give a host that exists by a "
			     "wildcard alone addresses of its own, for\n"
			     "; the names below it end the wildcard there.\n",
		    config->overlay_names[i]);
}

static bool
print_records(const struct setup *setup)
{
	const struct config *config = setup->config;
	struct problem problem = { "" };
	struct keyring keyring;

	keyring_init(&keyring);
	if (setup->wanted[COMPOSITION_ALONE] &&
	    keyring_file_look(config->state_directory, &keyring, &problem) !=
		STATUS_OK) {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		return false;
	}
	for (size_t i = 0; i < config->zone_count; i++)
		if (setup_has_zone(setup, &config->zones[i]))
			print_delegation(setup, &config->zones[i], &keyring);
	if (setup->wanted[COMPOSITION_ALIAS])
		print_aliases(setup);
	if (setup->wanted[COMPOSITION_OVERLAY])
		print_overlays(setup);
	keyring_fini(&keyring);
	return true;
}

/* What the composition asked for needs in our own configuration. */
static void
print_config(const struct setup *setup)
{
	(void)printf("\n## FILE %s\n\n"
		     "# In each zone of 'zones'; then reload: systemctl reload "
		     "pdns-tlsa\n"
		     "#   dnssec: %s\n",
	    setup->config->path,
	    setup->wanted[COMPOSITION_ALONE] ? "self" : "powerdns");
}

bool
setup_print(const struct setup *setup)
{
	bool is_good;

	(void)puts("# What PowerDNS and the zones still need, in this order.");
	if (setup->is_other)
		print_config(setup);
	print_conf(setup);
	print_commands(setup);
	is_good = print_records(setup);
	(void)printf("\n## SHELL\n\n# Whether all of it works.\n"
		     "pdns-tlsa -c %s doctor\n",
	    setup->config->path);
	return is_good && fflush(stdout) == 0 && ferror(stdout) == 0;
}
