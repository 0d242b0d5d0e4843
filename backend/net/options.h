/* SPDX-License-Identifier: MIT */
#ifndef NET_OPTIONS_H
#define NET_OPTIONS_H

/* How look-ups are made.  Everything is borrowed. */

#include <stdbool.h>
#include <stddef.h>

#include "net/dnsquery.h"

/* A zone whose questions go to one server, and not where it is delegated. */
struct resolver_stub {
	const char *zone; /* presentation form */
	struct dnsserver server;
};

/* Where all look-ups begin. */
struct resolver_origin {
	const char *trust_anchor; /* a file of DS or DNSKEY records */
	const char *root_hints;   /* a file; NULL: those of the Internet */
	/* A resolver that is asked instead of name servers, or NULL. */
	const struct dnsserver *forward;
};

struct resolver_options {
	struct resolver_origin origin;
	const struct resolver_stub *stubs;
	size_t stub_count;
	bool is_aggressive; /* answers from cached denials (RFC 8198) */
};

#endif
