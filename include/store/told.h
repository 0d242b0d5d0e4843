/* SPDX-License-Identifier: MIT */
#ifndef STORE_TOLD_H
#define STORE_TOLD_H

/*
 * What the store is told of lineages, and of the sources that they lie in.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pki/chain.h"
#include "pki/lineage.h"

struct store;

/*
 * `chain` (one reference passes), read from `file`, is the current generation
 * of the lineage.  Ends its problem and its deletion.  Returns true if it
 * differs from the one known before.
 */
bool store_set_chain(struct store *store, unsigned source, const char *name,
    struct chain *chain, const char *file, const struct fingerprint *print,
    int64_t now);

/*
 * An earlier generation was found that was current from `since` until
 * `replaced`; a reference of `chain` passes.  For a lineage without a record:
 * the caller adds them after the current one, newest first.
 */
void store_add_past(struct store *store, unsigned source, const char *name,
    struct chain *chain, int64_t since, int64_t replaced);

/*
 * What the renewal file says; `plan` is taken over and emptied.  With it the
 * lineage has been looked at, and is provisional no longer.
 */
void store_set_plan(struct store *store, unsigned source, const char *name,
    struct renewal_plan *plan);

/*
 * The keys that are staged; ownership of the array passes.  A chain that was
 * staged and is no longer is retained like a generation replaced at `now`.
 * Returns true if they differ from those known before.
 */
bool store_set_next(struct store *store, unsigned source, const char *name,
    struct next_key *next, size_t count, int64_t now);

/*
 * What else the file of the chain holds, or what is odd about where it lies;
 * NULL: nothing.  Both return true if it is worth a line in the log: there is
 * something that was not there.
 */
bool store_set_remark(
    struct store *store, unsigned source, const char *name, const char *remark);
bool store_set_warning(struct store *store, unsigned source, const char *name,
    const char *warning);

/*
 * The lineage exists, but cannot be read or used: `problem` says why.  Its
 * generations stay.  Returns true if it had no problem before.
 */
bool store_set_problem(struct store *store, unsigned source, const char *name,
    const char *problem);

/*
 * The lineage was deliberately deleted at `now`; it leaves the RRsets when
 * they have retained it long enough.  Returns false if it is not known or
 * known to be deleted.
 */
bool store_set_deleted(
    struct store *store, unsigned source, const char *name, int64_t now);

/*
 * The servers of a place present this leaf from `now` on; see pki/lineage.h.
 * If `is_unsure`, some may have been told before: then what they had is served
 * for a TTL more.  Returns false if the lineage is not known, or that is known.
 */
bool store_set_deployed(struct store *store, unsigned source, const char *name,
    const struct deployed *deployed, bool is_unsure, int64_t now);

/*
 * The whole source cannot be read (`problem`), or can again (NULL).  Returns
 * true if that is new.
 */
bool store_set_source_problem(
    struct store *store, unsigned source, const char *problem);

#endif
