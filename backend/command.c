/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stddef.h>

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
