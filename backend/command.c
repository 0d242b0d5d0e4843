/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stddef.h>
#include <stdio.h>

#include "config_value.h"
#include "log.h"

struct config *
command_load(const struct options *options)
{
	struct config *config = NULL;
	struct problem problem;

	if (config_load(options->config, &config, &problem) != STATUS_OK) {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		return NULL;
	}
	return config;
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
command_timeout(const struct options *options, int64_t *ret_seconds)
{
	struct problem problem = { "" };
	uint32_t seconds;

	*ret_seconds = -1;
	if (options->timeout == NULL)
		return true;
	if (value_seconds(options->timeout, 0, SPAN_MAX, &seconds, &problem) !=
	    STATUS_OK) {
		(void)fprintf(
		    stderr, "pdns-tlsa: --timeout: %s\n", problem.text);
		return false;
	}
	*ret_seconds = seconds;
	return true;
}
