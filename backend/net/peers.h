/* SPDX-License-Identifier: MIT */
#ifndef NET_PEERS_H
#define NET_PEERS_H

/*
 * The name servers of a zone, each asked by itself at port 53, for those who
 * want to know whether all of them say the same: `doctor`, `check` and `wait`.
 * Those of an address family that this machine has no route for are left out.
 * Blocks.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/texts.h"
#include "cli/finding.h"
#include "loop/deadline.h"
#include "net/dnsquery.h"
#include "net/resolver.h"

enum {
	PEERS_ASK_MS = 5000,    /* longest wait for a look-up */
	PEERS_DIRECT_MS = 4000, /* for one question to one server */
};

/* One address of one name server. */
struct peer {
	struct dnsserver server;
	char *host;     /* with final dot */
	char *subject;  /* "name server 'HOST' (ADDRESS) of zone 'ZONE'" */
	bool is_silent; /* set by who asked it in vain; false */
	/* Noted by peers_zone(): */
	bool is_served; /* it answers for the zone, with authority */
	uint32_t serial;
};

struct peers {
	const struct dname *zone; /* borrowed */
	const char *zone_name;    /* borrowed; with final dot */
	struct peer *list;        /* owned */
	size_t count;
	size_t questions;         /* asked by now */
	struct deadline deadline; /* of all */
};

/*
 * Find the addresses of the name servers in `hosts`, as the world knows them;
 * a server without any is a finding.  `findings` may be NULL.
 */
void peers_find(struct peers *peers, struct resolver *world,
    const struct texts *hosts, struct findings *findings);

/* Leave one address out. */
void peers_leave_out(struct peers *peers, const char *address);

void peers_fini(struct peers *peers);

/*
 * Ask each for the SOA record and note what it says; one that does not serve
 * the zone is a finding.  One that was silent before is not asked again.
 */
void peers_zone(struct peers *peers, struct findings *findings);

/*
 * Compare the serial of each with `serial`, that of `whose` ("PowerDNS"), and
 * add what differs to `findings`.
 */
void peers_serials(const struct peers *peers, uint32_t serial,
    const char *whose, struct findings *findings);

/* Find the newest serial of all (RFC 1982); false if there is none. */
bool peers_newest(const struct peers *peers, uint32_t *ret_serial);

/*
 * Ask the peer for the TLSA RRset at `owner`; one that fails or denies it has
 * an empty one.  False with `problem` if it does not answer, or refers to
 * others.
 */
bool peers_rrset(struct peers *peers, const struct peer *peer,
    const struct dname *owner, struct texts *ret_rrset,
    struct problem *problem);

/*
 * Likewise; one that answers for the zone and not for this, as behind what
 * drops questions that it does not know, is a finding, and no longer served.
 */
bool peers_served(struct peers *peers, struct peer *peer,
    const struct dname *owner, struct texts *ret_rrset,
    struct findings *findings);

/*
 * Find the zone that `name` lies in, through `world`: its apex, its name
 * servers.  False with `problem` if it cannot
 * be told.
 */
bool peers_apex(struct resolver *world, const struct dname *name,
    struct dname *ret_apex, struct texts *ret_hosts, struct problem *problem);

#endif
