/* SPDX-License-Identifier: MIT */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

/*
 * Validated look-ups (RFC 4033) through libunbound, from the root down, with
 * minimised questions and what is below an NXDOMAIN denied, as resolvers of
 * today do.  Blocks, but never longer than it is told.
 * Threads: one at a time.
 */

#include <ldns/rr.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/texts.h"
#include "dns/dname.h"
#include "config/config.h"
#include "loop/deadline.h"
#include "net/dnsquery.h"

struct resolver;

/* Where all look-ups begin.  Everything is borrowed. */
struct resolver_origin {
	const char *trust_anchor; /* a file of DS or DNSKEY records */
	const char *root_hints;   /* a file; NULL: those of the Internet */
	/* A resolver that is asked instead of name servers, or NULL. */
	const struct dnsserver *forward;
};

/* How look-ups are made.  Likewise. */
struct resolver_options {
	struct resolver_origin origin;
	/*
	 * Who is asked about the zones of `config`, instead of those they are
	 * delegated to; NULL: nobody.
	 */
	const struct dnsserver *server;
	const struct config *config;
	bool is_aggressive; /* answers from cached denials (RFC 8198) */
};

/*
 * Return the path of a trust anchor: `wanted` itself, or else the system's:
 * the first that can be read, or the one that should be there.
 */
const char *resolver_anchor(const char *wanted);

/*
 * Make a resolver with an empty cache.  Returns NULL with `problem` if the
 * trust anchor cannot be read, or libunbound refuses something.  The options
 * are copied, but what they point to must outlive it.
 */
struct resolver *resolver_new(
    const struct resolver_options *options, struct problem *problem);

void resolver_free(struct resolver *resolver);

/* What there is, as far as can be told. */
enum resolved_what {
	RESOLVED_DATA,
	RESOLVED_NODATA,   /* the name exists, without this type */
	RESOLVED_NXDOMAIN, /* the name does not exist */
	RESOLVED_BOGUS,    /* a signature or proof is wrong or missing */
	RESOLVED_FAILED,   /* no answer that can be used, or be judged */
	RESOLVED_TIMEOUT,  /* or cut off, see RESOLVER_PATIENCE */
};

struct resolved {
	enum resolved_what what;
	bool is_secure;         /* data or denial are validated */
	struct dname canonical; /* where CNAMEs led, or what was asked for */
	struct texts rdata;     /* RESOLVED_DATA; see packet_rdata() */
	struct problem reason;  /* RESOLVED_BOGUS, _FAILED, _TIMEOUT */
};

/* Who was not answered so often in a row is cut off, and asks no more. */
enum { RESOLVER_PATIENCE = 3 };

/*
 * Look `type` at `name` up, until `deadline`; through CNAMEs, unless one is
 * asked for.  Always fills *ret_resolved, which ends with
 * resolved_fini().
 *
 * What fails or is bogus is asked again, with nothing in the cache: a name
 * server that has just lost its backend fails once.  It counts as bogus only
 * if the trust anchor itself validates, and every DS record on the way down is
 * answered, which may take as long again (deadline->ms): libunbound says bogus
 * also where it reached none of those who could tell.
 */
void resolver_ask(struct resolver *resolver, const struct dname *name,
    ldns_rr_type type, const struct deadline *deadline,
    struct resolved *ret_resolved);

void resolved_fini(struct resolved *resolved);

/* Return "secure", "insecure, NXDOMAIN", "bogus", ... */
const char *resolved_text(const struct resolved *resolved);

#endif
