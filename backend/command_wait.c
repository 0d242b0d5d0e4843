/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <signal.h>

#include "agree.h"
#include "log.h"
#include "loop.h"
#include "origin.h"
#include "wait.h"

int
command_wait(const struct options *options)
{
	struct origin origin;
	struct config *config;
	struct newest newest;
	struct problem problem = { "" };
	int64_t timeout;
	int64_t end;
	int result = EXIT_FAILED;

	if (!command_operand(options, "the name of a lineage") ||
	    !command_timeout(options, &timeout) ||
	    !origin_read(options, &origin))
		return EXIT_USAGE;
	/* A name server may close a connection that ldns writes to. */
	(void)signal(SIGPIPE, SIG_IGN);
	config = command_load_kept(options, NULL);
	if (config == NULL)
		return EXIT_FAILED;
	end = timeout < 0 ? INT64_MAX : loop_now() + timeout * 1000;
	if (wait_until_safe(config, options->operands[0], timeout, &newest,
		&problem) == STATUS_OK) {
		if (!options->is_servers ||
		    servers_await(config, &newest, &origin.resolver, end,
			&problem) == STATUS_OK)
			result = EXIT_OK;
		newest_fini(&newest);
	}
	if (result != EXIT_OK)
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
	config_free(config);
	return result;
}
