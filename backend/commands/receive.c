/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "loop/log.h"
#include "net/origin.h"
#include "via/receive.h"
#include "wall/receiver.h"

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

/*
 * The system's anchor may be replaced meanwhile, by whoever follows the keys of
 * the root: what it lies in is its own.
 */
static void
anchor_add(
    const struct options *options, const char *anchor, struct paths *reads)
{
	char *real = options->trust_anchor == NULL ? realpath(anchor, NULL)
						   : NULL;
	char *directory = real != NULL ? path_directory(real) : NULL;

	paths_add(reads, directory != NULL ? directory : anchor);
	free(directory);
	free(real);
}

/* All that is needed from here on: the configuration was read. */
static void
lock_in(const struct options *options, const struct receive_wish *wish)
{
	const struct resolver_origin *origin = wish->origin;
	struct paths reads = { 0 };
	const struct receiver receiver = {
		.store = wish->source->path,
		.reads = &reads,
		.port = origin->forward != NULL ? origin->forward->port : 0,
	};

	anchor_add(options, origin->trust_anchor, &reads);
	if (origin->root_hints != NULL)
		paths_add(&reads, origin->root_hints);
	(void)receiver_confine(&receiver);
	paths_fini(&reads);
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
	if (wish.source != NULL)
		lock_in(options, &wish);
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
