/* SPDX-License-Identifier: MIT */
#include "command.h"

#include "log.h"
#include "wait.h"

int
command_wait(const struct options *options)
{
	struct config *config;
	struct newest newest;
	struct problem problem = { "" };
	int64_t timeout;
	int result = EXIT_FAILED;

	if (!command_operand(options, "the name of a lineage") ||
	    !command_timeout(options, &timeout))
		return EXIT_USAGE;
	config = command_load(options);
	if (config == NULL)
		return EXIT_FAILED;
	if (wait_until_safe(config, options->operands[0], timeout, &newest,
		&problem) == STATUS_OK) {
		newest_fini(&newest);
		result = EXIT_OK;
	} else {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
	}
	config_free(config);
	return result;
}
