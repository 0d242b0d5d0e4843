/* SPDX-License-Identifier: MIT */
#include "visitors.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "loop/log.h"

static void
networks_init(struct networks *networks, char *const *texts, size_t count)
{
	*networks = (struct networks){ .list = mem_array(
					   count, sizeof(*networks->list)) };
	for (size_t i = 0; i < count; i++)
		networks->count += network_parse(
		    texts[i], &networks->list[networks->count]);
}

static bool
networks_hold(const struct networks *networks, const struct sockaddr *peer)
{
	for (size_t i = 0; i < networks->count; i++)
		if (network_holds(&networks->list[i], peer))
			return true;
	return false;
}

void
visitors_init(struct visitors *visitors, const struct config *config)
{
	networks_init(
	    &visitors->allow, config->http_allow, config->http_allow_count);
	networks_init(&visitors->viewers, config->http_viewers,
	    config->http_viewer_count);
}

void
visitors_fini(struct visitors *visitors)
{
	free(visitors->allow.list);
	free(visitors->viewers.list);
}

void
visitors_text(const struct sockaddr *peer, char *ret_text)
{
	static const char none[] = "a unix socket";
	socklen_t len = peer->sa_family == AF_INET6
			    ? sizeof(struct sockaddr_in6)
			    : sizeof(struct sockaddr_in);
	int error = EAI_FAMILY;

	if (peer->sa_family == AF_INET || peer->sa_family == AF_INET6)
		error = getnameinfo(peer, len, ret_text, VISITORS_TEXT, NULL, 0,
		    NI_NUMERICHOST);
	if (error != 0)
		memcpy(ret_text, none, sizeof(none));
}

bool
visitors_may_ask(const struct visitors *visitors, const struct sockaddr *peer)
{
	return visitors->allow.count + visitors->viewers.count == 0 ||
	       networks_hold(&visitors->allow, peer);
}

bool
visitors_hold(const struct visitors *visitors, const struct sockaddr *peer)
{
	char text[VISITORS_TEXT];

	if (visitors_may_ask(visitors, peer) ||
	    networks_hold(&visitors->viewers, peer))
		return true;
	visitors_text(peer, text);
	log_line(LOG_LEVEL_WARNING,
	    "http: %s may not connect; if it should, add it to 'allow' of "
	    "'http'",
	    text);
	return false;
}
