/* SPDX-License-Identifier: MIT */
#ifndef NET_CONTEXT_H
#define NET_CONTEXT_H

/*
 * Contexts of libunbound made alike, each with an empty cache.
 * Threads: one at a time.
 */

#include <unbound.h>

#include "base/status.h"
#include "dns/dname.h"
#include "net/options.h"

/*
 * Make one.  Returns NULL with `problem` if libunbound refuses something; else
 * end it with ub_ctx_delete().
 */
struct ub_ctx *resolver_context_new(
    const struct resolver_options *options, struct problem *problem);

/*
 * Switch libunbound's own zones off that `name` lies in: test, invalid, onion,
 * home.arpa, those of private addresses and whatever else it denies without
 * asking anybody (RFC 6303, RFC 6761).
 */
void resolver_context_unblock(struct ub_ctx *context, const struct dname *name);

/*
 * Return the name that the trust anchor file at `path` has an anchor for, and
 * that is the closest above `name` or `name` itself; the root if there is none.
 */
struct dname resolver_context_anchor(
    const char *path, const struct dname *name);

#endif
