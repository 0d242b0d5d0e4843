/* SPDX-License-Identifier: MIT */
#include "setup/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "dns/dnskey.h"
#include "keyring/file.h"
#include "keys.h"
#include "loop/log.h"
#include "machine.h"

static void
print_title(const struct setup *setup)
{
	(void)printf(
	    "# What PowerDNS %s and the zones still need, in this "
	    "order: paste each SHELL as\n"
	    "# root, and put each ZONE where it belongs.  Pasted again "
	    "it does no harm.\n",
	    setup->version != NULL ? setup->version->text : "4.7 to 5.1");
	if (setup->version == NULL)
		(void)puts("# (No pdns_server is here yet: --powerdns VERSION "
			   "tells which one it will be.)");
	if (setup->present.count == 0)
		(void)printf("# (%s could not be read: if it exists, run setup "
			     "as root.)\n",
		    setup->config->powerdns_config);
}

static void
print_restart(const struct setup *setup)
{
	(void)puts("\n## SHELL\n\n"
		   "# PowerDNS has a list of zones, which it reads at start.\n"
		   "systemctl restart pdns");
	setup_print_ds(setup);
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
		(void)puts("; DS: what pdnsutil export-zone-ds printed");
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
		(void)puts("; DS: what was printed above, once PowerDNS was "
			   "restarted");
	else
		(void)puts("; without DS: the zone is not signed, and DANE "
			   "clients ignore it");
}

static void
print_alias(const struct setup *setup, const struct service *service)
{
	char *owner;

	if (!service->is_alias)
		return;
	owner = store_owner_name(setup->store, service);
	(void)printf("_%u._%s.%s 3600 IN CNAME %s\n", service->port.number,
	    transport_text(service->port.transport), service->config->host,
	    owner);
	free(owner);
}

/* What leads to the names of before is answered meanwhile. */
static void
print_formers(const struct setup *setup)
{
	int64_t until;

	if (store_former_count(setup->store, &until) == 0)
		return;
	(void)puts(
	    "; Those that lead to the aliases of before are to be "
	    "changed.  Both names are\n"
	    "; answered until a TTL is over after 'aliases' was "
	    "written into the configuration:\n"
	    "; write it when all are changed and their own TTL is over.");
}

static void
print_aliases(const struct setup *setup)
{
	(void)puts("\n## ZONE of the hosts\n\n"
		   "; Once and for ever; each in the zone of its host.  "
		   "Nothing else may stand there:\n"
		   "; remove TLSA records that were kept by hand.");
	print_formers(setup);
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

	print_title(setup);
	setup_print_present(setup);
	if (setup->is_other)
		print_config(setup);
	setup_print_machine(setup);
	setup_print_conf(setup);
	setup_print_keys(setup);
	print_restart(setup);
	is_good = print_records(setup);
	(void)printf("\n## SHELL\n\n# Whether all of it works.\n"
		     "pdns-tlsa -c %s doctor\n",
	    setup->config->path);
	return is_good && fflush(stdout) == 0 && ferror(stdout) == 0;
}
