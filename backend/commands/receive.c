/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "loop/log.h"
#include "net/origin.h"
#include "via/receive.h"

/* Standard error goes to the other host, which is to learn nothing of us. */
static void
log_take(enum log_level level, const char *text, void *arg)
{
	(void)arg;
	syslog((int)level, "%s", text);
}

static int
refuse(const char *text)
{
	log_line(LOG_LEVEL_ERROR, "receive: %s", text);
	receive_refuse(STDOUT_FILENO, text);
	return EXIT_FAILED;
}

/* NULL with `problem`: which is meant, nobody knows. */
static const struct config_source *
source_find(const struct config *config, struct problem *problem)
{
	const struct config_source *found = NULL;

	problem_set(problem,
	    "no source of type 'remote' is configured on the receiving host; "
	    "'pdns-tlsa setup --remote HOST' says there what is to be done");
	for (size_t i = 0; i < config->source_count; i++) {
		if (config->sources[i].type != SOURCE_REMOTE)
			continue;
		if (found != NULL) {
			problem_set(problem,
			    "several sources of type 'remote' are configured "
			    "on the receiving host; leave one");
			return NULL;
		}
		found = &config->sources[i];
	}
	return found;
}

static int
receive_with(const struct options *options, const struct bounds *bounds,
    const struct origin *origin)
{
	struct problem problem = { "" };
	struct config *config = command_load_kept(options, NULL);
	struct receive_wish wish = {
		.config = config, .bounds = bounds, .origin = &origin->resolver
	};
	int status;

	if (config == NULL)
		return refuse("the configuration of the receiving host cannot "
			      "be used; its log says why");
	wish.source = source_find(config, &problem);
	if (wish.source == NULL)
		status = refuse(problem.text);
	else
		status = receive_run(&wish, STDIN_FILENO, STDOUT_FILENO)
			     ? EXIT_OK
			     : EXIT_FAILED;
	config_free(config);
	return status;
}

int
command_receive(const struct options *options)
{
	struct problem problem = { "" };
	struct bounds bounds;
	struct origin origin;
	int status;

	/* By hand, to try it: then a person reads both. */
	if (isatty(STDERR_FILENO) == 0) {
		openlog("pdns-tlsa", LOG_PID, LOG_DAEMON);
		log_set_sink(log_take, NULL);
	}
	if (options->hosts == NULL)
		return refuse("--hosts is missing in the forced command of "
			      "the key");
	if (bounds_parse(options->hosts, options->as, &bounds, &problem) !=
	    STATUS_OK)
		return refuse(problem.text);
	status = origin_read(options, &origin)
		     ? receive_with(options, &bounds, &origin)
		     : EXIT_USAGE;
	bounds_fini(&bounds);
	return status;
}
