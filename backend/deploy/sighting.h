/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_SIGHTING_H
#define DEPLOY_SIGHTING_H

/*
 * Whether every name server of a service's zone answers an RRset that a
 * generation matches: resolvers ask any of them, and one that lags behind
 * answers what was before.  Blocks, for a minute at most.
 * Threads: one at a time.
 */

#include <jansson.h>

#include "base/status.h"
#include "base/texts.h"
#include "deploy/newest.h"
#include "net/resolver.h"

enum sighted {
	SIGHTED_ALL,
	SIGHTED_BEHIND, /* one does not serve it, or does not answer */
	SIGHTED_LOST,   /* nobody can say who they are */
};

/* What to look at, all of it borrowed. */
struct sighting_wish {
	const struct newest *newest;
	const struct resolver_origin *origin;
	const char *host; /* of the service */
	unsigned port;
	const char *transport;
	const char *owner; /* where we serve it; with final dot */
	/* Where we do as well, for a CNAME of before; NULL: nowhere. */
	const char *former;
	/* One that does not answer is passed over, if another one does. */
	bool is_lenient;
};

struct sighting {
	enum sighted sighted;
	size_t hosts;           /* name servers that the zone has; 0: unknown */
	bool is_unreached;      /* nobody answers in this network */
	struct texts rrset;     /* SIGHTED_ALL: the RRs that all answer */
	char *zone;             /* whose name servers they are; NULL: unknown */
	json_t *servers;        /* what each serves, as control/control.h has
				   it; NULL with `zone` */
	struct texts silent;    /* those that were passed over, in words */
	struct problem problem; /* why not SIGHTED_ALL */
};

/* Ask them once.  End *ret_sighting with sighting_fini(). */
void sighting_take(
    const struct sighting_wish *wish, struct sighting *ret_sighting);

void sighting_fini(struct sighting *sighting);

#endif
