/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/frame.h"
#include "cli/output.h"
#include "control/client.h"
#include "control/member.h"
#include "control/status.h"
#include "dns/dname.h"
#include "loop/log.h"

enum {
	WATCH_MS = 2000,
	DRAWN_MOST = 4, /* services that are drawn unasked */
};

/* What is wanted. */
struct wish {
	const char *path;         /* of the control socket */
	const struct dname *host; /* NULL: all */
	enum format format;
};

/* ---- asking ---- */

static bool
is_of_host(const json_t *service, const struct dname *host)
{
	const char *name = text_of(service, "host");
	struct dname own;

	return dname_parse(name, strlen(name), &own) == STATUS_OK &&
	       dname_equal(host, &own);
}

/* Leave the services of the host alone in the list. */
static void
services_select(json_t *services, const struct dname *host)
{
	for (size_t i = json_array_size(services); i > 0; i--)
		if (!is_of_host(json_array_get(services, i - 1), host))
			(void)json_array_remove(services, i - 1);
}

/* Ask for all that is wanted but drawings; NULL: `problem` says why not. */
static json_t *
lists_ask(struct control_client *client, const struct wish *wish,
    struct problem *problem)
{
	static const char *const names[] = { "lineages", "services", "zones" };
	json_t *status = control_ask(client, "status", NULL, problem);

	for (size_t i = 0;
	     status != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
		bool is_services = strcmp(names[i], "services") == 0;
		json_t *list;

		if (wish->host != NULL && !is_services)
			continue;
		list = control_ask_list(client, names[i], problem);
		if (list == NULL) {
			json_decref(status);
			return NULL;
		}
		if (wish->host != NULL)
			services_select(list, wish->host);
		(void)json_object_set_new(status, names[i], list);
	}
	return status;
}

/* The one of the same port among those of its host. */
static void
timeline_put(json_t *service, const json_t *timelines)
{
	for (size_t i = 0; i < json_array_size(timelines); i++) {
		json_t *timeline = json_array_get(timelines, i);

		if (number_of(timeline, "port") == number_of(service, "port") &&
		    strcmp(text_of(timeline, "transport"),
			text_of(service, "transport")) == 0)
			(void)json_object_set(service, "timeline", timeline);
	}
}

static void
timelines_put(json_t *services, const char *host, const json_t *timelines)
{
	for (size_t i = 0; i < json_array_size(services); i++) {
		json_t *service = json_array_get(services, i);

		if (strcmp(text_of(service, "host"), host) == 0)
			timeline_put(service, timelines);
	}
}

/*
 * Once for each host.  Without them the rest is as good: an older daemon knows
 * none.
 */
static void
timelines_ask(struct control_client *client, json_t *services)
{
	for (size_t i = 0; i < json_array_size(services); i++) {
		const json_t *service = json_array_get(services, i);
		const char *host = text_of(service, "host");
		struct problem problem;
		json_t *timelines;

		if (json_object_get(service, "timeline") != NULL)
			continue;
		timelines = control_ask(client, "timelines",
		    json_pack("{s:s}", "host", host), &problem);
		if (timelines == NULL)
			return;
		timelines_put(services, host, timelines);
		json_decref(timelines);
	}
}

/* Ask for all of it, drawings if they `are_seen`. */
static json_t *
status_ask(const struct wish *wish, bool are_seen, struct problem *problem)
{
	struct control_client *client;
	json_t *services;
	json_t *status;

	if (control_client_new(wish->path, &client, problem) != STATUS_OK)
		return NULL;
	status = lists_ask(client, wish, problem);
	services = json_object_get(status, "services");
	if (are_seen && wish->format == FORMAT_TABLE &&
	    (wish->host != NULL || json_array_size(services) <= DRAWN_MOST))
		timelines_ask(client, services);
	control_client_free(client);
	return status;
}

/* ---- showing ---- */

/* Print it, and drop it; false if the stream refused something. */
static bool
status_print(json_t *status, enum format format,
    const struct terminal *terminal, FILE *stream)
{
	if (format == FORMAT_JSON)
		return output_end(stream, status);
	if (format == FORMAT_PROMETHEUS)
		status_print_prometheus(status, stream);
	else
		status_print_table(status, terminal, stream);
	json_decref(status);
	return output_end(stream, NULL);
}

static int
status_show(const struct wish *wish, const char *host)
{
	const struct terminal terminal = terminal_of(stdout);
	struct problem problem = { "" };
	json_t *status = status_ask(wish, terminal.is_terminal, &problem);

	if (status == NULL) {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		return EXIT_FAILED;
	}
	if (host != NULL &&
	    json_array_size(json_object_get(status, "services")) == 0) {
		(void)fprintf(stderr,
		    "pdns-tlsa: the daemon has no service of the host '%s'\n",
		    host);
		json_decref(status);
		return EXIT_FAILED;
	}
	return status_print(status, wish->format, &terminal, stdout)
		   ? EXIT_OK
		   : EXIT_FAILED;
}

/* ---- again and again ---- */

/* Who ends it by Ctrl-C has seen enough: that is no failure. */
static void
interrupted(int signal_number)
{
	(void)signal_number;
	/* Behind the ^C that the terminal shows. */
	(void)!write(STDOUT_FILENO, "\n", 1);
	_exit(EXIT_OK);
}

/* Wait, but no longer than somebody reads what is printed. */
static bool
is_read_for(int ms)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, ms) <= 0 ||
	       (out.revents & (POLLERR | POLLHUP)) == 0;
}

/*
 * In place of what was there before.  A daemon that is gone (NULL, with
 * `problem`) may come back.
 */
static bool
frame_show(json_t *status, const struct wish *wish,
    const struct terminal *terminal, const struct problem *problem)
{
	struct buf frame = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	bool is_shown = false;

	if (stream == NULL)
		abort();
	if (status != NULL)
		(void)status_print(status, wish->format, terminal, stream);
	else
		(void)fprintf(stream, "%s\n", problem->text);
	if (fclose(stream) == 0) {
		frame_add(&frame, text, len, terminal);
		is_shown = fwrite(frame.data, 1, frame.len, stdout) ==
			   frame.len;
	}
	buf_fini(&frame);
	free(text);
	return output_end(stdout, NULL) && is_shown;
}

/* Show it once more; false: `ret_status` is how it ends. */
static bool
watch_turn(const struct wish *wish, bool is_first, int *ret_status)
{
	const struct terminal terminal = terminal_of(stdout);
	struct problem problem = { "" };
	json_t *status = status_ask(wish, terminal.is_terminal, &problem);
	bool is_shown;

	*ret_status = EXIT_FAILED;
	if (status == NULL && (is_first || !terminal.is_moved)) {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		return false;
	}
	if (is_first && terminal.is_moved)
		(void)fputs("\033[2J", stdout);
	is_shown = terminal.is_moved
		       ? frame_show(status, wish, &terminal, &problem)
		       : status_print(status, wish->format, &terminal, stdout);
	if (is_shown && is_read_for(WATCH_MS))
		return true;
	/* Who has read enough of a pipe closes it. */
	if (!is_read_for(0))
		*ret_status = EXIT_OK;
	else
		log_line(LOG_LEVEL_ERROR, "standard output cannot be written");
	return false;
}

static int
status_watch(const struct wish *wish)
{
	bool is_first = true;
	int status;

	(void)signal(SIGINT, interrupted);
	(void)signal(SIGPIPE, SIG_IGN);
	while (watch_turn(wish, is_first, &status))
		is_first = false;
	return status;
}

int
command_status(const struct options *options)
{
	const char *operand = options->operand_count > 0 ? options->operands[0]
							 : NULL;
	struct wish wish = { .format = options->format };
	struct config *config;
	struct dname host;
	int status;

	if (operand != NULL &&
	    dname_parse(operand, strlen(operand), &host) != STATUS_OK) {
		(void)fprintf(
		    stderr, "pdns-tlsa: '%s' is no host name\n", operand);
		return EXIT_USAGE;
	}
	config = command_load_kept(options, NULL);
	if (config == NULL)
		return EXIT_FAILED;
	wish.path = config->control;
	wish.host = operand != NULL ? &host : NULL;
	status = options->watch ? status_watch(&wish)
				: status_show(&wish, operand);
	config_free(config);
	return status;
}
