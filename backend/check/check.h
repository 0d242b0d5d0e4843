/* SPDX-License-Identifier: MIT */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

/*
 * What the parts of `check` share: the services looked at, what was found of
 * each, and with what to look.  Each group of checks is a file of its own,
 * and a row of the table in commands/check.c, in whose order they
 * run.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/texts.h"
#include "cli/finding.h"
#include "cli/working.h"
#include "config/config.h"
#include "loop/deadline.h"
#include "net/dane_verify.h"
#include "net/probe.h"
#include "net/resolver.h"
#include "net/rua.h"
#include "store/store.h"

enum {
	CHECK_ASK_MS = 5000, /* longest wait for one look-up */
	CHECK_TOTAL_MS = 180000,
	CHECK_ONLINE = 100,   /* services looked at online */
	CHECK_ADDRESSES = 32, /* of one host */
	CHECK_MX = 16,        /* hosts of one mail domain */
	CHECK_RECORDS = 12,   /* what Exchange Online can read */
};

/* What one address presented with one kind of key. */
struct check_probe {
	struct probe probe;
	bool is_judged;
	enum dane_outcome outcome;     /* against the RRset of the DNS */
	int usage;                     /* of the record that matched, or -1 */
	uint8_t leaf[32];              /* SHA-256 of it */
	const struct lineage *lineage; /* that has it, or NULL */
	bool is_stale;                 /* but a newer one is served */
};

/* One host, port and transport. */
struct check_service {
	const struct service *service; /* NULL: we do not publish it */
	struct service_view view;      /* empty then */
	struct port port;
	const char *domain;    /* whose MX host it is, or NULL; borrowed */
	char *host;            /* with final dot */
	char *base;            /* TLSA base domain (RFC 7671 s7); the SNI */
	char *subject;         /* "service 'HOST PORT/TRANSPORT'" */
	struct dname name;     /* of the host */
	struct texts expected; /* RDATA that we publish */
	int64_t expires;       /* the first of its leafs; INT64_MAX: none */
	struct findings findings;
	/* Online only: */
	bool is_online;
	const char *dns;    /* "secure", ..., NULL: not looked up */
	bool is_secure;     /* the RRset counts for clients */
	struct texts found; /* RDATA that the DNS has */
	struct dname asked; /* for which TLSA RRset */
	struct dname owner; /* where CNAMEs led */
	struct texts addresses;
	struct check_probe *probes; /* owned */
	size_t probe_count;
};

/* Whom a mail domain asks to be told, as far as was looked up. */
struct check_report {
	char *domain; /* owned, with final dot */
	enum rua rua;
};

struct check {
	const struct config *config;
	const struct store *store;
	int64_t now;      /* seconds since 1970 */
	int64_t warning;  /* seconds before expiry; -1: by the lifetime */
	int64_t critical; /* likewise */
	bool is_online;
	bool is_glance; /* see check_glance() */
	char *domain;   /* the operand, if it is a mail domain; owned */
	struct dnsserver server; /* who is asked about our zones, if anybody */
	struct resolver *resolver;      /* NULL: offline, or no trust anchor */
	struct check_service *services; /* owned */
	size_t service_count;
	struct check_report *reports; /* owned; online only */
	size_t report_count;
	struct findings findings; /* about no service */
	struct deadline deadline; /* of all */
	struct working working;   /* for who waits */
};

/* One group of checks of a service; the other kind is of all. */
typedef void check_service_fn(
    struct check *check, struct check_service *service);
typedef void check_fn(struct check *check);

check_fn check_config;           /* what is wrong with the file */
check_fn check_sources;          /* sources that cannot be read */
check_fn check_issuers;          /* issuer sets that are old */
check_fn check_mailbox;          /* TLS reports that we may not read */
check_fn check_unread;           /* lineages of which nobody knows whose */
check_service_fn check_records;  /* what is published */
check_service_fn check_lineages; /* what is wrong with them */
check_service_fn check_named;    /* are there all that it names */
check_service_fn check_chains;   /* files against records */
check_service_fn check_expiry;
check_service_fn check_senders; /* do those still send who did */
check_service_fn check_protection;
check_service_fn check_tlsa;        /* online: what clients look up */
check_service_fn check_nameservers; /* do all say the same */
check_service_fn check_served;      /* what servers present */
check_service_fn check_reports;     /* who is told when they are refused */

/*
 * Add the services of the host, or all if it is NULL.  A name that has none is
 * looked up, if there is a resolver: the services are then those of its MX
 * hosts, or, without MX records, its own on port 25.
 */
void check_select(struct check *check, const struct dname *host);

/* Add our service number `at` of the store. */
void check_add(struct check *check, size_t at);

/*
 * Begin with nothing looked at, neither online nor with limits of expiry; end
 * with check_fini().
 */
void check_init(struct check *check, const struct config *config,
    const struct store *store, int64_t now);

/*
 * Add our service number `at`, and find what memory tells of it: neither disk
 * nor network is asked.  For who answers, and must not wait.
 */
void check_glance(struct check *check, size_t at);

void check_fini(struct check *check);

/* Look up; check->resolver must not be NULL. */
void check_resolve(struct check *check, const struct dname *name,
    ldns_rr_type type, struct resolved *ret_resolved);

/* Is there a record of the usage, '0' to '3'? */
bool check_has_usage(const struct texts *rrset, char usage);

/*
 * Verify a chain by the records in `rrset`, or by those of certain usages
 * (NULL: all).
 */
struct dane_verdict check_verify(const struct check *check,
    const struct check_service *service, STACK_OF(X509) * chain,
    const struct texts *rrset, const char *usages);

/*
 * Print all; returns the exit status of pdns-tlsa(8), EXIT_UNKNOWN also if
 * the stream refused something.
 */
int check_print(const struct check *check, enum format format,
    int64_t duration_ms, FILE *stream);

#endif
