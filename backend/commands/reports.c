/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/working.h"
#include "config/value.h"
#include "look/look.h"
#include "loop/log.h"
#include "reports/collection.h"
#include "reports/print.h"

/* Of what is left out: all that ended before; INT64_MIN: nothing. */
static bool
since_read(const struct options *options, int64_t now, int64_t *ret_since)
{
	struct problem problem = { "" };
	uint32_t seconds;

	*ret_since = INT64_MIN;
	if (options->since == NULL)
		return true;
	if (!value_seconds(options->since, 1, SPAN_MAX, &seconds, &problem)) {
		(void)fprintf(
		    stderr, "pdns-tlsa: reports: --since: %s\n", problem.text);
		return false;
	}
	*ret_since = now - seconds;
	return true;
}

/* What senders saw is worth telling without it: NULL, and a finding. */
static struct config *
config_find(const struct options *options, struct findings *findings)
{
	struct config *config = NULL;

	if (options->has_config || access(options->config, F_OK) == 0)
		config = command_load_kept(options, NULL);
	if (config == NULL)
		finding_add(findings, FINDING_RECORD_NONE, options->config,
		    "name a configuration with -c, as somebody who may read "
		    "it",
		    "cannot be used");
	return config;
}

static int
collection_print(
    struct collection *collection, const struct options *options, int64_t now)
{
	struct config *config = NULL;
	struct look look;
	int status;

	/* Who has nothing to explain needs no look at every certificate. */
	if (collection->sums.fault_count > 0)
		config = config_find(options, &collection->findings);
	if (config == NULL)
		return reports_print(
		    collection, NULL, now, options->format, stdout);
	look_begin(&look, config);
	status = reports_print(
	    collection, look_store(&look), now, options->format, stdout);
	look_end(&look);
	return status;
}

static void
collection_read(struct collection *collection, const struct options *options)
{
	struct working working;

	working_begin(&working);
	for (int i = 0; i < options->operand_count; i++) {
		working_on(&working, "reading '%s'", options->operands[i]);
		collection_add_path(collection, options->operands[i]);
	}
	collection_end(collection);
	working_end(&working);
}

int
command_reports(const struct options *options)
{
	int64_t now = (int64_t)time(NULL);
	struct collection collection = { 0 };
	int status;

	if (!command_operand(options, "PATH of reports") ||
	    !since_read(options, now, &collection.since))
		return EXIT_UNKNOWN;
	log_set_level(LOG_LEVEL_ERROR);
	collection_read(&collection, options);
	status = collection_print(&collection, options, now);
	collection_fini(&collection);
	return status;
}
