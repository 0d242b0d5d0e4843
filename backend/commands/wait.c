/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include "deploy/wait.h"
#include "loop/log.h"
#include "net/origin.h"

int
command_wait(const struct options *options)
{
	struct origin origin;
	struct config *config;
	struct newest newest;
	struct problem problem = { "" };
	struct wait_wish wish = { .see = options->is_servers ? SIGHT_SERVERS
							     : SIGHT_NOTHING };
	int result = EXIT_FAILED;

	if (!command_operand(options, "the name of a lineage") ||
	    !command_end(options, &wish.end) || !origin_read(options, &origin))
		return EXIT_USAGE;
	config = command_load_kept(options, NULL);
	if (config == NULL)
		return EXIT_FAILED;
	wish.config = config;
	wish.lineage = options->operands[0];
	wish.origin = &origin.resolver;
	if (wait_until_safe(&wish, &newest, &problem) == STATUS_OK) {
		newest_fini(&newest);
		result = EXIT_OK;
	} else {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
	}
	config_free(config);
	return result;
}
