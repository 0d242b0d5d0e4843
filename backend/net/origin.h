/* SPDX-License-Identifier: MIT */
#ifndef NET_ORIGIN_H
#define NET_ORIGIN_H

/*
 * Where look-ups begin, as the command line has it: --trust-anchor,
 * --root-hints and --forward.
 * Threads: one at a time.
 */

#include "cli/command.h"
#include "cli/finding.h"
#include "net/resolver.h"

struct origin {
	struct dnsserver forward;
	/* Points here and into the options. */
	struct resolver_origin resolver;
};

/*
 * Read the options.  False, and has said so on standard error, if --forward is
 * no address, or --root-hints no file of them.  *ret_origin must stay where it
 * is.
 */
bool origin_read(const struct options *options, struct origin *ret_origin);

/* Make a resolver; what hinders that is a finding, and NULL returned. */
struct resolver *origin_resolver(
    const struct resolver_options *options, struct findings *findings);

/*
 * Is the file at `path` one of root hints: NS records of the root, and an
 * address of at least one of those name servers?  False with `problem`.
 */
bool origin_hints(const char *path, struct problem *problem);

#endif
