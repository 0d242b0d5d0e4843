/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/output.h"
#include "control/client.h"
#include "control/status.h"
#include "loop/log.h"

enum { WATCH_SECONDS = 2 };

/* Ask for all of it.  NULL: said why on standard error. */
static json_t *
status_ask(const char *path)
{
	static const char *const lists[] = { "lineages", "services", "zones" };
	struct control_client *client;
	struct problem problem = { "" };
	json_t *status;

	if (control_client_new(path, &client, &problem) != STATUS_OK) {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		return NULL;
	}
	status = control_ask(client, "status", NULL, &problem);
	for (size_t i = 0;
	     status != NULL && i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_t *list = control_ask_list(client, lists[i], &problem);

		if (list == NULL) {
			json_decref(status);
			status = NULL;
		} else {
			(void)json_object_set_new(status, lists[i], list);
		}
	}
	control_client_free(client);
	if (status == NULL)
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
	return status;
}

static int
status_show(const struct config *config, enum format format)
{
	json_t *status = status_ask(config->control);

	if (status == NULL)
		return EXIT_FAILED;
	if (format == FORMAT_JSON)
		return output_end(stdout, status) ? EXIT_OK : EXIT_FAILED;
	if (format == FORMAT_PROMETHEUS)
		status_print_prometheus(status, stdout);
	else
		status_print_table(status, stdout);
	json_decref(status);
	return output_end(stdout, NULL) ? EXIT_OK : EXIT_FAILED;
}

/* Until it fails, or somebody ends it. */
static int
status_watch(const struct config *config, enum format format)
{
	int status = EXIT_OK;

	while (status == EXIT_OK) {
		if (isatty(STDOUT_FILENO))
			(void)fputs("\033[H\033[2J", stdout);
		status = status_show(config, format);
		(void)sleep(WATCH_SECONDS);
	}
	return status;
}

int
command_status(const struct options *options)
{
	struct config *config = command_load_kept(options, NULL);
	int status;

	if (config == NULL)
		return EXIT_FAILED;
	status = options->watch ? status_watch(config, options->format)
				: status_show(config, options->format);
	config_free(config);
	return status;
}
