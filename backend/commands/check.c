/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check/check.h"
#include "config/value.h"
#include "look/look.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "net/origin.h"

/* In the order in which they run; later ones go by what earlier ones noted. */
static check_fn *const checks[] = { check_config, check_sources, check_issuers,
	check_mailbox, check_unread };

static const struct {
	const char *doing; /* NULL: at once; else online */
	check_service_fn *run;
} service_checks[] = {
	{ NULL, check_records },
	{ NULL, check_lineages },
	{ NULL, check_named },
	{ NULL, check_chains },
	{ NULL, check_expiry },
	{ NULL, check_senders },
	{ NULL, check_protection },
	{ "looking it up", check_tlsa },
	{ "asking its name servers", check_nameservers },
	{ "connecting to its addresses", check_served },
	{ "looking up who is told", check_reports },
};

static void
service_run(struct check *check, struct check_service *service)
{
	size_t number = (size_t)(service - check->services) + 1;

	for (size_t i = 0;
	     i < sizeof(service_checks) / sizeof(service_checks[0]); i++) {
		/* Of what others publish, nothing is on our disk. */
		if (service_checks[i].doing != NULL
			? !service->is_online ||
			      deadline_is_over(&check->deadline)
			: service->service == NULL)
			continue;
		if (service_checks[i].doing != NULL)
			working_on(&check->working, "%zu of %zu: %s: %s",
			    number, check->service_count, service->subject,
			    service_checks[i].doing);
		service_checks[i].run(check, service);
	}
}

static void
checks_run(struct check *check)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](check);
	for (size_t i = 0; i < check->service_count; i++)
		service_run(check, &check->services[i]);
	if (deadline_is_over(&check->deadline))
		finding_add(&check->findings, FINDING_TIME_UP, "check",
		    "see which servers answer so slowly, or name a host",
		    "%d s are over", CHECK_TOTAL_MS / 1000);
}

/* With --server, questions about our zones go there. */
static void
online_begin(struct check *check, const struct options *options,
    const struct resolver_origin *origin)
{
	struct resolver_options wanted = { .origin = *origin,
		.config = check->config };

	if (options->server != NULL)
		wanted.server = &check->server;
	check->resolver = origin_resolver(&wanted, &check->findings);
}

static int
check_run(const struct options *options, const struct resolver_origin *origin,
    struct check *check, const struct dname *host)
{
	int64_t start = loop_now();
	int status;

	check->now = (int64_t)time(NULL);
	check->deadline = deadline_in(CHECK_TOTAL_MS);
	working_begin(&check->working);
	working_on(&check->working, "looking up the services");
	if (check->is_online)
		online_begin(check, options, origin);
	check_select(check, host);
	/* Monitoring must not be content when all has gone. */
	if (check->service_count == 0 && host == NULL)
		finding_add(&check->findings, FINDING_SERVICE_NONE, "services",
		    check->config->discover.host_count > 0
			? "see whether the certificates can be read, and "
			  "'hosts' of 'discover'"
			: "list hosts in 'services', or use 'discover'",
		    "there are none in %s", options->config);
	if (check->service_count == 0 && check->findings.count == 0 &&
	    host != NULL)
		finding_add(&check->findings, FINDING_HOST_UNKNOWN,
		    options->operands[0],
		    "add it to 'services', or look it up with --online",
		    "has no service in %s", options->config);
	checks_run(check);
	working_end(&check->working);
	status = check_print(
	    check, options->format, loop_now() - start, stdout);
	check_fini(check);
	return status;
}

static bool
threshold_read(const char *name, const char *text, int64_t *ret_seconds)
{
	struct problem problem = { "" };
	uint32_t seconds;

	*ret_seconds = -1;
	if (text == NULL)
		return true;
	if (!value_seconds(text, 0, SPAN_MAX, &seconds, &problem)) {
		(void)fprintf(
		    stderr, "pdns-tlsa: check: %s: %s\n", name, problem.text);
		return false;
	}
	*ret_seconds = seconds;
	return true;
}

/* What is critical before it is worth a warning is never a warning. */
static bool
thresholds_read(const struct options *options, struct check *check)
{
	if (!threshold_read("--warning", options->warning, &check->warning) ||
	    !threshold_read("--critical", options->critical, &check->critical))
		return false;
	if (check->warning < 0 || check->critical <= check->warning)
		return true;
	(void)fputs("pdns-tlsa: check: --critical is more than --warning; "
		    "exchange them\n",
	    stderr);
	return false;
}

static bool
usage_check(
    const struct options *options, struct check *check, struct dname *ret_host)
{
	const char *host = options->operand_count > 0 ? options->operands[0]
						      : NULL;

	if (host != NULL &&
	    dname_parse(host, strlen(host), ret_host) != STATUS_OK) {
		(void)fprintf(
		    stderr, "pdns-tlsa: '%s' is no host name\n", host);
		return false;
	}
	if (options->server != NULL &&
	    !dnsserver_parse(options->server, &check->server)) {
		(void)fprintf(stderr,
		    "pdns-tlsa: '%s' is no IP address with a port or "
		    "without\n",
		    options->server);
		return false;
	}
	if ((options->server != NULL || options->trust_anchor != NULL ||
		options->root_hints != NULL || options->forward != NULL) &&
	    !options->is_online) {
		(void)fputs("pdns-tlsa: check: --server, --trust-anchor, "
			    "--root-hints and --forward need --online\n",
		    stderr);
		return false;
	}
	return thresholds_read(options, check);
}

int
command_check(const struct options *options)
{
	struct check check = { .is_online = options->is_online };
	struct origin origin;
	struct config *config;
	struct dname host;
	struct look look;
	int status = EXIT_UNKNOWN;

	if (!usage_check(options, &check, &host) ||
	    !origin_read(options, &origin))
		return EXIT_UNKNOWN;
	config = command_load_kept(options, NULL);
	if (config == NULL) {
		if (options->format == FORMAT_TABLE)
			(void)puts("TLSA UNKNOWN: the configuration cannot be "
				   "used");
		return EXIT_UNKNOWN;
	}
	/* A server may close a connection that we write to. */
	(void)signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_LEVEL_ERROR);
	look_begin(&look, config);
	check.config = config;
	check.store = look_store(&look);
	status = check_run(options, &origin.resolver, &check,
	    options->operand_count > 0 ? &host : NULL);
	look_end(&look);
	return status;
}
