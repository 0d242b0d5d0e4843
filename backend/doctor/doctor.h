/* SPDX-License-Identifier: MIT */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

/*
 * What the checks of `doctor` share: what we would publish, whom to ask, and
 * where findings go.  Each group of checks is a file of its own,
 * and a row of the table in commands/doctor.c, in whose order they run: later
 * ones build on what earlier ones noted here.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/texts.h"
#include "cli/finding.h"
#include "cli/working.h"
#include "config/config.h"
#include "loop/deadline.h"
#include "net/denial.h"
#include "net/dnsquery.h"
#include "net/resolver.h"
#include "store/store.h"

enum {
	DOCTOR_ASK_MS = 5000,    /* longest wait for one look-up */
	DOCTOR_DIRECT_MS = 4000, /* for one question to one server */
	DOCTOR_TOTAL_MS = 180000,
	DOCTOR_SERVICES = 100, /* looked at */
};

/* One of our zones, or one with an overlay. */
struct doctor_zone {
	const char *name; /* borrowed; with final dot */
	struct dname dname;
	const struct config_zone *config; /* NULL: overlay */
	char *subject;                    /* "zone 'NAME'" */
	/* Noted by doctor/zone.c: */
	bool is_served;    /* PowerDNS answers with authority */
	bool is_signed;    /* and with DNSKEY records */
	bool is_secure;    /* its answers validate from the anchor down */
	bool is_delegated; /* the world's answers validate */
	uint32_t serial;   /* of the SOA record served */
	struct denial denial;
	struct texts nameservers; /* as served */
};

/* One service. */
struct doctor_service {
	const struct service *service; /* borrowed */
	struct dname owner;            /* of our RRset */
	struct dname asked;            /* what clients ask for */
	char *owner_name;              /* both in presentation form */
	char *asked_name;
	char *former_name; /* where it is as well; NULL: nowhere */
	char *subject;     /* "service 'HOST PORT/TRANSPORT'" */
	struct doctor_zone *zone;
	struct texts expected; /* RDATA; empty: nothing is published */
	bool is_unknown;       /* cannot tell: lookups fail */
	bool is_right;         /* PowerDNS serves what is expected */
};

struct doctor {
	const struct config *config;
	const struct store *store;
	const char *pdns_conf; /* path */
	struct dnsserver server;
	struct findings findings;
	/* Noted by doctor/launch.c: the type of the backend that PowerDNS asks
	 * before us, owned; NULL: none, or unknown. */
	char *other_backend;
	struct doctor_zone *zones; /* owned */
	size_t zone_count;
	struct doctor_service *services; /* owned; those looked at */
	size_t service_count;
	/* NULL if there is no trust anchor: */
	struct resolver *world;  /* as everybody asks */
	struct resolver *local;  /* our zones at the PowerDNS in question */
	struct resolver *denier; /* the same, aggressive, for denials first */
	size_t questions;
	struct deadline deadline; /* of all */
	struct working working;   /* for who waits */
	bool is_silent; /* the server does not answer: nothing can be asked */
};

/* One group of checks: of everything, of one zone, or of one service. */
typedef void doctor_check(struct doctor *doctor);
typedef void doctor_zone_check(struct doctor *doctor, struct doctor_zone *zone);
typedef void doctor_service_check(
    struct doctor *doctor, struct doctor_service *service);

doctor_check doctor_conf;             /* pdns.conf */
doctor_check doctor_reports;          /* TLS reports: can they be read */
doctor_check doctor_server;           /* does it answer at all */
doctor_zone_check doctor_apex;        /* SOA, NS, delegation, signatures */
doctor_zone_check doctor_twice;       /* has another backend it as well */
doctor_zone_check doctor_denial;      /* NSEC, NSEC3, narrow */
doctor_service_check doctor_wildcard; /* that an overlay hides */
doctor_service_check doctor_rrset;    /* what is served and validated */
doctor_service_check doctor_proof;    /* do denials around it validate */
doctor_service_check doctor_survival; /* and hide nothing */
doctor_zone_check doctor_peers;       /* the other name servers */

/*
 * Fill zones and services from configuration and store, both of which must
 * outlive `doctor` as must the strings in it.
 */
void doctor_init(struct doctor *doctor, int64_t now);

/*
 * Make the resolvers; without a trust anchor a finding says so.  What
 * `origin` points to must outlive them.
 */
void doctor_resolvers(
    struct doctor *doctor, const struct resolver_origin *origin);

void doctor_fini(struct doctor *doctor);

/* Return true if the time for all is up, or the server is silent. */
bool doctor_is_over(const struct doctor *doctor);

/*
 * Ask the PowerDNS in question itself.  Returns NULL with `problem` if it does
 * not answer; else free the result with ldns_pkt_free().
 */
ldns_pkt *doctor_ask(struct doctor *doctor, const struct dname *name,
    ldns_rr_type type, enum dnsquery_transport transport,
    struct problem *problem);

/* Look up through one of the resolvers, which must not be NULL. */
void doctor_resolve(struct doctor *doctor, struct resolver *resolver,
    const struct dname *name, ldns_rr_type type, struct resolved *ret_resolved);

/*
 * Put a label in front of the last `labels` labels of `name`; a name that gets
 * too long is left as it is, and false returned.
 */
bool doctor_sibling(const struct dname *name, size_t labels, const char *label,
    struct dname *ret_name);

/* Return the parent of `name`, which must not be the root. */
struct dname doctor_parent(const struct dname *name);

#endif
