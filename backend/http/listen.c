/* SPDX-License-Identifier: MIT */
#include "http/listen.h"

#include <stdlib.h>

#include "loop/log.h"
#include "mhd.h"

static bool
has_own_keys(const struct config *config)
{
	for (size_t i = 0; i < config->zone_count; i++)
		if (config->zones[i].dnssec == ZONE_DNSSEC_SELF)
			return true;
	return false;
}

static void
note_unwanted(void)
{
	if (listener_is_passed(LISTENER_HTTP))
		log_line(LOG_LEVEL_WARNING,
		    "http: systemd listens for it, and the configuration has "
		    "none, so that nobody is answered there; add 'http', or "
		    "systemctl disable --now pdns-tlsa-http.socket");
}

static void
note_failed(const struct problem *problem)
{
	bool is_unit = getenv("NOTIFY_SOCKET") != NULL;

	log_line(LOG_LEVEL_ERROR,
	    "%s; PowerDNS's http connector gets no answer%s", problem->text,
	    is_unit ? "; our unit may not make that socket: systemctl enable "
		      "pdns-tlsa-http.socket, and restart"
		    : "");
}

static void
note_begun(const struct config *config, const struct listener *listener,
    const struct endpoint *endpoint)
{
	const char *wanted = config->http_listen;

	log_line(LOG_LEVEL_NOTICE, "http: listening at %s", wanted);
	if (endpoint == NULL)
		return;
	if (!listener_is_at(listener, endpoint))
		log_line(LOG_LEVEL_WARNING,
		    "http: systemd listens elsewhere than at %s; systemctl "
		    "edit pdns-tlsa-http.socket",
		    wanted);
	if (has_own_keys(config))
		log_line(LOG_LEVEL_WARNING,
		    "http: who can connect to %s can ask for the private keys "
		    "of zones with 'dnssec: self'",
		    wanted);
}

void
http_listen(const struct config *config, struct listener *ret_listener)
{
	struct endpoint endpoint;
	struct listener_wish wish = { .path = config->http_listen,
		.mode = config->listen_mode,
		.group = config->listen_group,
		.key = "http: listen",
		.passed = LISTENER_HTTP };
	struct problem problem = { "" };

	*ret_listener = (struct listener){ -1, -1, NULL };
	if (wish.path == NULL) {
		note_unwanted();
		return;
	}
	if (endpoint_parse(wish.path, &endpoint))
		wish.endpoint = &endpoint;
	if (mhd_load(&problem) &&
	    listener_open(&wish, ret_listener, &problem) == STATUS_OK)
		note_begun(config, ret_listener, wish.endpoint);
	else
		note_failed(&problem);
}
