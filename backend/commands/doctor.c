/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "doctor/doctor.h"
#include "look/look.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "net/origin.h"

/* In the order in which they run. */
static const struct {
	const char *doing;
	doctor_check *all;
	doctor_zone_check *zone;
	doctor_service_check *service;
} checks[] = {
	{ "PowerDNS: reading its configuration", .all = doctor_conf },
	{ "TLS reports: asking the daemon", .all = doctor_reports },
	{ "PowerDNS: asking the server", .all = doctor_server },
	{ "its apex and delegation", .zone = doctor_apex },
	{ "other backends", .zone = doctor_twice },
	{ "its denials", .zone = doctor_denial },
	{ "wildcards", .service = doctor_wildcard },
	{ "its RRset", .service = doctor_rrset },
	/* All denials first: only then may any TLSA RRset be in the cache. */
	{ "denials at its name", .service = doctor_proof },
	{ "denials around it", .service = doctor_survival },
	{ "its name servers", .zone = doctor_peers },
};

static void
check_run(struct doctor *doctor, size_t c)
{
	struct working *working = &doctor->working;

	if (checks[c].all != NULL && !doctor_is_over(doctor)) {
		working_on(working, "%s", checks[c].doing);
		checks[c].all(doctor);
	}
	for (size_t i = 0; checks[c].zone != NULL && i < doctor->zone_count &&
			   !doctor_is_over(doctor);
	     i++) {
		working_on(working, "%s: %s", doctor->zones[i].subject,
		    checks[c].doing);
		checks[c].zone(doctor, &doctor->zones[i]);
	}
	for (size_t i = 0; checks[c].service != NULL &&
			   i < doctor->service_count && !doctor_is_over(doctor);
	     i++) {
		working_on(working, "%s: %s", doctor->services[i].subject,
		    checks[c].doing);
		checks[c].service(doctor, &doctor->services[i]);
	}
}

static void
checks_run(struct doctor *doctor)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		check_run(doctor, i);
	if (doctor_is_over(doctor) && !doctor->is_silent)
		finding_add(&doctor->findings, FINDING_TIME_UP, "doctor",
		    "see why name servers answer so slowly, and run it again",
		    "%d s are over", DOCTOR_TOTAL_MS / 1000);
}

static int
doctor_print(
    const struct doctor *doctor, enum format format, int64_t duration_ms)
{
	struct buf server = { 0 };
	struct findings_scope scope = {
		.zones = doctor->zone_count,
		.services = doctor->service_count,
		.services_left_out = store_service_count(doctor->store) -
				     doctor->service_count,
		.questions = doctor->questions,
		.duration_ms = duration_ms,
	};
	int status = findings_exit_status(&doctor->findings);

	dnsserver_format(&doctor->server, &server);
	scope.server = buf_text(&server);
	if (!findings_print(&doctor->findings, &scope, format, stdout))
		status = EXIT_UNKNOWN;
	buf_fini(&server);
	return status;
}

/* Look at everything with a store that was just scanned. */
static int
doctor_run(const struct options *options, const struct resolver_origin *origin,
    const struct config *config, const struct store *store,
    const struct dnsserver *server)
{
	int64_t start = loop_now();
	struct doctor doctor = {
		.config = config,
		.store = store,
		.server = *server,
		.pdns_conf = options->pdns_conf != NULL
				 ? options->pdns_conf
				 : config->powerdns_config,
		.deadline = deadline_in(DOCTOR_TOTAL_MS),
	};
	int status;

	doctor_init(&doctor, (int64_t)time(NULL));
	doctor_resolvers(&doctor, origin);
	working_begin(&doctor.working);
	checks_run(&doctor);
	working_end(&doctor.working);
	status = doctor_print(&doctor, options->format, loop_now() - start);
	doctor_fini(&doctor);
	return status;
}

/* Whom to ask: the option, which was read already, or the configuration. */
static bool
server_find(const struct options *options, const struct config *config,
    struct dnsserver *ret_server)
{
	if (options->server != NULL)
		return true;
	if (!dnsserver_parse(config->powerdns_address, ret_server))
		return false;
	ret_server->port = config->powerdns_port;
	return true;
}

int
command_doctor(const struct options *options)
{
	struct dnsserver server;
	struct origin origin;
	struct config *config;
	struct look look;
	int status = EXIT_UNKNOWN;

	if (options->server != NULL &&
	    !dnsserver_parse(options->server, &server)) {
		(void)fprintf(stderr,
		    "pdns-tlsa: '%s' is no IP address with a port or "
		    "without\n",
		    options->server);
		return EXIT_USAGE;
	}
	if (!origin_read(options, &origin))
		return EXIT_USAGE;
	config = command_load(options);
	if (config == NULL)
		return EXIT_UNKNOWN;
	if (!server_find(options, config, &server)) {
		config_free(config);
		return EXIT_UNKNOWN;
	}
	/* A name server may close a connection that ldns writes to. */
	(void)signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_LEVEL_WARNING);
	look_begin(&look, config);
	status = doctor_run(
	    options, &origin.resolver, config, look_store(&look), &server);
	look_end(&look);
	return status;
}
