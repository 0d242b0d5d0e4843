/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/kept.h"
#include "config/value.h"
#include "loop/log.h"
#include "loop/loop.h"

struct config *
command_load(const struct options *options)
{
	struct config *config = NULL;
	struct problem problem;

	if (config_load(options->config, NULL, &config, &problem) !=
	    STATUS_OK) {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		return NULL;
	}
	return config;
}

struct config *
command_load_kept(const struct options *options, struct buf *text)
{
	struct config *config = NULL;
	struct problem problem;

	/* systemd.exec(5), of a service with StateDirectory=. */
	if (config_kept_load(options->config, getenv("STATE_DIRECTORY"), text,
		&config, &problem) != STATUS_OK) {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		return NULL;
	}
	if (config->fault != NULL)
		log_line(LOG_LEVEL_ERROR,
		    "%s; until that is mended, the last configuration that "
		    "was right is used",
		    config->fault);
	return config;
}

void
command_keep(const struct config *config, struct buf *text)
{
	struct problem problem = { "" };

	if (config_kept_put(config, text, true, &problem) != STATUS_OK)
		log_line(LOG_LEVEL_WARNING,
		    "%s; this configuration is not kept", problem.text);
	buf_fini(text);
}

bool
command_operand(const struct options *options, const char *what)
{
	if (options->operand_count > 0)
		return true;
	(void)fprintf(
	    stderr, "pdns-tlsa: %s is missing; see pdns-tlsa --help\n", what);
	return false;
}

bool
command_end(const struct options *options, int64_t *ret_end)
{
	struct problem problem = { "" };
	uint32_t seconds;

	*ret_end = INT64_MAX;
	if (options->timeout == NULL)
		return true;
	if (!value_seconds(options->timeout, 0, SPAN_MAX, &seconds, &problem)) {
		(void)fprintf(
		    stderr, "pdns-tlsa: --timeout: %s\n", problem.text);
		return false;
	}
	*ret_end = loop_now() + (int64_t)seconds * 1000;
	return true;
}
