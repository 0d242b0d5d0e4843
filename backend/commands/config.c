/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "tell/lookout.h"

int
command_config(const struct options *options)
{
	bool show;
	struct config *config;
	struct problem problem;
	int status = EXIT_OK;

	if (options->operand_count != 1 ||
	    (strcmp(options->operands[0], "check") != 0 &&
		strcmp(options->operands[0], "show") != 0)) {
		(void)fputs("pdns-tlsa: usage: pdns-tlsa config check|show "
			    "[-c FILE]\n",
		    stderr);
		return EXIT_USAGE;
	}
	show = strcmp(options->operands[0], "show") == 0;
	config = command_load(options);
	if (config == NULL)
		return EXIT_FAILED;
	if (!show && !lookout_check(config, &problem)) {
		(void)fprintf(stderr, "pdns-tlsa: %s\n", problem.text);
		status = EXIT_FAILED;
	} else if (!show)
		(void)printf("%s: the configuration is valid: %zu sources, "
			     "%zu zones, %zu overlays, %zu services%s\n",
		    config->path, config->source_count, config->zone_count,
		    config->overlay_count, config->service_count,
		    config->discover.host_count > 0
			? ", and those that are discovered"
			: "");
	else if (!config_write(config, stdout))
		status = EXIT_FAILED;
	if (fflush(stdout) != 0)
		status = EXIT_FAILED;
	config_free(config);
	return status;
}
