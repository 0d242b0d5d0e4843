/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "look/look.h"
#include "loop/log.h"
#include "setup/remote.h"
#include "setup/setup.h"

/* pdns_server --version takes a tenth of a second on a quiet machine. */
enum { VERSION_WAIT_MS = 5000 };

static const char *const names[] = {
	[COMPOSITION_OWN] = "own",
	[COMPOSITION_ALIAS] = "alias",
	[COMPOSITION_OVERLAY] = "overlay",
	[COMPOSITION_ALONE] = "alone",
};

static size_t
zones_of(const struct config *config, bool is_self)
{
	size_t count = 0;

	for (size_t i = 0; i < config->zone_count; i++)
		count += (config->zones[i].dnssec == ZONE_DNSSEC_SELF) ==
			 is_self;
	return count;
}

static bool
has_alias(const struct store *store)
{
	for (size_t i = 0; i < store_service_count(store); i++)
		if (store_service(store, i)->is_alias)
			return true;
	return false;
}

/* What the configuration asks for. */
static void
compositions_find(struct setup *setup)
{
	const struct config *config = setup->config;

	setup->wanted[COMPOSITION_OWN] = zones_of(config, false) > 0;
	setup->wanted[COMPOSITION_ALIAS] = has_alias(setup->store);
	setup->wanted[COMPOSITION_OVERLAY] = config->overlay_count > 0;
	setup->wanted[COMPOSITION_ALONE] = zones_of(config, true) > 0;
}

static bool
refuse(const struct setup *setup, const char *text)
{
	(void)fprintf(
	    stderr, "pdns-tlsa: setup: %s: %s\n", setup->config->path, text);
	return false;
}

/*
 * One of them alone.  Zones may have to change for it, but nobody can guess
 * their names.
 */
static bool
compositions_choose(struct setup *setup, enum composition wanted)
{
	const struct config *config = setup->config;
	bool is_alias = setup->wanted[COMPOSITION_ALIAS];
	bool is_self = wanted == COMPOSITION_ALONE ||
		       (wanted == COMPOSITION_ALIAS &&
			   zones_of(config, false) == 0);

	memset(setup->wanted, 0, sizeof(setup->wanted));
	if (wanted == COMPOSITION_OVERLAY) {
		setup->wanted[COMPOSITION_OVERLAY] = true;
		return config->overlay_count > 0 ||
		       refuse(setup, "has no 'overlay'; add the zones of the "
				     "hosts to it");
	}
	if (config->zone_count == 0)
		return refuse(setup, "has no 'zones'; add one, a zone of its "
				     "own for TLSA records");
	setup->wanted[is_self ? COMPOSITION_ALONE : COMPOSITION_OWN] = true;
	setup->wanted[COMPOSITION_ALIAS] = is_alias;
	setup->is_other = zones_of(config, is_self) == 0;
	return true;
}

static bool
compositions_check(const struct setup *setup)
{
	if (!setup_needs_database(setup) && !setup->wanted[COMPOSITION_ALONE])
		return refuse(setup, "there is nothing to serve; add to "
				     "'zones' or 'overlay'");
	if (setup->wanted[COMPOSITION_ALONE] && setup_needs_database(setup))
		return refuse(setup,
		    "'dnssec: self' needs a PowerDNS server without any other "
		    "backend: a database backend would answer that the zone "
		    "has no keys, and it would be unsigned; choose with "
		    "--composition, or use 'dnssec: powerdns'");
	return true;
}

/* Returns false, and has said so, if there is no such connector. */
static bool
connector_find(const char *name, bool *ret_is_http)
{
	*ret_is_http = name != NULL && strcmp(name, "http") == 0;
	if (name == NULL || *ret_is_http || strcmp(name, "unix") == 0)
		return true;
	(void)fprintf(stderr,
	    "pdns-tlsa: setup: unknown connector '%s': unix or http\n", name);
	return false;
}

static bool
connector_check(const struct setup *setup)
{
	const char *listen = setup->config->http_listen;

	if (!setup->is_http || (listen != NULL && listen[0] != '/'))
		return true;
	return refuse(setup, listen == NULL
				 ? "has no 'http'; add "
				   "'http: {listen: \"127.0.0.1:8053\"}'"
				 : "'http: listen' is a path, and PowerDNS's "
				   "http connector needs an address, as "
				   "127.0.0.1:8053");
}

static bool
setup_run(struct setup *setup, int composition)
{
	compositions_find(setup);
	return (composition == COMPOSITIONS ||
		   compositions_choose(setup, (enum composition)composition)) &&
	       compositions_check(setup) && connector_check(setup) &&
	       setup_print(setup);
}

/* Return COMPOSITIONS for NULL, which leaves the choice, or -1. */
static int
composition_find(const char *name)
{
	for (int i = 0; name != NULL && i < COMPOSITIONS; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	if (name == NULL)
		return COMPOSITIONS;
	(void)fprintf(stderr,
	    "pdns-tlsa: setup: unknown composition '%s': own, alias, overlay "
	    "or alone\n",
	    name);
	return -1;
}

/*
 * Of --powerdns, or of the server that is here.  Returns false, and has said
 * so, if that is no version; *ret is NULL if none is known.
 */
static bool
version_find(const char *text, struct pdns_version *version,
    const struct pdns_version **ret)
{
	*ret = NULL;
	if (text != NULL && !pdns_version_parse(text, version)) {
		(void)fprintf(stderr,
		    "pdns-tlsa: setup: --powerdns: '%s' is no version, as 4.7 "
		    "or 5.1.5\n",
		    text);
		return false;
	}
	if (text != NULL || pdns_version_find(VERSION_WAIT_MS, version))
		*ret = version;
	return true;
}

/* With what is there already; what cannot be read is not known. */
static bool
setup_look(struct setup *setup, struct config *config, int composition)
{
	struct problem problem = { "" };
	struct look look;
	bool is_good = false;

	if (pdns_conf_load(config->powerdns_config, &setup->present,
		&problem) != STATUS_OK)
		log_line(LOG_LEVEL_DEBUG, "%s", problem.text);
	/* Certificates tell of services, but need not be there yet. */
	log_set_level(LOG_LEVEL_ERROR);
	look_begin(&look, config);
	setup->config = config;
	setup->store = look_store(&look);
	is_good = setup_run(setup, composition);
	look_end(&look);
	pdns_conf_fini(&setup->present);
	return is_good;
}

/* It is put between quotes, where nothing else may be. */
static bool
remote_is_host(const char *text)
{
	static const char signs[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-";
	struct dname dname;

	if (text[0] != '-' && strspn(text, signs) == strlen(text) &&
	    dname_parse(text, strlen(text), &dname) == STATUS_OK)
		return true;
	(void)fprintf(stderr, "pdns-tlsa: setup: --remote: is no host name\n");
	return false;
}

static int
setup_remote(const struct options *options)
{
	struct config *config;
	bool is_good;

	if (!remote_is_host(options->remote))
		return EXIT_USAGE;
	config = command_load(options);
	if (config == NULL)
		return EXIT_FAILED;
	is_good = setup_print_remote(config, options->remote);
	config_free(config);
	return is_good ? EXIT_OK : EXIT_FAILED;
}

int
command_setup(const struct options *options)
{
	const char *backend = options->backend != NULL ? options->backend
						       : "gsqlite3";
	struct setup setup = { .backend = setup_backend_find(backend) };
	int composition = composition_find(options->composition);
	struct pdns_version version;
	struct config *config;

	if (options->remote != NULL)
		return setup_remote(options);
	if (setup.backend == NULL)
		(void)fprintf(stderr,
		    "pdns-tlsa: setup: unknown backend '%s': gsqlite3, bind, "
		    "lmdb, gmysql or gpgsql\n",
		    backend);
	if (setup.backend == NULL || composition < 0 ||
	    !connector_find(options->connector, &setup.is_http) ||
	    !version_find(options->powerdns, &version, &setup.version))
		return EXIT_USAGE;
	config = command_load(options);
	if (config == NULL)
		return EXIT_FAILED;
	return setup_look(&setup, config, composition) ? EXIT_OK : EXIT_FAILED;
}
