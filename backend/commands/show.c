/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "look/look.h"
#include "look/show.h"
#include "loop/log.h"

/* Return true if the operand names no host, or this service's. */
static bool
is_wanted(const struct service *service, const struct dname *host)
{
	struct dname own;

	return host == NULL ||
	       (dname_parse(service->config->host,
		    strlen(service->config->host), &own) == STATUS_OK &&
		   dname_equal(host, &own));
}

static int
show_services(const struct store *store, const struct options *options,
    const struct dname *host)
{
	int64_t now = (int64_t)time(NULL);
	struct show show;
	size_t shown = 0;

	show_begin(&show, store, now, options->format, stdout);
	for (size_t i = 0; i < store_service_count(store); i++) {
		struct service_view view;

		if (!is_wanted(store_service(store, i), host))
			continue;
		store_view(store, i, now, &view);
		show_service(&show, &view);
		service_view_fini(&view);
		shown++;
	}
	if (!show_end(&show))
		return EXIT_FAILED;
	if (shown == 0 && host != NULL) {
		(void)fprintf(stderr,
		    "pdns-tlsa: no service of the host '%s' "
		    "in %s\n",
		    options->operands[0], options->config);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

int
command_show(const struct options *options)
{
	const char *operand = options->operand_count > 0 ? options->operands[0]
							 : NULL;
	struct config *config;
	struct dname host;
	struct look look;
	int status;

	if (operand != NULL &&
	    dname_parse(operand, strlen(operand), &host) != STATUS_OK) {
		(void)fprintf(
		    stderr, "pdns-tlsa: '%s' is no host name\n", operand);
		return EXIT_USAGE;
	}
	config = command_load(options);
	if (config == NULL)
		return EXIT_FAILED;
	/* What matters is on standard output; the log tells of trouble. */
	log_set_level(LOG_LEVEL_WARNING);
	look_begin(&look, config);
	status = show_services(
	    look_store(&look), options, operand != NULL ? &host : NULL);
	look_end(&look);
	return status;
}
