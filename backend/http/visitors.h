/* SPDX-License-Identifier: MIT */
#ifndef HTTP_VISITORS_H
#define HTTP_VISITORS_H

/* Who may connect, ask and look, and how the log calls him.  Threads: one. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/address.h"
#include "config/config.h"

enum { VISITORS_TEXT = 64 };

struct networks {
	struct network *list; /* owned */
	size_t count;
};

/* None of both: everybody may all. */
struct visitors {
	struct networks allow;   /* may ask, and look */
	struct networks viewers; /* may look */
};

/* As the configuration says.  End it with visitors_fini(). */
void visitors_init(struct visitors *visitors, const struct config *config);
void visitors_fini(struct visitors *visitors);

/* Return true if he may connect; that he may not is logged. */
bool visitors_hold(
    const struct visitors *visitors, const struct sockaddr *peer);

/* Return true if he may ask what PowerDNS asks, who may connect. */
bool visitors_may_ask(
    const struct visitors *visitors, const struct sockaddr *peer);

/*
 * Write his address, which is not looked up, or what has none, with a NUL, to
 * ret_text of VISITORS_TEXT octets.
 */
void visitors_text(const struct sockaddr *peer, char *ret_text);

#endif
